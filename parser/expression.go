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

// expr parses operators that bind at least as strongly as min. Behind a value a
// not belongs to what follows it, behind a condition it begins a new one.
func (c climber) expr(min int) (Expr, error) {
	condition := c.lex.Peek().Value == "not"
	left, err := c.prefix(min)
	for err == nil {
		t := c.lex.Peek()
		op, prec := operator(t.Value)
		switch {
		case isTest(t.Value) && min <= precCompare && !(condition && t.Value == "not"):
			prec = precCompare
			left, err = c.test(left)
		case prec == 0 || prec < min:
			return left, nil
		default:
			left, err = c.binary(left, op, prec)
		}
		if err == nil && prec == precCompare {
			err = c.endOfComparison()
		}
		condition = prec <= precCompare
	}
	return nil, err
}

// binary parses an operator and its right operand.
func (c climber) binary(left Expr, op string, prec int) (Expr, error) {
	t := c.lex.Next()
	e := &Binary{At: left.Pos(), OpAt: t.Pos.Offset, Op: op, L: left}
	var err error
	if what := literalAfter(op); what != "" {
		e.R, err = c.literal(what)
	} else {
		e.R, err = c.expr(prec + 1)
	}
	return e, err
}

// literalAfter says what must stand at the right of an operator as a literal, so
// that it is known to be right before a line is read; "" if anything may.
func literalAfter(op string) string {
	switch op {
	case "=~", "!~":
		return "a regular expression"
	case "like", "ilike":
		return "a pattern"
	case "<<":
		return "an IP network"
	}
	return ""
}

func (c climber) literal(what string) (Expr, error) {
	t := c.lex.Peek()
	if t.Type != tokenString {
		return nil, errorAt(t, "", "expected "+what+" in quotes")
	}
	c.lex.Next()
	return &String{t.Pos.Offset, unquote(t.Value)}, nil
}

// isTest tells whether a token begins a comparison that is no binary operator.
func isTest(token string) bool {
	switch token {
	case "is", "in", "between", "not":
		return true
	}
	return false
}

// test parses is null, in, between, and what may have a not in front of it.
func (c climber) test(left Expr) (Expr, error) {
	switch c.lex.Peek().Value {
	case "is":
		return c.null(left)
	case "in":
		return c.in(left)
	case "between":
		return c.between(left)
	}
	c.lex.Next()
	var x Expr
	var err error
	switch t := c.lex.Peek(); t.Value {
	case "in", "between":
		x, err = c.test(left)
	case "like", "ilike":
		x, err = c.binary(left, t.Value, precCompare)
	default:
		err = errorAt(t, "", `expected in, between, like or ilike after "not"`)
	}
	return &Unary{At: left.Pos(), Op: "not", X: x}, err
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
	return e, nil
}

// endOfComparison refuses a < b < c, which would not mean what it looks like.
func (c climber) endOfComparison() error {
	t := c.lex.Peek()
	if _, prec := operator(t.Value); prec == precCompare || isTest(t.Value) && t.Value != "not" {
		return errorAt(t, `join comparisons with "and"`, "comparisons do not chain")
	}
	return nil
}

// prefix parses an operand with its sign, or a not where one may stand.
func (c climber) prefix(min int) (Expr, error) {
	t := c.lex.Peek()
	if t.Value != "not" || min > precNot {
		return c.signed()
	}
	c.lex.Next()
	x, err := c.expr(precNot)
	return &Unary{At: t.Pos.Offset, Op: "not", X: x}, err
}

func (c climber) signed() (Expr, error) {
	t := c.lex.Peek()
	if t.Value != "-" {
		return c.casts(c.operand())
	}
	c.lex.Next()
	x, err := c.signed()
	return &Unary{At: t.Pos.Offset, Op: "-", X: x}, err
}

func (c climber) operandIsNext() bool {
	t := c.lex.Peek()
	switch t.Type {
	case tokenName, tokenQuoted, tokenVariable, tokenNumber, tokenDuration, tokenSize, tokenString:
		return true
	}
	switch t.Value {
	case "(", "-", "*", "true", "false", "null", "case":
		return true
	}
	return false
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
	case tokenNumber, tokenDuration, tokenSize:
		return &Number{at, t.Value}, nil
	case tokenString:
		return &String{at, unquote(t.Value)}, nil
	}
	switch t.Value {
	case "case":
		return c.caseOf(at)
	case "(":
		return c.parentheses()
	case "*":
		return &Var{at, "*"}, nil
	}
	return &Word{at, t.Value}, nil
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
