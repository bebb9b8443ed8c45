package parser

import "strings"

// caseOf parses what follows the word case.
func (c climber) caseOf(at int) (_ Expr, err error) {
	e := &Case{At: at}
	if c.lex.Peek().Value != "when" {
		if e.X, err = c.expr(precOr); err != nil {
			return nil, err
		}
	}
	for len(e.Whens) == 0 || c.lex.Peek().Value == "when" {
		w, err := c.when()
		if err != nil {
			return nil, err
		}
		e.Whens = append(e.Whens, w)
	}
	if c.lex.Peek().Value == "else" {
		c.lex.Next()
		if e.Else, err = c.expr(precOr); err != nil {
			return nil, err
		}
	}
	return e, c.word("end")
}

// when parses when ... then ...
func (c climber) when() (w When, err error) {
	if err = c.word("when"); err != nil {
		return w, err
	}
	if w.If, err = c.expr(precOr); err != nil {
		return w, err
	}
	if err = c.word("then"); err != nil {
		return w, err
	}
	w.Then, err = c.expr(precOr)
	return w, err
}

// word parses a word of case that must be next.
func (c climber) word(word string) error {
	t := c.lex.Peek()
	if t.Value != word {
		return errorAt(t, "case when ... then ... else ... end", "expected "+word)
	}
	c.lex.Next()
	return nil
}

// casts parses the ::type behind an operand.
func (c climber) casts(e Expr, err error) (Expr, error) {
	for err == nil && c.lex.Peek().Value == "::" {
		c.lex.Next()
		t := c.lex.Peek()
		if t.Type != tokenName {
			return nil, unexpected(t)
		}
		c.lex.Next()
		e = &Cast{At: e.Pos(), X: e, Type: strings.ToLower(t.Value), to: t.Pos.Offset}
	}
	return e, err
}

// in parses in (a, b).
func (c climber) in(left Expr) (Expr, error) {
	c.lex.Next()
	if err := c.expect("("); err != nil {
		return nil, err
	}
	if t := c.lex.Peek(); t.Value == ")" {
		return nil, errorAt(t, "", "expected a value")
	}
	list, err := c.arguments()
	return &In{At: left.Pos(), X: left, List: list}, err
}

// between parses between lo and hi.
func (c climber) between(left Expr) (_ Expr, err error) {
	c.lex.Next()
	e := &Between{At: left.Pos(), X: left}
	if e.Lo, err = c.expr(precCompare + 1); err != nil {
		return nil, err
	}
	if t := c.lex.Peek(); t.Value != "and" {
		return nil, errorAt(t, "x between 1 and 5", "expected and")
	}
	c.lex.Next()
	e.Hi, err = c.expr(precCompare + 1)
	return e, err
}
