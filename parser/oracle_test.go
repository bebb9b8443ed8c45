package parser

import "strings"

// The methods named tree make a syntax tree of what the grammar parsed. Positions
// are left out.

func (e *expr) tree() Expr {
	var all Expr
	for _, t := range e.Terms {
		all = joinTrees("or", all, t.tree())
	}
	return all
}

func (c *conjunction) tree() Expr {
	var all Expr
	for _, t := range c.Terms {
		all = joinTrees("and", all, t.tree())
	}
	return all
}

func joinTrees(op string, left, right Expr) Expr {
	if left == nil {
		return right
	}
	return &Binary{Op: op, L: left, R: right}
}

func (n *negation) tree() Expr {
	if n.Not != nil {
		return &Unary{Op: "not", X: n.Not.tree()}
	}
	return n.Comparison.tree()
}

func (c *comparison) tree() Expr {
	left := c.Left.tree()
	switch {
	case c.Match != nil:
		return &Binary{Op: c.Match.Op, L: left, R: &String{Value: unquote(c.Match.Pattern)}}
	case c.Null != nil:
		return &IsNull{X: left, Not: c.Null.Not}
	case c.Right == nil:
		return left
	case c.Right.Sign != nil:
		return &Binary{Op: spell(c.Right.Sign.Op), L: left, R: c.Right.Operand.tree()}
	}
	return &Binary{Op: spell(c.Right.Word.Op), L: left, R: c.Right.Operand.tree()}
}

func spell(op string) string {
	op, _ = operator(op)
	return op
}

func (o *operand) tree() Expr {
	switch {
	case o.Call != nil:
		return o.Call.tree()
	case o.Quoted != "":
		return &Field{Name: unquote(o.Quoted)}
	case o.Variable != "":
		return &Var{Name: o.Variable}
	case strings.HasPrefix(o.Number, "-"):
		return &Unary{Op: "-", X: &Number{Text: o.Number[1:]}}
	case o.Number != "":
		return &Number{Text: o.Number}
	case o.String != "":
		return &String{Value: unquote(o.String)}
	}
	return o.Group.tree()
}

func (c *call) tree() Expr {
	if c.Arguments == nil {
		return &Field{Name: c.Name}
	}
	e := &Call{Func: strings.ToLower(c.Name)}
	for _, arg := range c.Arguments.List {
		e.Args = append(e.Args, arg.tree())
	}
	return e
}
