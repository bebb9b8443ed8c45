package parser

import (
	"strings"

	"github.com/alecthomas/participle/v2/lexer"
)

// nameOrCall parses what begins with a name: a field, or a call if a parenthesis
// follows.
func (c climber) nameOrCall(t *lexer.Token) (Expr, error) {
	if c.lex.Peek().Value != "(" {
		return &Field{t.Pos.Offset, t.Value}, nil
	}
	c.lex.Next()
	e := &Call{At: t.Pos.Offset, Func: strings.ToLower(t.Value)}
	if t := c.lex.Peek(); t.Type == tokenKeyword && t.Value == "distinct" {
		c.lex.Next()
		e.Distinct = true
	}
	var err error
	if e.Args, err = c.arguments(); err == nil && c.lex.Peek().Value == "filter" {
		e.Filter, err = c.filter()
	}
	return e, err
}

// filter parses filter (where ...).
func (c climber) filter() (Expr, error) {
	c.lex.Next()
	if err := c.expect("("); err != nil {
		return nil, err
	}
	if t := c.lex.Peek(); t.Value != "where" {
		return nil, errorAt(t, "filter (where ...)", "expected where")
	}
	c.lex.Next()
	e, err := c.expr(precOr)
	if err == nil {
		err = c.expect(")")
	}
	return e, err
}

// arguments parses expressions with commas between them, and the parenthesis that
// closes them.
func (c climber) arguments() ([]Expr, error) {
	if c.lex.Peek().Value == ")" {
		c.lex.Next()
		return nil, nil
	}
	var args []Expr
	for {
		e, err := c.expr(precOr)
		if err != nil {
			return nil, err
		}
		args = append(args, e)
		if c.lex.Peek().Value != "," {
			return args, c.expect(")")
		}
		c.lex.Next()
	}
}
