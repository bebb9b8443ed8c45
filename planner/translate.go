package planner

import (
	"strings"

	"fantail/parser"
)

// translate gives an expression that is not a name its meaning; sub does the
// same for its operands. It is a flat switch over all expressions.
func translate(q *parser.Query, e parser.Expr, sub func(parser.Expr) (Expr, error)) (Expr, error) {
	switch e := e.(type) {
	case *parser.Number:
		return number("", e), nil
	case *parser.String:
		return Const{Text: e.Value}, nil
	case *parser.Word:
		return word(e), nil
	case *parser.Unary:
		return unary(e, sub)
	case *parser.Binary:
		return binary(e, sub)
	case *parser.IsNull:
		x, err := sub(e.X)
		return &IsNull{X: x, Negate: e.Not}, err
	case *parser.In:
		x, err := subs(sub, append([]parser.Expr{e.X}, e.List...))
		if err != nil {
			return nil, err
		}
		return &In{X: x[0], List: x[1:]}, nil
	case *parser.Between:
		return between(e, sub)
	case *parser.Case:
		return caseOf(e, sub)
	case *parser.Cast:
		x, err := sub(e.X)
		return &Cast{X: x, Type: e.Type}, err
	case *parser.Call:
		args, err := subs(sub, e.Args)
		return &Call{Func: e.Func, Args: args, Number: e.IsNumber()}, err
	}
	return nil, q.Errorf(e.Pos(), "", "%s has no value here", e)
}

// subs gives every expression of a list its meaning.
func subs(sub func(parser.Expr) (Expr, error), list []parser.Expr) ([]Expr, error) {
	var all []Expr
	for _, e := range list {
		x, err := sub(e)
		if err != nil {
			return nil, err
		}
		all = append(all, x)
	}
	return all, nil
}

func number(sign string, e *parser.Number) Const {
	unit := string(e.Unit())
	if unit != "" {
		return Const{Text: sign + e.Text, Number: true, Unit: unit}
	}
	return Const{Text: sign + plainNumber(e.Text), Number: true}
}

// plainNumber writes a number as JSON has it: 007 as 7, .5 as 0.5 and 5. as 5.
func plainNumber(text string) string {
	digits := len(text) - len(strings.TrimLeft(text, "0123456789"))
	whole := strings.TrimLeft(text[:digits], "0")
	if whole == "" {
		whole = "0"
	}
	rest := text[digits:]
	if after, ok := strings.CutPrefix(rest, "."); ok && (after == "" || after[0] < '0' || after[0] > '9') {
		rest = after
	}
	return whole + rest
}

// asWritten undoes that for what is compared as text: a contains 007.
func asWritten(op string, e parser.Expr, c Expr) Expr {
	n, ok := e.(*parser.Number)
	if k, isConst := c.(Const); ok && isConst && k.Unit == "" && op[0] >= 'a' && op[0] <= 'z' {
		k.Text = n.Text
		return k
	}
	return c
}

func word(e *parser.Word) Const {
	if e.Text == "null" {
		return Const{Null: true}
	}
	return Const{Text: e.Text}
}

func unary(e *parser.Unary, sub func(parser.Expr) (Expr, error)) (Expr, error) {
	if n, ok := e.X.(*parser.Number); ok && e.Op == "-" {
		return number("-", n), nil
	}
	x, err := sub(e.X)
	if e.Op == "-" {
		return &Arith{Op: "-", L: Const{Text: "0", Number: true}, R: x}, err
	}
	return &Not{X: x}, err
}

func binary(e *parser.Binary, sub func(parser.Expr) (Expr, error)) (Expr, error) {
	l, err := sub(e.L)
	if err != nil {
		return nil, err
	}
	switch e.Op {
	case "=~", "!~":
		return &Match{X: l, Regexp: e.R.(*parser.String).Value, Negate: e.Op == "!~"}, nil
	case "like", "ilike":
		return &Like{X: l, Pattern: e.R.(*parser.String).Value, Fold: e.Op == "ilike"}, nil
	case "<<":
		network, err := parser.ParseNetwork(e.R.(*parser.String).Value)
		return &InNetwork{X: l, Net: network}, err
	}
	r, err := sub(e.R)
	if err != nil {
		return nil, err
	}
	switch e.Op {
	case "and", "or":
		return &Logic{Op: e.Op, L: l, R: r}, nil
	case "+", "-", "*", "/", "%":
		return &Arith{Op: e.Op, L: l, R: r}, nil
	case "||":
		return &Concat{L: l, R: r}, nil
	}
	return &Compare{Op: e.Op, L: asWritten(e.Op, e.L, l), R: asWritten(e.Op, e.R, r)}, nil
}

// between is x >= lo and x <= hi.
func between(e *parser.Between, sub func(parser.Expr) (Expr, error)) (Expr, error) {
	x, err := subs(sub, []parser.Expr{e.X, e.Lo, e.Hi})
	if err != nil {
		return nil, err
	}
	return &Logic{Op: "and", L: &Compare{Op: ">=", L: x[0], R: x[1]}, R: &Compare{Op: "<=", L: x[0], R: x[2]}}, nil
}

func caseOf(e *parser.Case, sub func(parser.Expr) (Expr, error)) (Expr, error) {
	c := &Case{Else: Const{Null: true}}
	var x Expr
	var err error
	if e.X != nil {
		if x, err = sub(e.X); err != nil {
			return nil, err
		}
	}
	for _, w := range e.Whens {
		parts, err := subs(sub, []parser.Expr{w.If, w.Then})
		if err != nil {
			return nil, err
		}
		if e.X != nil {
			parts[0] = &Compare{Op: "==", L: x, R: parts[0]}
		}
		c.Whens = append(c.Whens, When{If: parts[0], Then: parts[1]})
	}
	if e.Else != nil {
		c.Else, err = sub(e.Else)
	}
	return c, err
}

// isAggregate tells whether e is an aggregate itself.
func isAggregate(e parser.Expr) bool {
	c, ok := e.(*parser.Call)
	return ok && c.Aggregate()
}
