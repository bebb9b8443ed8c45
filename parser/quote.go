package parser

import "strings"

// Inside "..." a backslash escapes a quote and a backslash, and stands for itself
// before anything else, so that regular expressions need no doubling. Inside '...'
// and `...` only the quote itself is special: doubled it stands for one.

// quotedLength is the length of the quoted text that s begins with, quotes
// included, or -1 if it is not closed.
func quotedLength(s string) int {
	quote := s[0]
	for i := 1; i < len(s); i++ {
		if isEscape(quote, s[i:]) {
			i++
		} else if s[i] == quote {
			return i + 1
		}
	}
	return -1
}

// isEscape tells whether s begins with two bytes that stand for the second.
func isEscape(quote byte, s string) bool {
	if len(s) < 2 {
		return false
	}
	if quote == '"' {
		return s[0] == '\\' && (s[1] == '"' || s[1] == '\\')
	}
	return s[0] == quote && s[1] == quote
}

// unquote is what a quoted text stands for.
func unquote(text string) string {
	quote, inside := text[0], text[1:len(text)-1]
	var b strings.Builder
	for i := 0; i < len(inside); i++ {
		if isEscape(quote, inside[i:]) {
			i++
		}
		b.WriteByte(inside[i])
	}
	return b.String()
}

// quoteString is the canonical literal of a text. It doubles a backslash only
// where that would be read as an escape: regular expressions stay readable.
func quoteString(value string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(value) {
		last := i == len(value)-1
		if value[i] == '"' || value[i] == '\\' && (last || value[i+1] == '"' || value[i+1] == '\\') {
			b.WriteByte('\\')
		}
		b.WriteByte(value[i])
	}
	b.WriteByte('"')
	return b.String()
}

// quoteName is the canonical spelling of a name: in back-ticks only if it must be.
func quoteName(name string) string {
	for i, r := range name {
		if i == 0 && !isNameStart(r) || !isNamePart(r) {
			return "`" + strings.ReplaceAll(name, "`", "``") + "`"
		}
	}
	if keyword(name) != "" {
		return "`" + name + "`"
	}
	return name
}
