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
	case c.Not != nil:
		return &Unary{Op: "not", X: c.Not.tree(left)}
	case c.Test != nil:
		return c.Test.tree(left)
	case c.Right == nil:
		return left
	case c.Right.Sign != nil:
		return &Binary{Op: spell(c.Right.Sign.Op), L: left, R: c.Right.Operand.tree()}
	}
	return &Binary{Op: spell(c.Right.Word.Op), L: left, R: c.Right.Operand.tree()}
}

func (t *test) tree(left Expr) Expr {
	switch {
	case t.Like != nil:
		return &Binary{Op: t.Like.Op, L: left, R: &String{Value: unquote(t.Like.Pattern)}}
	case t.Between != nil:
		return &Between{X: left, Lo: t.Between.Lo.tree(), Hi: t.Between.Hi.tree()}
	}
	return &In{X: left, List: trees(t.In)}
}

func trees(list []*expr) []Expr {
	var all []Expr
	for _, e := range list {
		all = append(all, e.tree())
	}
	return all
}

func (c *concatenation) tree() Expr {
	var all Expr
	for _, t := range c.Terms {
		all = joinTrees("||", all, t.tree())
	}
	return all
}

func (s *sum) tree() Expr {
	all := s.First.tree()
	for _, a := range s.Rest {
		all = &Binary{Op: a.Op, L: all, R: a.Term.tree()}
	}
	return all
}

func (p *product) tree() Expr {
	all := p.First.tree()
	for _, f := range p.Rest {
		all = &Binary{Op: f.Op, L: all, R: f.Term.tree()}
	}
	return all
}

func (s *signed) tree() Expr {
	if s.Minus != nil {
		return &Unary{Op: "-", X: s.Minus.tree()}
	}
	e := s.Cast.Operand.tree()
	for _, t := range s.Cast.Types {
		e = &Cast{X: e, Type: strings.ToLower(t)}
	}
	return e
}

func (c *caseOf) tree() Expr {
	e := &Case{}
	if c.X != nil {
		e.X = c.X.tree()
	}
	for _, w := range c.Whens {
		e.Whens = append(e.Whens, When{w.If.tree(), w.Then.tree()})
	}
	if c.Else != nil {
		e.Else = c.Else.tree()
	}
	return e
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
	case o.Word != "":
		return &Word{Text: o.Word}
	case o.Case != nil:
		return o.Case.tree()
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
	e := &Call{Func: strings.ToLower(c.Name), Distinct: c.Arguments.Distinct, Args: trees(c.Arguments.List)}
	if c.Arguments.Filter != nil {
		e.Filter = c.Arguments.Filter.tree()
	}
	return e
}
