package parser

import (
	"errors"
	"strings"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"
)

// Parse reads a query. Its error is an [*Error].
func Parse(text string) (*Query, error) {
	q, err := parse(text, queryParser())
	if err != nil {
		return nil, err
	}
	return q, nil
}

// parse reads a query with a given parser, so that tests can put another beside.
func parse(text string, p *participle.Parser[statement]) (*Query, *Error) {
	tokens, bad := lex(text)
	if bad != nil {
		return nil, bad
	}
	if len(tokens) == 1 {
		return nil, newError(text, 0, "", "the query is empty")
	}
	raw, err := parseTokens(tokens, p)
	if err != nil {
		return nil, explain(err, text, tokens)
	}
	q, bad := build(text, raw)
	if bad != nil {
		return nil, bad
	}
	// The canonical text is parsed again on the hosts, and can be the longer one.
	if _, bad := lex(q.String()); bad != nil {
		return nil, newError(text, 0, "", "in its canonical form, %s", bad.Msg)
	}
	return q, nil
}

func parseTokens(tokens []lexer.Token, p *participle.Parser[statement]) (*statement, error) {
	lex, err := lexer.Upgrade(&tokenReader{tokens})
	if err != nil {
		return nil, err
	}
	return p.ParseFromLexer(lex)
}

// explain makes an Error of what the grammar or the climber found.
func explain(err error, text string, tokens []lexer.Token) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		e.Query = text
		return e
	}
	u, ok := errors.AsType[*participle.UnexpectedTokenError](err)
	if !ok {
		panic("BUG: the grammar failed without a token: " + err.Error())
	}
	for i, t := range tokens {
		if t.Pos.Offset == u.Unexpected.Pos.Offset {
			// The grammar's own words are EBNF; only here do they say more than the tokens.
			assignment := strings.Contains(u.Message(), `(expected "="`)
			return surprise{text, tokens[:i], t, assignment}.explain()
		}
	}
	panic("BUG: the grammar failed at a token that is not there")
}

// unexpected is an error at a token; explain finds the words for it.
func unexpected(t *lexer.Token) error {
	return &participle.UnexpectedTokenError{Unexpected: *t}
}

// errorAt is an error at a token that has its words already.
func errorAt(t *lexer.Token, hint, msg string) error {
	return &Error{Offset: t.Pos.Offset, Msg: msg, Hint: hint}
}
