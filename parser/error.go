package parser

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Error says what is wrong with a query, and where.
type Error struct {
	Query  string // as written; "" not known
	Offset int    // bytes into Query
	Msg    string
	Hint   string // what to do about it; "" none
}

func newError(query string, offset int, hint, format string, args ...any) *Error {
	return &Error{Query: query, Offset: offset, Msg: fmt.Sprintf(format, args...), Hint: hint}
}

// Errorf makes an error at a byte offset of the query, for what later stages find.
func (q *Query) Errorf(pos int, hint, format string, args ...any) *Error {
	return newError(q.Text, pos, hint, format, args...)
}

// Error shows the message, the line of the query with a caret under the place,
// and the hint:
//
//	query:1:12: unexpected "frm"
//	  select foo frm bar
//	             ^
//	  did you mean "from"?
func (e *Error) Error() string {
	offset := min(max(e.Offset, 0), len(e.Query))
	line, column := place(e.Query, offset)
	var b strings.Builder
	fmt.Fprintf(&b, "query:%d:%d: %s", line, column, e.Msg)
	if e.Query != "" {
		before, after := lineAround(e.Query, offset)
		before, after = window(harmless(before), harmless(after))
		fmt.Fprintf(&b, "\n  %s%s\n  %s^", before, after, strings.Repeat(" ", width(before)))
	}
	if e.Hint != "" {
		fmt.Fprintf(&b, "\n  %s", e.Hint)
	}
	return b.String()
}

// place is the line and the column, both from 1 and in characters.
func place(text string, offset int) (line, column int) {
	before := text[:offset]
	start := strings.LastIndexByte(before, '\n') + 1
	return strings.Count(before, "\n") + 1, utf8.RuneCountInString(before[start:]) + 1
}

// lineAround gives what stands before and after an offset in its line.
func lineAround(text string, offset int) (before, after string) {
	before, after = text[:offset], text[offset:]
	before = before[strings.LastIndexByte(before, '\n')+1:]
	after, _, _ = strings.Cut(after, "\n")
	return before, after
}

// harmless replaces what could move the caret or reach the terminal as a command.
func harmless(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsPrint(r):
			return r
		}
		return unicode.ReplacementChar
	}, strings.TrimSuffix(s, "\r"))
}

// maxShown is the greatest part of a line that an error shows, in columns.
const maxShown = 76

// window cuts a long line at both sides of its place.
func window(before, after string) (string, string) {
	if room := max(maxShown-width(after), maxShown/2); width(before) > room {
		before = "…" + cutLeft(before, room-1)
	}
	if room := maxShown - width(before); width(after) > room {
		after = cutRight(after, room-1) + "…"
	}
	return before, after
}

// cutLeft gives the end of a text, of at most some columns.
func cutLeft(s string, columns int) string {
	used := 0
	for end := len(s); end > 0; {
		r, n := utf8.DecodeLastRuneInString(s[:end])
		if used += runeWidth(r); used > columns {
			return s[end:]
		}
		end -= n
	}
	return s
}

// cutRight gives the beginning of a text, of at most some columns.
func cutRight(s string, columns int) string {
	used := 0
	for i, r := range s {
		if used += runeWidth(r); used > columns {
			return s[:i]
		}
	}
	return s
}

// quote puts a piece of a query into a message: in quotes, and not too long.
func quote(s string) string { return strconv.Quote(shorten(s)) }

func shorten(s string) string {
	if short := cutRight(harmless(s), 40); len(short) < len(harmless(s)) {
		return short + "…"
	}
	return harmless(s)
}
