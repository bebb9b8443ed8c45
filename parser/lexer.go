package parser

import (
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/alecthomas/participle/v2/lexer"
)

// Limits on what is parsed. Queries come from the network too, and what recurses
// over a query must not exhaust the stack, which no Go program survives.
const (
	maxLength = 64 << 10 // bytes
	maxDepth  = 200      // open parentheses and cases, nots and signs
)

// Kinds of token. The value of a token is its text as written, quotes included,
// so that the grammar's literals match nothing that was quoted; keywords are
// lower-cased.
const (
	tokenKeyword  lexer.TokenType = iota + 1
	tokenName                     // foo http.status
	tokenQuoted                   // `any text`
	tokenVariable                 // $foo
	tokenNumber                   // 42 3.14 1e6
	tokenDuration                 // 90s 1h30m
	tokenSize                     // 10KB 2GiB
	tokenString                   // "foo" 'foo'
	tokenPath                     // after outfile, without quotes
	tokenOperator
)

// definition introduces the lexer to participle.
type definition struct{}

func (definition) Symbols() map[string]lexer.TokenType {
	return map[string]lexer.TokenType{
		"EOF": lexer.EOF, "Keyword": tokenKeyword, "Name": tokenName, "Quoted": tokenQuoted,
		"Variable": tokenVariable, "Number": tokenNumber, "Duration": tokenDuration, "Size": tokenSize,
		"String": tokenString, "Path": tokenPath, "Operator": tokenOperator,
	}
}

func (definition) Lex(_ string, r io.Reader) (lexer.Lexer, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	tokens, bad := lex(string(text))
	if bad != nil {
		return nil, bad
	}
	return &tokenReader{tokens}, nil
}

// tokenReader gives tokens that are there already. The last one is EOF.
type tokenReader struct{ rest []lexer.Token }

func (r *tokenReader) Next() (lexer.Token, error) {
	t := r.rest[0]
	if !t.EOF() {
		r.rest = r.rest[1:]
	}
	return t, nil
}

// scanner cuts a query into tokens.
type scanner struct {
	text   string
	pos    int // bytes
	tokens []lexer.Token
	open   []int // byte offsets of the parentheses that are not closed
	nots   int   // nots and minuses right before pos
	cases  int   // that have no end yet
}

// lex gives the tokens of a query and an EOF token behind them.
func lex(text string) ([]lexer.Token, *Error) {
	if len(text) > maxLength {
		return nil, newError(text, maxLength, "", "the query is longer than %d bytes", maxLength)
	}
	if i := invalidUTF8(text); i >= 0 {
		return nil, newError(text, i, "", "the query is not valid UTF-8 here")
	}
	s := scanner{text: text, tokens: make([]lexer.Token, 0, len(text)/4+2)}
	for s.skipBlanks(); s.pos < len(text); s.skipBlanks() {
		if err := s.next(); err != nil {
			return nil, err
		}
	}
	if n := len(s.open); n > 0 {
		return nil, s.errorf(s.open[n-1], "", `"(" is not closed`)
	}
	return append(s.tokens, lexer.EOFToken(lexer.Position{Offset: s.pos})), nil
}

// invalidUTF8 is the offset of the first byte that is not UTF-8, or -1.
func invalidUTF8(text string) int {
	for i, r := range text {
		if r == utf8.RuneError && !strings.HasPrefix(text[i:], string(utf8.RuneError)) {
			return i
		}
	}
	return -1
}

func (s *scanner) errorf(pos int, hint, format string, args ...any) *Error {
	return newError(s.text, pos, hint, format, args...)
}

// skipBlanks skips comments too.
func (s *scanner) skipBlanks() {
	for {
		rest := strings.TrimLeftFunc(s.text[s.pos:], unicode.IsSpace)
		s.pos = len(s.text) - len(rest)
		if !strings.HasPrefix(rest, "--") {
			return
		}
		if i := strings.IndexByte(rest, '\n'); i >= 0 {
			s.pos += i
		} else {
			s.pos = len(s.text)
		}
	}
}

func (s *scanner) next() *Error {
	r, _ := utf8.DecodeRuneInString(s.text[s.pos:])
	switch {
	case s.pathIsNext():
		return s.path()
	case isNameStart(r):
		return s.word()
	case r == '$':
		return s.variable()
	case '0' <= r && r <= '9':
		return s.number()
	case r == '"', r == '\'', r == '`':
		return s.quoted()
	}
	return s.operator()
}

// emit makes a token of the next n bytes.
func (s *scanner) emit(kind lexer.TokenType, n int) *Error {
	value := s.text[s.pos : s.pos+n]
	if kind == tokenKeyword {
		value = strings.ToLower(value)
	}
	s.tokens = append(s.tokens, lexer.Token{Type: kind, Value: value, Pos: lexer.Position{Offset: s.pos}})
	s.pos += n
	if kind == tokenOperator || kind == tokenKeyword {
		return s.nest(value, s.pos-n)
	}
	s.nots = 0
	return nil
}

// nest keeps the account of nesting. A not or a sign nests like a parenthesis; a
// run of them ends at the first other token.
func (s *scanner) nest(value string, at int) *Error {
	switch value {
	case "(":
		s.open = append(s.open, at)
	case ")":
		if len(s.open) == 0 {
			return s.errorf(at, "", `")" without "("`)
		}
		s.open = s.open[:len(s.open)-1]
	case "case":
		s.cases++
	case "end":
		s.cases--
	}
	if s.nots++; value != "not" && value != "-" {
		s.nots = 0
	}
	if len(s.open)+max(s.cases, 0)+s.nots > maxDepth {
		return s.errorf(at, "", "more than %d levels of nesting", maxDepth)
	}
	return nil
}

func isNameStart(r rune) bool { return r == '_' || unicode.IsLetter(r) }

func isNamePart(r rune) bool { return isNameStart(r) || unicode.IsDigit(r) || r == '.' }

// span is the number of bytes from pos on whose runes are all wanted.
func (s *scanner) span(from int, wanted func(rune) bool) int {
	n := strings.IndexFunc(s.text[from:], func(r rune) bool { return !wanted(r) })
	if n < 0 {
		return len(s.text) - from
	}
	return n
}

// word reads a keyword or a name. A name that DTail allows but that would be a
// difference here (cpu-usage) is refused: it could be meant either way.
func (s *scanner) word() *Error {
	n := s.span(s.pos, isNamePart)
	word, rest := s.text[s.pos:s.pos+n], s.text[s.pos+n:]
	if joins(rest) {
		all := s.span(s.pos, func(r rune) bool { return isNamePart(r) || strings.ContainsRune("-/:", r) })
		hint := "a name with such characters needs back-ticks: " + quoteName(s.text[s.pos:s.pos+all])
		if rest[0] == '-' {
			hint = "for a difference put blanks around it; " + hint
		}
		return s.errorf(s.pos+n, hint, "%q inside a name", rest[:1])
	}
	if keyword(word) != "" {
		return s.emit(tokenKeyword, n)
	}
	return s.emit(tokenName, n)
}

// joins tells whether what follows a name looks like more of it.
func joins(rest string) bool {
	if len(rest) < 2 {
		return rest == ":"
	}
	next, _ := utf8.DecodeRuneInString(rest[1:])
	return rest[0] == '-' && isNamePart(next) || rest[0] == ':' && next != ':'
}

func (s *scanner) variable() *Error {
	n := s.span(s.pos+1, isNamePart)
	if n == 0 {
		return s.errorf(s.pos, "", `expected a name after "$"`)
	}
	return s.emit(tokenVariable, n+1)
}

// number reads a number, a duration or a size: whatever begins with a digit.
func (s *scanner) number() *Error {
	n := s.span(s.pos, isNamePart)
	if end := s.pos + n; strings.HasSuffix(strings.ToLower(s.text[s.pos:end]), "e") && end < len(s.text) &&
		strings.IndexByte("+-", s.text[end]) >= 0 { // 1e-6
		n += 1 + s.span(end+1, isNamePart)
	}
	word := s.text[s.pos : s.pos+n]
	if isNumber(word) {
		return s.emit(tokenNumber, n)
	}
	switch unitOf(word) {
	case Seconds:
		return s.emit(tokenDuration, n)
	case Bytes:
		return s.emit(tokenSize, n)
	}
	return s.errorf(s.pos, "text needs quotes, and a name back-ticks", "%s is not a number", quote(word))
}

// isNumber tells whether a word is digits [. digits] [e [+|-] digits].
func isNumber(word string) bool {
	digits := func() bool {
		n := len(word)
		word = strings.TrimLeft(word, "0123456789")
		return len(word) < n
	}
	if !digits() {
		return false
	}
	if rest, ok := strings.CutPrefix(word, "."); ok {
		if word = rest; !digits() {
			return false
		}
	}
	if word == "" {
		return true
	}
	if word[0]|0x20 != 'e' {
		return false
	}
	if word = word[1:]; word != "" && (word[0] == '+' || word[0] == '-') {
		word = word[1:]
	}
	return digits() && word == ""
}

func (s *scanner) quoted() *Error {
	n := quotedLength(s.text[s.pos:])
	kind := tokenString
	what := "the text"
	if s.text[s.pos] == '`' {
		kind, what = tokenQuoted, "the name"
	}
	if n < 0 {
		return s.errorf(s.pos, "", "%s is not closed", what)
	}
	if n == 2 && kind == tokenQuoted {
		return s.errorf(s.pos, "", "the name is empty")
	}
	return s.emit(kind, n)
}

// operator reads the longest operator that is there.
func (s *scanner) operator() *Error {
	rest := s.text[s.pos:]
	if len(rest) > 1 {
		switch rest[:2] {
		case "==", "!=", "<>", "<=", "=<", ">=", "=>", "=~", "!~", "<<", "||", "::":
			return s.emit(tokenOperator, 2)
		}
	}
	switch rest[0] {
	case '=', '<', '>', '(', ')', ',', '+', '-', '*', '/', '%', '.':
		return s.emit(tokenOperator, 1)
	}
	return s.stranger()
}

// stranger explains a character that the language does not know.
func (s *scanner) stranger() *Error {
	r, _ := utf8.DecodeRuneInString(s.text[s.pos:])
	switch {
	case r == ';':
		return s.errorf(s.pos, "one query only, without a semicolon", "unexpected %q", ";")
	case r == '!':
		return s.errorf(s.pos, "write not, != or !~", "unexpected %q", "!")
	case r == '|':
		return s.errorf(s.pos, "write || to join texts", "unexpected %q", "|")
	}
	return s.errorf(s.pos, "text needs quotes, and a name back-ticks", "unexpected %s", quote(string(r)))
}
