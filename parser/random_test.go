package parser

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestRoundTrip writes random queries and reads them again.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := queries().Draw(t, "query")
		testRoundTrip(t, q)
	})
}

// queries generates everything that Parse can give.
func queries() *rapid.Generator[*Query] {
	return rapid.Custom(func(t *rapid.T) *Query {
		q := &Query{
			Explain:  rapid.Bool().Draw(t, "explain"),
			Distinct: rapid.Bool().Draw(t, "distinct"),
			Select:   rapid.SliceOfNDistinct(items(), 1, 4, Item.Title).Draw(t, "select"),
			From:     rapid.OneOf(rapid.SampledFrom([]string{"", "*", ".", "STATS", "SELECT"}), rapid.StringMatching(`[A-Z .-]+`)).Draw(t, "from"),
			Format:   rapid.SampledFrom(append(Formats(), "")).Draw(t, "format"),
			Set:      rapid.SliceOfN(assigns(), 0, 2).Draw(t, "set"),
			GroupBy:  rapid.SliceOfN(values(2, false), 0, 2).Draw(t, "group"),
			OrderBy:  rapid.SliceOfN(orders(), 0, 2).Draw(t, "order"),
			Limit:    rapid.IntRange(-1, 1e9).Draw(t, "limit"),
			Interval: time.Duration(rapid.Int64Range(0, 1e10).Draw(t, "interval")) * time.Millisecond,
			Outfile:  Outfile{Path: rapid.String().Draw(t, "path")},
		}
		if q.Format == "regex" {
			q.Pattern = rapid.SampledFrom([]string{`(?P<a>\S+)`, `^"(?<a>\\)'(?P<b>.)`}).Draw(t, "pattern")
		}
		if rapid.Bool().Draw(t, "has parse") {
			q.Parse = parsings().Draw(t, "parse")
		}
		q.Outfile.Append = q.Outfile.Path != "" && rapid.Bool().Draw(t, "append")
		if rapid.Bool().Draw(t, "has where") {
			q.Where = conditions(3, false).Draw(t, "where")
		}
		if q.Set, q.GroupBy, q.OrderBy = orNil(q.Set), orNil(q.GroupBy), orNil(q.OrderBy); q.GroupBy != nil {
			q.Having = conditions(2, true).Draw(t, "having")
		} else {
			q.GroupAll = rapid.Bool().Draw(t, "group by all")
		}
		if q.Limit >= 0 {
			q.Offset = rapid.IntRange(0, 1e9).Draw(t, "offset")
		}
		return q
	})
}

// orNil makes of an empty slice the one that Parse gives.
func orNil[T any](s []T) []T {
	if len(s) == 0 {
		return nil
	}
	return s
}

func items() *rapid.Generator[Item] {
	return rapid.Custom(func(t *rapid.T) Item {
		return Item{values(3, true).Draw(t, "column"), rapid.OneOf(rapid.Just(""), names()).Draw(t, "as")}
	})
}

func parsings() *rapid.Generator[*Parsing] {
	return rapid.Custom(func(t *rapid.T) *Parsing {
		p := &Parsing{Regexp: rapid.Bool().Draw(t, "regex"), Text: "<a> - \"<b.c>\\ <_>"}
		if p.Regexp {
			p.Text = `^"(?P<a>\S+)`
		}
		if rapid.Bool().Draw(t, "has input") {
			p.Input = rapid.OneOf(values(2, false), rapid.Just(Expr(&Field{Name: "regex"})), rapid.Just(Expr(&Field{Name: "regexes"}))).Draw(t, "input")
		}
		return p
	})
}

func assigns() *rapid.Generator[Assign] {
	return rapid.Custom(func(t *rapid.T) Assign {
		return Assign{Name: variables().Draw(t, "variable"), Expr: values(2, false).Draw(t, "value")}
	})
}

func orders() *rapid.Generator[Order] {
	return rapid.Custom(func(t *rapid.T) Order {
		return Order{values(2, true).Draw(t, "key"), rapid.Bool().Draw(t, "ascending")}
	})
}

func names() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.SampledFrom([]string{"a", "like", "count", "append", "`", "``", "a b", "$x", "1", "SELECT", "x.y"}),
		rapid.StringN(1, 8, -1))
}

func variables() *rapid.Generator[string] { return rapid.StringMatching(`\$[a-zA-Z0-9_.]+`) }

func literals() *rapid.Generator[*String] {
	return rapid.Custom(func(t *rapid.T) *String {
		return &String{Value: rapid.OneOf(rapid.StringMatching(`[\\"' a]*`), rapid.String()).Draw(t, "text")}
	})
}

// values generates expressions that nest at most so deep; over groups, calls may
// be aggregates.
func values(depth int, groups bool) *rapid.Generator[Expr] {
	return rapid.Custom(func(t *rapid.T) Expr {
		number := rapid.StringMatching(`[0-9]{1,4}(\.[0-9]{1,3})?([eE][+-]?[0-9]{1,2}|ms|s|h[0-9]m|KB|GiB)?`)
		kinds := 5
		if depth > 0 {
			kinds = 12
		}
		sub := func(label string) Expr { return values(depth-1, groups).Draw(t, label) }
		switch kind := rapid.IntRange(0, kinds).Draw(t, "kind"); kind {
		case 0:
			return &Field{Name: names().Draw(t, "name")}
		case 1:
			return &Var{Name: variables().Draw(t, "variable")}
		case 2:
			return &Var{Name: "*"}
		case 3:
			return &Number{Text: number.Draw(t, "number")}
		case 4:
			return &Word{Text: rapid.SampledFrom([]string{"true", "false", "null"}).Draw(t, "word")}
		case 5:
			return literals().Draw(t, "literal")
		case 6:
			return &Unary{Op: "-", X: sub("operand")}
		case 7, 8:
			op := rapid.SampledFrom([]string{"+", "-", "*", "/", "%", "||"}).Draw(t, "operator")
			return &Binary{Op: op, L: sub("left"), R: sub("right")}
		case 9:
			return &Cast{X: sub("operand"), Type: rapid.SampledFrom(Types()).Draw(t, "type")}
		case 10:
			return cases(depth-1, groups).Draw(t, "case")
		case 11:
			return conditions(depth-1, groups).Draw(t, "condition")
		}
		return calls(depth-1, groups).Draw(t, "call")
	})
}

// calls generates calls with arguments that nest at most so deep.
func calls(depth int, groups bool) *rapid.Generator[Expr] {
	return rapid.Custom(func(t *rapid.T) Expr {
		f := rapid.SampledFrom(functions()).Filter(func(f function) bool { return groups || !f.aggregate }).Draw(t, "function")
		most := f.max
		if most == 0 {
			most = f.min + 2
		}
		e := &Call{Func: f.name, Distinct: f.name == "count" && rapid.Bool().Draw(t, "distinct")}
		for i := range rapid.IntRange(f.min, most).Draw(t, "arguments") {
			e.Args = append(e.Args, argument(f, i, values(depth, groups && !f.aggregate)).Draw(t, "argument"))
		}
		if f.aggregate && rapid.Bool().Draw(t, "has filter") {
			e.Filter = conditions(depth, false).Draw(t, "filter")
		}
		return e
	})
}

// argument generates what a function takes at a place.
func argument(f function, i int, values *rapid.Generator[Expr]) *rapid.Generator[Expr] {
	if i >= len(f.literals) {
		return values
	}
	return map[byte]*rapid.Generator[Expr]{
		'v': values,
		'r': rapid.Just(Expr(&String{Value: `(\d+)`})),
		't': rapid.Just(Expr(&String{Value: "a"})),
		'n': rapid.Just(Expr(&Number{Text: "1"})),
		'p': rapid.Just(Expr(&Number{Text: "0.99"})),
		'u': rapid.Just(Expr(&String{Value: "hour"})),
	}[f.literals[i]]
}

func cases(depth int, groups bool) *rapid.Generator[Expr] {
	return rapid.Custom(func(t *rapid.T) Expr {
		e := &Case{}
		if rapid.Bool().Draw(t, "has operand") {
			e.X = values(depth, groups).Draw(t, "operand")
		}
		for range rapid.IntRange(1, 2).Draw(t, "branches") {
			w := When{Then: values(depth, groups).Draw(t, "then")}
			if w.If = conditions(depth, groups).Draw(t, "when"); e.X != nil {
				w.If = values(depth, groups).Draw(t, "equal")
			}
			e.Whens = append(e.Whens, w)
		}
		if rapid.Bool().Draw(t, "has else") {
			e.Else = values(depth, groups).Draw(t, "else")
		}
		return e
	})
}

// conditions generates conditions that nest at most so deep.
func conditions(depth int, groups bool) *rapid.Generator[Expr] {
	return rapid.Custom(func(t *rapid.T) Expr {
		kinds := 5
		if depth > 0 {
			kinds = 8
		}
		value := func(label string) Expr { return values(max(depth, 1)-1, groups).Draw(t, label) }
		switch rapid.IntRange(0, kinds).Draw(t, "kind") {
		case 0:
			return &IsNull{X: value("value"), Not: rapid.Bool().Draw(t, "not")}
		case 1:
			op := rapid.SampledFrom([]string{"=~", "!~", "like", "ilike"}).Draw(t, "match")
			pattern := rapid.SampledFrom([]string{"", `\d+`, `"\\"`, `^(a|b)\.$`, "50\\%_"}).Draw(t, "pattern")
			return &Binary{Op: op, L: value("left"), R: &String{Value: pattern}}
		case 2:
			op := rapid.SampledFrom([]string{"==", "!=", "<", "<=", ">", ">=", "eq", "ne", "contains", "lacks",
				"hasprefix", "nhasprefix", "hassuffix", "nhassuffix"}).Draw(t, "comparison")
			return &Binary{Op: op, L: value("left"), R: value("right")}
		case 3:
			return &In{X: value("value"), List: rapid.SliceOfN(values(max(depth, 1)-1, groups), 1, 3).Draw(t, "list")}
		case 4:
			return &Between{X: value("value"), Lo: value("low"), Hi: value("high")}
		case 5:
			return &Binary{Op: "<<", L: value("left"), R: &String{Value: "10.0.0.0/8"}}
		case 6:
			return &Unary{Op: "not", X: conditions(depth-1, groups).Draw(t, "operand")}
		}
		op := rapid.SampledFrom([]string{"and", "or"}).Draw(t, "logic")
		return &Binary{Op: op, L: conditions(depth-1, groups).Draw(t, "left"), R: conditions(depth-1, groups).Draw(t, "right")}
	})
}
