package format

import (
	"bytes"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// unescapeJSON appends the text that s stands for between quotes. An escape that
// is none stands for itself, and half a surrogate pair for U+FFFD.
func unescapeJSON(dst, s []byte) []byte {
	for {
		i := bytes.IndexByte(s, '\\')
		if i < 0 || i+1 == len(s) {
			return append(dst, s...)
		}
		dst = append(dst, s[:i]...)
		s = s[i:]
		if s[1] == 'u' {
			dst, s = unescapeUnicode(dst, s)
			continue
		}
		if c := escapedByte(s[1]); c != 0 {
			dst = append(dst, c)
		} else {
			dst = append(dst, s[:2]...)
		}
		s = s[2:]
	}
}

// escapedByte is what a backslash and c stand for; 0: themselves.
func escapedByte(c byte) byte {
	switch c {
	case '"', '\\', '/':
		return c
	case 'n':
		return '\n'
	case 't':
		return '\t'
	case 'r':
		return '\r'
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	}
	return 0
}

// unescapeUnicode appends the character that s begins with, as \uXXXX or two of
// those, and gives what follows it.
func unescapeUnicode(dst, s []byte) (out, rest []byte) {
	r, ok := unicodeEscape(s)
	if !ok {
		return append(dst, s[:2]...), s[2:]
	}
	s = s[6:]
	if utf16.IsSurrogate(r) {
		low, ok := unicodeEscape(s)
		if r = utf16.DecodeRune(r, low); ok && r != utf8.RuneError {
			s = s[6:]
		}
	}
	return utf8.AppendRune(dst, r), s
}

func unicodeEscape(s []byte) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(s[2:6]), 16, 16)
	return rune(n), err == nil
}
