package parser

import (
	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"
)

// climber parses one expression by precedence climbing. Participle's own rules
// say the same (grammar_expression.go) but take four times as long. Its depth is
// bounded by the lexer.
type climber struct{ lex *lexer.PeekingLexer }

// parseExpr is participle's hook: it parses an expression if one is next.
func parseExpr(lex *lexer.PeekingLexer) (Expr, error) {
	c := climber{lex}
	if !c.operandIsNext() && c.lex.Peek().Value != "not" {
		return nil, participle.NextMatch
	}
	return c.expr(precOr)
}

// expr parses operators that bind at least as strongly as min.
func (c climber) expr(min int) (Expr, error) {
	left, err := c.prefix(min)
	for err == nil {
		t := c.lex.Peek()
		op, prec := operator(t.Value)
		switch {
		case t.Value == "is" && precCompare >= min:
			left, err = c.null(left)
		case prec == 0 || prec < min:
			return left, nil
		default:
			left, err = c.binary(left, op, prec)
		}
	}
	return nil, err
}

// binary parses an operator and its right operand.
func (c climber) binary(left Expr, op string, prec int) (Expr, error) {
	t := c.lex.Next()
	e := &Binary{At: left.Pos(), OpAt: t.Pos.Offset, Op: op, L: left}
	var err error
	if op == "=~" || op == "!~" {
		e.R, err = c.pattern()
	} else {
		e.R, err = c.expr(prec + 1)
	}
	if err == nil && prec == precCompare {
		err = c.endOfComparison()
	}
	return e, err
}

// pattern parses a regular expression: a literal, so that it is known to be right
// before a line is read.
func (c climber) pattern() (Expr, error) {
	if t := c.lex.Peek(); t.Type != tokenString {
		return nil, errorAt(t, "", "expected a regular expression in quotes")
	}
	return c.operand()
}

// null parses is null and is not null.
func (c climber) null(left Expr) (Expr, error) {
	c.lex.Next()
	e := &IsNull{At: left.Pos(), X: left}
	if c.lex.Peek().Value == "not" {
		c.lex.Next()
		e.Not = true
	}
	if t := c.lex.Peek(); t.Value != "null" {
		return nil, unexpected(t)
	}
	c.lex.Next()
	return e, c.endOfComparison()
}

// endOfComparison refuses a < b < c, which would not mean what it looks like.
func (c climber) endOfComparison() error {
	t := c.lex.Peek()
	if _, prec := operator(t.Value); prec == precCompare || t.Value == "is" {
		return errorAt(t, `join comparisons with "and"`, "comparisons do not chain")
	}
	return nil
}

// prefix parses an operand, or a not where one may stand.
func (c climber) prefix(min int) (Expr, error) {
	t := c.lex.Peek()
	if t.Value != "not" || min > precNot {
		return c.operand()
	}
	c.lex.Next()
	x, err := c.expr(precNot)
	return &Unary{At: t.Pos.Offset, Op: "not", X: x}, err
}

func (c climber) operandIsNext() bool {
	t := c.lex.Peek()
	switch t.Type {
	case tokenName, tokenQuoted, tokenVariable, tokenNumber, tokenString:
		return true
	}
	return t.Value == "(" || t.Value == "-" || t.Value == "*"
}

// operand parses what stands between operators.
func (c climber) operand() (Expr, error) {
	if !c.operandIsNext() {
		return nil, unexpected(c.lex.Peek())
	}
	t := c.lex.Next()
	at := t.Pos.Offset
	switch t.Type {
	case tokenName:
		return c.nameOrCall(t)
	case tokenQuoted:
		return &Field{at, unquote(t.Value)}, nil
	case tokenVariable:
		return &Var{at, t.Value}, nil
	case tokenNumber:
		return &Number{at, t.Value}, nil
	case tokenString:
		return &String{at, unquote(t.Value)}, nil
	}
	switch t.Value {
	case "-":
		return c.negative(at)
	case "(":
		return c.parentheses()
	}
	return &Var{at, "*"}, nil
}

// negative parses what follows a minus: a number, as long as there is no arithmetic.
func (c climber) negative(at int) (Expr, error) {
	t := c.lex.Peek()
	if t.Type != tokenNumber {
		return nil, unexpected(t)
	}
	c.lex.Next()
	return &Unary{At: at, Op: "-", X: &Number{t.Pos.Offset, t.Value}}, nil
}

func (c climber) parentheses() (Expr, error) {
	e, err := c.expr(precOr)
	if err == nil {
		err = c.expect(")")
	}
	return e, err
}

func (c climber) expect(value string) error {
	if t := c.lex.Peek(); t.Value != value {
		return unexpected(t)
	}
	c.lex.Next()
	return nil
}
