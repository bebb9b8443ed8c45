package planner

import (
	"fantail/parser"
)

// translate gives an expression that is not a name its meaning; sub does the
// same for its operands.
func translate(q *parser.Query, e parser.Expr, sub func(parser.Expr) (Expr, error)) (Expr, error) {
	switch e := e.(type) {
	case *parser.Number:
		return Const{Text: e.Text, Number: true}, nil
	case *parser.String:
		return Const{Text: e.Value}, nil
	case *parser.Unary:
		return unary(q, e, sub)
	case *parser.Binary:
		return binary(e, sub)
	case *parser.IsNull:
		x, err := sub(e.X)
		return &IsNull{X: x, Negate: e.Not}, err
	case *parser.Call:
		return call(e, sub)
	}
	return nil, q.Errorf(e.Pos(), "", "%s has no value here", e)
}

func unary(q *parser.Query, e *parser.Unary, sub func(parser.Expr) (Expr, error)) (Expr, error) {
	if n, ok := e.X.(*parser.Number); ok && e.Op == "-" {
		return Const{Text: "-" + n.Text, Number: true}, nil
	}
	if e.Op != "not" {
		return nil, q.Errorf(e.At, "", "only a number can have a sign")
	}
	x, err := sub(e.X)
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
	}
	r, err := sub(e.R)
	if err != nil {
		return nil, err
	}
	switch e.Op {
	case "and", "or":
		return &Logic{Op: e.Op, L: l, R: r}, nil
	}
	return &Compare{Op: e.Op, L: l, R: r}, nil
}

func call(e *parser.Call, sub func(parser.Expr) (Expr, error)) (Expr, error) {
	c := &Call{Func: e.Func}
	for _, a := range e.Args {
		x, err := sub(a)
		if err != nil {
			return nil, err
		}
		c.Args = append(c.Args, x)
	}
	return c, nil
}

// isAggregate tells whether e is an aggregate itself.
func isAggregate(e parser.Expr) bool {
	c, ok := e.(*parser.Call)
	return ok && c.Aggregate()
}
