package parser

import (
	"strings"

	"github.com/alecthomas/participle/v2/lexer"
)

// surprise is a token that cannot stand where it does.
type surprise struct {
	text       string
	before     []lexer.Token
	token      lexer.Token
	assignment bool // an = was expected
}

// back is the token n places before the surprise; 1 is the one right before.
func (s surprise) back(n int) lexer.Token {
	if n > len(s.before) {
		return lexer.Token{}
	}
	return s.before[len(s.before)-n]
}

func (s surprise) explain() *Error {
	t, prev := s.token, s.back(1)
	at := t.Pos.Offset
	if t.Type == tokenKeyword && isReserved(t.Value) {
		return newError(s.text, at, "if it is a name: "+quoteName(t.Value), "%s is not supported", quote(t.Value))
	}
	if what := s.wanted(); what != "" {
		if t.EOF() {
			return newError(s.text, at, "", "expected %s after %s", what, show(prev))
		}
		return newError(s.text, at, s.hint(), "expected %s after %s, not %s", what, show(prev), show(t))
	}
	if near := nearClause(prev); near != "" {
		return newError(s.text, prev.Pos.Offset, didYouMean(near), "unexpected %s", show(prev))
	}
	if t.EOF() {
		return newError(s.text, at, "", "the query is not complete")
	}
	return newError(s.text, at, s.hint(), "unexpected %s", show(t))
}

// wanted is what must follow the token before the surprise, or "" if that could
// have been the last one of something.
func (s surprise) wanted() string {
	prev := s.back(1)
	switch {
	case s.assignment:
		return `"="`
	case prev.Value == "not" && s.back(2).Value == "is":
		return "null"
	case prev.Type == tokenKeyword || prev.Type == tokenOperator:
		return wantedAfter(prev.Value)
	}
	return ""
}

func wantedAfter(token string) string {
	switch token {
	case ")", "*", ".", "all", "null", "true", "false", "end", "asc", "desc":
		return ""
	case "explain":
		return "select"
	case "select", "distinct":
		return "a column"
	case "from":
		return `a table, "*" or "."`
	case "logformat", "as":
		return "a name"
	case "set":
		return "a variable such as $name"
	case "where", "having", "and", "or", "not", "when":
		return "a condition"
	case "group", "order", "rorder", "by":
		return "a field"
	case "parse":
		return "a pattern in quotes, or what to cut up"
	case "limit", "offset":
		return "a whole number of rows"
	case "interval":
		return "a length of time such as 90s or 5m"
	case "outfile", "append":
		return "a path"
	case "is":
		return "null or not null"
	case "::":
		return "a type: " + strings.Join(Types(), ", ")
	case "in", "filter":
		return `"("`
	}
	return "a value"
}

// hint helps with frequent mistakes.
func (s surprise) hint() string {
	t := s.token
	if near := nearClause(t); near != "" && s.wanted() == "" {
		return didYouMean(near)
	}
	switch {
	case t.Value == "explain":
		return "explain comes first"
	case t.Value == "asc", t.Value == "desc":
		return "asc and desc belong to order by"
	case t.Type == tokenKeyword && s.wanted() != "":
		return "if it is a name: " + quoteName(t.Value)
	case t.Type == tokenString && (s.back(1).Value == "as" || s.back(1).Value == "from"):
		return "a name goes without quotes, or in back-ticks"
	}
	return ""
}

// nearClause is the keyword that a name is a misspelling of, or "".
func nearClause(t lexer.Token) string {
	if t.Type != tokenName {
		return ""
	}
	return Nearest(t.Value, clauseWords())
}

// show is a token in a message.
func show(t lexer.Token) string {
	if t.Type == tokenString || t.Type == tokenQuoted {
		return shorten(t.Value)
	}
	return quote(t.Value)
}

func didYouMean(word string) string {
	if word == "" {
		return ""
	}
	return "did you mean " + quote(word) + "?"
}
