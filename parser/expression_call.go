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
	args, err := c.arguments()
	return &Call{At: t.Pos.Offset, Func: strings.ToLower(t.Value), Args: args}, err
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
