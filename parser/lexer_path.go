package parser

import (
	"strings"
	"unicode"
)

// pathIsNext tells whether the clause before pos is outfile or outfile append,
// behind which a path may stand without quotes.
func (s *scanner) pathIsNext() bool {
	n := len(s.tokens)
	if n == 0 || s.tokens[n-1].Type != tokenKeyword {
		return false
	}
	last := s.tokens[n-1].Value
	return last == "outfile" || last == "append"
}

// path reads what follows outfile: the word append, a path, or a quoted path.
func (s *scanner) path() *Error {
	if strings.IndexByte("\"'`", s.text[s.pos]) >= 0 {
		return s.quoted()
	}
	n := s.span(s.pos, isPathPart)
	word := s.text[s.pos : s.pos+n]
	if strings.EqualFold(word, "append") && s.tokens[len(s.tokens)-1].Value == "outfile" {
		return s.emit(tokenKeyword, n)
	}
	if n == 0 || keyword(word) != "" {
		return s.errorf(s.pos, "a path that could be taken for something else needs quotes", "expected a path")
	}
	return s.emit(tokenPath, n)
}

func isPathPart(r rune) bool {
	return !unicode.IsSpace(r) && !strings.ContainsRune(",;\"'`", r)
}
