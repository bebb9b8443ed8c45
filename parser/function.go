package parser

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// function is what the parser knows of one function.
type function struct {
	name      string
	aggregate bool   // over lines; else of one line
	number    bool   // what it gives is a number, or null
	min, max  int    // arguments; max 0: any number
	form      string // how it is called, where the number of arguments does not say it; "" it does
	literals  string // for each argument: v any value, r a regular expression, t a text, n a whole number, p a share from 0 to 1, u a unit of time. Missing: v
}

// functions is the table of all functions.
func functions() []function {
	return []function{
		{name: "count", aggregate: true, number: true, min: 1, max: 1, form: "count(*) counts lines"},
		{name: "sum", aggregate: true, number: true, min: 1, max: 1},
		{name: "min", aggregate: true, number: true, min: 1, max: 1},
		{name: "max", aggregate: true, number: true, min: 1, max: 1},
		{name: "avg", aggregate: true, number: true, min: 1, max: 1},
		{name: "last", aggregate: true, min: 1, max: 1},
		{name: "len", aggregate: true, number: true, min: 1, max: 1},
		{name: "stddev", aggregate: true, number: true, min: 1, max: 1},
		{name: "variance", aggregate: true, number: true, min: 1, max: 1},
		{name: "first", aggregate: true, min: 1, max: 1},
		{name: "any", aggregate: true, min: 1, max: 1},
		{name: "arg_min", aggregate: true, min: 2, max: 2, form: "arg_min(x, by)"},
		{name: "arg_max", aggregate: true, min: 2, max: 2, form: "arg_max(x, by)"},
		{name: "string_agg", aggregate: true, min: 2, max: 2, form: `string_agg(x, ", ")`, literals: "vt"},
		{name: "percentile", aggregate: true, number: true, min: 1, max: 2, form: "percentile(x, 0.99), or percentile(x) for the rank among groups", literals: "vp"},
		{name: "ratio_to_total", aggregate: true, number: true, min: 1, max: 1},
		{name: "percentage", aggregate: true, number: true, min: 1, max: 1},
		{name: "rate", aggregate: true, number: true, min: 1, max: 1},
		{name: "delta", aggregate: true, number: true, min: 1, max: 1},
		{name: "p50", aggregate: true, number: true, min: 1, max: 1},
		{name: "p90", aggregate: true, number: true, min: 1, max: 1},
		{name: "p95", aggregate: true, number: true, min: 1, max: 1},
		{name: "p99", aggregate: true, number: true, min: 1, max: 1},
		{name: "median", aggregate: true, number: true, min: 1, max: 1},
		{name: "topk", aggregate: true, min: 2, max: 2, form: "topk(x, 10)", literals: "vn"},
		{name: "histogram", aggregate: true, min: 1, max: 1},
		{name: "approx_distinct", aggregate: true, number: true, min: 1, max: 1},
		{name: "approx_percentile", aggregate: true, number: true, min: 2, max: 2, form: "approx_percentile(x, 0.99)", literals: "vp"},
		{name: "md5sum", min: 1, max: 1},
		{name: "maskdigits", min: 1, max: 1},
		{name: "pattern", min: 1, max: 1},
		{name: "lower", min: 1, max: 1},
		{name: "upper", min: 1, max: 1},
		{name: "trim", min: 1, max: 2, form: `trim(x) or trim(x, "characters")`},
		{name: "length", number: true, min: 1, max: 1},
		{name: "hash", number: true, min: 1, max: 1},
		{name: "substr", min: 2, max: 3, form: "substr(x, start) or substr(x, start, length)"},
		{name: "replace", min: 3, max: 3, form: "replace(x, from, to)"},
		{name: "split_part", min: 3, max: 3, form: "split_part(x, separator, n)"},
		{name: "regexp_extract", min: 2, max: 3, form: `regexp_extract(x, "expression") or regexp_extract(x, "expression", group)`, literals: "vrn"},
		{name: "regexp_replace", min: 3, max: 3, form: `regexp_replace(x, "expression", "replacement")`, literals: "vrt"},
		{name: "coalesce", min: 1},
		{name: "nullif", min: 2, max: 2, form: "nullif(x, y)"},
		{name: "abs", number: true, min: 1, max: 1},
		{name: "round", number: true, min: 1, max: 2, form: "round(x) or round(x, digits)"},
		{name: "floor", number: true, min: 1, max: 1},
		{name: "ceil", number: true, min: 1, max: 1},
		{name: "bucket", number: true, min: 2, max: 2, form: "bucket(x, width)"},
		{name: "epoch", number: true, min: 1, max: 1},
		{name: "date_trunc", min: 2, max: 2, form: `date_trunc("hour", x)`, literals: "u"},
		{name: "strftime", min: 2, max: 2, form: `strftime("%Y-%m-%d", x)`, literals: "t"},
		{name: "json_get", min: 2, max: 2, form: `json_get(x, "path.to[0].value")`, literals: "vt"},
		{name: "url_host", min: 1, max: 1},
		{name: "url_path", min: 1, max: 1},
		{name: "url_param", min: 2, max: 2, form: "url_param(x, name)"},
		{name: "ip_mask", min: 2, max: 3, form: "ip_mask(x, bits) or ip_mask(x, bits, bits of IPv6)"},
	}
}

func lookup(name string) (function, bool) {
	for _, f := range functions() {
		if f.name == name {
			return f, true
		}
	}
	return function{}, false
}

func functionNames() []string {
	var names []string
	for _, f := range functions() {
		names = append(names, f.name)
	}
	return names
}

func (f function) takes(args int) bool { return args >= f.min && (f.max == 0 || args <= f.max) }

// arity says how many arguments a function takes.
func (f function) arity() string {
	switch {
	case f.min == 1 && f.max == 1:
		return "one argument"
	case f.max == 0:
		return fmt.Sprintf("%d arguments or more", f.min)
	case f.min == f.max:
		return fmt.Sprintf("%d arguments", f.min)
	}
	return fmt.Sprintf("%d to %d arguments", f.min, f.max)
}

// usage is a hint for who called it otherwise; "" none is needed.
func (f function) usage() string { return f.form }

// checkArgument checks an argument that must be a literal.
func checkArgument(q *Query, f function, i int, arg Expr) *Error {
	if i >= len(f.literals) {
		return nil
	}
	switch s, isText := arg.(*String); f.literals[i] {
	case 'r':
		if !isText {
			return q.Errorf(arg.Pos(), f.form, "expected a regular expression in quotes")
		}
		return checkPattern(q, s)
	case 't':
		if !isText {
			return q.Errorf(arg.Pos(), f.form, "expected a text in quotes")
		}
	case 'u':
		if !isText || !slices.Contains(timeUnits(), s.Value) {
			return q.Errorf(arg.Pos(), f.form, "expected one of %s in quotes", strings.Join(timeUnits(), ", "))
		}
	case 'n':
		if n, ok := arg.(*Number); !ok || strings.Trim(n.Text, "0123456789") != "" {
			return q.Errorf(arg.Pos(), f.form, "expected a whole number")
		}
	case 'p':
		if !isShare(arg) {
			return q.Errorf(arg.Pos(), f.form, "expected a share from 0 to 1")
		}
	}
	return nil
}

// isShare tells whether an argument is a number from 0 to 1.
func isShare(arg Expr) bool {
	n, ok := arg.(*Number)
	if !ok || n.Unit() != "" {
		return false
	}
	share, err := strconv.ParseFloat(n.Text, 64)
	return err == nil && share >= 0 && share <= 1
}

func timeUnits() []string {
	return []string{"second", "minute", "hour", "day", "week", "month", "year"}
}

// Aggregate tells whether the call is of an aggregate, which takes the lines of
// a whole group, and not of a function of one line.
func (e *Call) Aggregate() bool {
	f, _ := lookup(e.Func)
	return f.aggregate
}

// OverGroups tells whether the aggregate compares a group's sum with others: of
// all groups, or of the window before.
func (e *Call) OverGroups() bool {
	switch e.Func {
	case "ratio_to_total", "percentage", "rate", "delta":
		return true
	}
	return e.Func == "percentile" && len(e.Args) == 1
}

// IsNumber tells whether what the call gives is a number, or null. A bucket of a
// length of time can be an instant.
func (e *Call) IsNumber() bool {
	f, _ := lookup(e.Func)
	if e.Func == "bucket" && len(e.Args) == 2 {
		width, ok := e.Args[1].(*Number)
		return !ok || width.Unit() != Seconds
	}
	return f.number
}

// HasAggregate tells whether an aggregate is called anywhere in an expression,
// which may be nil.
func HasAggregate(e Expr) bool { return firstAggregate(e) != nil }

func firstAggregate(e Expr) *Call {
	if call, ok := e.(*Call); ok && call.Aggregate() {
		return call
	}
	for _, x := range children(e) {
		if call := firstAggregate(x); call != nil {
			return call
		}
	}
	return nil
}
