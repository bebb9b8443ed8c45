package parser

import (
	"errors"
	"regexp/syntax"
	"strings"
)

// scope says what an expression sees, for messages.
type scope struct {
	clause string
	groups bool // it sees groups, and so may have aggregates
}

// check finds what the grammar lets through.
func check(q *Query) *Error {
	if len(q.Select) == 0 {
		return q.Errorf(len(q.Text), "", "a query needs a select clause")
	}
	for _, step := range []func(*Query) *Error{checkSelect, checkLines, checkGroups} {
		if err := step(q); err != nil {
			return err
		}
	}
	return nil
}

// checkSelect checks the columns, which must have different names.
func checkSelect(q *Query) *Error {
	seen := map[string]bool{}
	for _, item := range q.Select {
		if err := checkValue(q, item.Expr, scope{"select", true}); err != nil {
			return err
		}
		if seen[item.Title()] {
			return q.Errorf(item.Expr.Pos(), "give it a name of its own with as", "a second column %s", quote(item.Title()))
		}
		seen[item.Title()] = true
	}
	return nil
}

// checkLines checks the clauses that see one line at a time.
func checkLines(q *Query) *Error {
	for _, a := range q.Set {
		if err := checkValue(q, a.Expr, scope{clause: "set"}); err != nil {
			return err
		}
	}
	for _, e := range q.GroupBy {
		if err := checkValue(q, e, scope{clause: "group by"}); err != nil {
			return err
		}
	}
	if q.Where == nil {
		return nil
	}
	return checkCondition(q, q.Where, scope{clause: "where"})
}

// checkGroups checks the clauses that see groups.
func checkGroups(q *Query) *Error {
	for _, o := range q.OrderBy {
		if err := checkValue(q, o.Expr, scope{"order by", true}); err != nil {
			return err
		}
	}
	if q.Having == nil {
		return nil
	}
	if err := checkCondition(q, q.Having, scope{"having", true}); err != nil {
		return err
	}
	if !hasGroups(q) {
		return q.Errorf(q.At("having"), "where filters lines", "having needs group by or an aggregate")
	}
	return nil
}

func hasGroups(q *Query) bool {
	if q.GroupBy != nil || HasAggregate(q.Having) {
		return true
	}
	for _, item := range q.Select {
		if HasAggregate(item.Expr) {
			return true
		}
	}
	return false
}

// checkCondition checks a condition all through.
func checkCondition(q *Query, e Expr, in scope) *Error {
	logic := precedence(e) < precCompare
	for _, x := range children(e) {
		var err *Error
		switch {
		case !logic:
			err = checkValue(q, x, in)
		case !isCondition(x):
			err = notCondition(q, x)
		default:
			err = checkCondition(q, x, in)
		}
		if err != nil {
			return err
		}
	}
	if b, ok := e.(*Binary); ok && (b.Op == "=~" || b.Op == "!~") {
		return checkPattern(q, b.R.(*String))
	}
	return nil
}

// checkValue checks a value all through.
func checkValue(q *Query, e Expr, in scope) *Error {
	if isCondition(e) {
		return q.Errorf(e.Pos(), "where and having take conditions", "a condition cannot stand here")
	}
	if call, ok := e.(*Call); ok {
		var err *Error
		if in, err = checkCall(q, call, in); err != nil {
			return err
		}
	}
	for _, x := range children(e) {
		if err := checkValue(q, x, in); err != nil {
			return err
		}
	}
	return nil
}

// checkCall checks a call, and gives the scope of its arguments.
func checkCall(q *Query, call *Call, in scope) (scope, *Error) {
	f, ok := lookup(call.Func)
	switch {
	case !ok:
		return in, q.Errorf(call.At, didYouMean(Nearest(call.Func, functionNames())), "unknown function %s", quote(call.Func))
	case len(call.Args) != f.args:
		hint := ""
		if f.name == "count" {
			hint = "count(*) counts lines"
		}
		return in, q.Errorf(call.At, hint, "%s takes one argument, not %d", f.name, len(call.Args))
	case !f.aggregate:
		return in, nil
	case !in.groups:
		return in, misplaced(q, call, in)
	}
	return scope{clause: f.name}, nil
}

// misplaced is the error of an aggregate among lines.
func misplaced(q *Query, call *Call, in scope) *Error {
	hint := ""
	if in.clause == "where" {
		hint = "having filters groups"
	}
	return q.Errorf(call.At, hint, "%s is an aggregate, but %s sees one line at a time", call.Func, in.clause)
}

func notCondition(q *Query, e Expr) *Error {
	hint := "compare it with something"
	if f, ok := e.(*Field); ok && isBare(q, f) {
		if near := Nearest(f.Name, clauseWords()); near != "" {
			hint = didYouMean(near)
		}
	}
	return q.Errorf(e.Pos(), hint, "%s is not a condition", shorten(e.String()))
}

// isBare tells whether a field was written without back-ticks.
func isBare(q *Query, f *Field) bool { return strings.HasPrefix(q.Text[f.At:], f.Name) }

// checkPattern checks a regular expression, and points at the part that is wrong.
func checkPattern(q *Query, pattern *String) *Error {
	_, err := syntax.Parse(pattern.Value, syntax.Perl)
	if err == nil {
		return nil
	}
	at, what := pattern.At, err.Error()
	if bad, ok := errors.AsType[*syntax.Error](err); ok {
		what = bad.Code.String()
		if i := strings.Index(q.Text[at:], bad.Expr); i >= 0 {
			at += i
		}
		if bad.Expr != pattern.Value {
			what += ": " + shorten(bad.Expr)
		}
	}
	return q.Errorf(at, "the syntax is RE2's", "wrong regular expression: %s", what)
}
