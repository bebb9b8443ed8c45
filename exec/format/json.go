package format

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// jsonFormat is an object of RFC 8259 in each line. It goes over the text once,
// and looks only at the keys that are wanted: unmarshalling everything takes
// about fifteen times as long.
//
// A text is given without its escapes, null is a value that is not there, and
// anything else, objects and arrays too, is given as it is written.
type jsonFormat struct {
	found
	fields int
	root   jsonNode
	log    int // the slot whose last newline is cut off; -1: none

	b    *Batch
	text []byte // the current line
	at   uint32 // where it begins in b.Text
	key  []byte // memory for a key with escapes
}

func newJSON(fields []Field) *jsonFormat {
	names := slots{}
	p := &jsonFormat{found: newFound(fields, names.of), fields: len(fields), log: -1}
	for name, slot := range names {
		p.root.addPath(name, slot)
	}
	return p
}

func (p *jsonFormat) Parse(b *Batch) {
	b.reset(p.fields)
	p.b = b
	for i := range b.Lines {
		p.text, p.at = b.line(i)
		p.clear()
		if !p.line() {
			b.Malformed++
		}
		p.store(b, i)
	}
	p.b, p.text = nil, nil
}

// line finds what is wanted in the current line, and tells whether it is an
// object.
func (p *jsonFormat) line() bool {
	i := skipBlanks(p.text, 0)
	if i == len(p.text) || p.text[i] != '{' {
		return false
	}
	end := p.object(i+1, &p.root)
	return end >= 0 && skipBlanks(p.text, end) == len(p.text)
}

// Each of the following reads something that begins at byte i, and gives where
// it ends; -1 when it does not.

// object reads an object from behind its brace.
func (p *jsonFormat) object(i int, n *jsonNode) int {
	text := p.text
	i = skipBlanks(text, i)
	if i < len(text) && text[i] == '}' {
		return i + 1
	}
	for i < len(text) && text[i] == '"' {
		var want *jsonWant
		if want, i = p.member(i+1, n); i < 0 {
			return -1
		}
		if i = skipBlanks(text, i); i == len(text) || text[i] != ':' {
			return -1
		}
		if i = p.value(skipBlanks(text, i+1), want); i < 0 {
			return -1
		}
		if i = skipBlanks(text, i); i == len(text) {
			return -1
		}
		switch text[i] {
		case ',':
			i = skipBlanks(text, i+1)
		case '}':
			return i + 1
		default:
			return -1
		}
	}
	return -1
}

// member reads a key from behind its quote, and finds what is wanted of its
// value; nil: nothing. A key that is wanted need not be looked at again.
func (p *jsonFormat) member(i int, n *jsonNode) (*jsonWant, int) {
	rest := p.text[i:]
	head := firstBytes(rest)
	for k := range n.keys {
		if key := &n.keys[k]; key.plain && key.begins(rest, head) {
			return &key.want, i + len(key.prefix)
		}
	}
	end, escaped := endOfString(p.text, i)
	if end < 0 {
		return nil, -1
	}
	if escaped && len(n.keys) > 0 {
		p.key = unescapeJSON(p.key[:0], p.text[i:end])
		for k := range n.keys {
			if key := &n.keys[k]; key.name == string(p.key) {
				return &key.want, end + 1
			}
		}
	}
	return nil, end + 1
}

// value reads a value, and takes what is wanted of it.
func (p *jsonFormat) value(i int, want *jsonWant) int {
	text := p.text
	if i == len(text) {
		return -1
	}
	end := i
	switch c := text[i]; {
	case c == '"':
		last, escaped := endOfString(text, i+1)
		if last < 0 {
			return -1
		}
		if want != nil && want.slot >= 0 {
			p.takeString(want.slot, i+1, last, escaped)
		}
		return last + 1
	case c == '{' && want != nil && len(want.in.keys) > 0:
		end = p.object(i+1, &want.in)
	case c == '[' && want != nil && len(want.in.elements) > 0:
		end = p.array(i+1, &want.in)
	case c == '{' || c == '[':
		end = endOfNested(text, i)
	default:
		for end < len(text) && isScalar(text[end]) {
			end++
		}
		if end == i {
			return -1
		}
	}
	if want != nil && want.slot >= 0 && end > 0 && string(text[i:end]) != "null" {
		p.take(want.slot, Span{p.at + uint32(i), p.at + uint32(end)})
	}
	return end
}

// array reads an array from behind its bracket.
func (p *jsonFormat) array(i int, n *jsonNode) int {
	text := p.text
	i = skipBlanks(text, i)
	if i < len(text) && text[i] == ']' {
		return i + 1
	}
	for index := 0; ; index++ {
		if i = p.value(i, n.element(index)); i < 0 {
			return -1
		}
		if i = skipBlanks(text, i); i == len(text) {
			return -1
		}
		switch text[i] {
		case ',':
			i = skipBlanks(text, i+1)
		case ']':
			return i + 1
		default:
			return -1
		}
	}
}

// take keeps a value. Of a key that occurs twice the first counts.
func (p *jsonFormat) take(slot int, s Span) {
	if p.spans[slot].IsNull() {
		p.spans[slot] = s
	}
}

func (p *jsonFormat) takeString(slot, from, to int, escaped bool) {
	if escaped && slot == p.log && bytes.HasSuffix(p.text[from:to], []byte(`\n`)) && !isEscaped(p.text[from:to-2]) {
		to -= 2
		escaped = bytes.IndexByte(p.text[from:to], '\\') >= 0
	}
	if !escaped {
		p.take(slot, Span{p.at + uint32(from), p.at + uint32(to)})
		return
	}
	if !p.spans[slot].IsNull() {
		return
	}
	start := len(p.b.Text)
	p.b.Text = unescapeJSON(p.b.Text, p.text[from:to])
	p.take(slot, Span{uint32(start), uint32(len(p.b.Text))})
}

// isEscaped tells whether what follows s is escaped by the backslashes at its end.
func isEscaped(s []byte) bool {
	n := len(s) - len(bytes.TrimRight(s, `\`))
	return n%2 == 1
}

func skipBlanks(text []byte, i int) int {
	for i < len(text) && text[i] <= ' ' {
		i++
	}
	return i
}

// isScalar tells whether a number, true, false or null may have the byte in it.
func isScalar(c byte) bool {
	return isDigit(c) || c == '.' || 'a' <= c|0x20 && c|0x20 <= 'z' || c == '-' || c == '+'
}

// endOfString is where the quote stands that ends the text which begins at byte
// i, or -1, and whether there are escapes in it. It looks at 8 bytes at once: two
// searches for the quote and a backslash take half as long again.
func endOfString(text []byte, i int) (end int, escaped bool) {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	for i+8 <= len(text) {
		word := binary.LittleEndian.Uint64(text[i:])
		q, e := word^('"'*ones), word^('\\'*ones)
		// The lowest bit that is set is that of the first zero byte.
		m := ((q-ones)&^q | (e-ones)&^e) & highs
		if m == 0 {
			i += 8
			continue
		}
		i += bits.TrailingZeros64(m) / 8
		if text[i] == '"' {
			return i, escaped
		}
		escaped = true
		i += 2
	}
	for ; i < len(text); i++ {
		switch text[i] {
		case '"':
			return i, escaped
		case '\\':
			escaped = true
			i++
		}
	}
	return -1, escaped
}

// endOfNested is where the object or array ends that begins at byte i, or -1.
func endOfNested(text []byte, i int) int {
	for depth := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			if i, _ = endOfString(text, i+1); i < 0 {
				return -1
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return -1
}
