package parser

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp/syntax"
	"slices"
	"strconv"
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
		if err := checkExpr(q, item.Expr, scope{"select", true}); err != nil {
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
	if q.Parse != nil && q.Parse.Input != nil {
		if err := checkExpr(q, q.Parse.Input, scope{clause: "parse"}); err != nil {
			return err
		}
	}
	for _, a := range q.Set {
		if err := checkExpr(q, a.Expr, scope{clause: "set"}); err != nil {
			return err
		}
	}
	for _, e := range q.GroupBy {
		if err := checkExpr(q, e, scope{clause: "group by"}); err != nil {
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
		if err := checkExpr(q, o.Expr, scope{"order by", true}); err != nil {
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
	if q.GroupBy != nil || q.GroupAll || HasAggregate(q.Having) {
		return true
	}
	for _, item := range q.Select {
		if HasAggregate(item.Expr) {
			return true
		}
	}
	return false
}

// checkCondition checks an expression that stands as a condition.
func checkCondition(q *Query, e Expr, in scope) *Error {
	if !mayBeCondition(e) {
		return notCondition(q, e)
	}
	return checkExpr(q, e, in)
}

// checkExpr checks an expression all through.
func checkExpr(q *Query, e Expr, in scope) *Error {
	switch e := e.(type) {
	case *Call:
		return checkCall(q, e, in)
	case *Case:
		if e.X == nil {
			return checkCase(q, e, in)
		}
	case *Cast:
		if err := checkType(q, e); err != nil {
			return err
		}
	case *Binary:
		if err := checkLiteral(q, e); err != nil {
			return err
		}
	}
	check := checkExpr
	if precedence(e) < precCompare {
		check = checkCondition
	}
	return checkAll(q, children(e), in, check)
}

func checkAll(q *Query, list []Expr, in scope, check func(*Query, Expr, scope) *Error) *Error {
	for _, x := range list {
		if err := check(q, x, in); err != nil {
			return err
		}
	}
	return nil
}

// checkCase checks a case whose branches have conditions.
func checkCase(q *Query, e *Case, in scope) *Error {
	for _, w := range e.Whens {
		if err := checkCondition(q, w.If, in); err != nil {
			return err
		}
	}
	return checkAll(q, children(e), in, checkExpr)
}

func checkType(q *Query, e *Cast) *Error {
	if slices.Contains(Types(), e.Type) {
		return nil
	}
	if e.Type == "time" {
		return q.Errorf(e.to, "times are compared as text, and epoch(x) gives seconds", "casts to time are not supported")
	}
	hint := didYouMean(Nearest(e.Type, Types()))
	if hint == "" {
		hint = "known: " + strings.Join(Types(), ", ")
	}
	return q.Errorf(e.to, hint, "unknown type %s", quote(e.Type))
}

// checkLiteral checks what an operator compiles before a line is read.
func checkLiteral(q *Query, e *Binary) *Error {
	switch e.Op {
	case "=~", "!~":
		return checkPattern(q, e.R.(*String))
	case "<<":
		s := e.R.(*String)
		if _, err := ParseNetwork(s.Value); err != nil {
			return q.Errorf(s.At, "an address and a number of bits, such as 10.0.0.0/8", "%s is not an IP network", quote(s.Value))
		}
	}
	return nil
}

// ParseNetwork reads an IP network; an address alone is a network of one.
func ParseNetwork(text string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(text); err == nil {
		return a.Prefix(a.BitLen())
	}
	p, err := netip.ParsePrefix(text)
	return p.Masked(), err
}

// checkCall checks a call and its arguments.
func checkCall(q *Query, call *Call, in scope) *Error {
	f, ok := lookup(call.Func)
	switch {
	case !ok:
		return q.Errorf(call.At, didYouMean(Nearest(call.Func, functionNames())), "unknown function %s", quote(call.Func))
	case !f.takes(len(call.Args)):
		return q.Errorf(call.At, f.usage(), "%s takes %s, not %d", f.name, f.arity(), len(call.Args))
	case call.Distinct && f.name != "count":
		return q.Errorf(call.At, "count(distinct x) counts different values", "%s takes no distinct", f.name)
	case f.aggregate && !in.groups:
		return misplaced(q, call, in)
	case f.aggregate:
		in = scope{clause: f.name}
	case call.Filter != nil:
		return q.Errorf(call.Filter.Pos(), "", "filter belongs to aggregates, and %s sees one line at a time", f.name)
	}
	if call.Filter != nil {
		if err := checkCondition(q, call.Filter, scope{clause: "filter"}); err != nil {
			return err
		}
	}
	for i, arg := range call.Args {
		if err := checkArgument(q, f, i, arg); err != nil {
			return err
		}
	}
	if f.name == "regexp_extract" {
		if err := checkGroup(q, call); err != nil {
			return err
		}
	}
	return checkAll(q, call.Args, in, checkExpr)
}

// checkGroup checks the group of a regexp_extract, whose expression is right.
func checkGroup(q *Query, call *Call) *Error {
	if len(call.Args) < 3 {
		return nil
	}
	group := call.Args[2].(*Number)
	re, err := syntax.Parse(call.Args[1].(*String).Value, syntax.Perl)
	n, err2 := strconv.Atoi(group.Text)
	if err == nil && err2 == nil && n <= re.MaxCap() {
		return nil
	}
	return q.Errorf(group.At, fmt.Sprintf("groups in it: %d", re.MaxCap()), "the expression has no group %s", group.Text)
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
