package format

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// logfmt is key=value tokens separated by blanks. A value may stand in quotes,
// with escapes as JSON has them; a key without an equals sign has an empty one.
type logfmt struct {
	found
	fields int
	keys   []wanted // their fields are slots
}

func newLogfmt(fields []Field) *logfmt {
	names := slots{}
	p := &logfmt{found: newFound(fields, names.of), fields: len(fields)}
	for name, slot := range names {
		p.keys = append(p.keys, newWanted(name+"=", slot))
	}
	return p
}

func (p *logfmt) Parse(b *Batch) {
	b.reset(p.fields)
	for i := range b.Lines {
		text, at := b.line(i)
		p.clear()
		if !p.parseLine(b, text, at) {
			b.Malformed++
		}
		p.store(b, i)
	}
}

// parseLine finds what is wanted of a line, and tells whether there is a value in
// it and every quote is closed.
func (p *logfmt) parseLine(b *Batch, text []byte, at uint32) (ok bool) {
	for i := 0; ; {
		if i = skipBlanks(text, i); i == len(text) {
			return ok
		}
		key, equals := p.key(text, i)
		if equals == len(text) || text[equals] != '=' {
			p.bare(text[i:equals], at+uint32(equals))
			i = equals
			continue
		}
		ok = true
		end, closed := p.value(b, text, at, equals+1, key)
		if !closed {
			return false
		}
		i = end
	}
}

// key finds the key that begins at byte i among those that are wanted, and where
// it ends. One that is wanted need not be looked at again.
func (p *logfmt) key(text []byte, i int) (slot, end int) {
	rest := text[i:]
	head := firstBytes(rest)
	for k := range p.keys {
		if key := &p.keys[k]; key.begins(rest, head) {
			return key.field, i + len(key.prefix) - 1
		}
	}
	return -1, endOfToken(text, i, '=')
}

// bare takes a key without an equals sign.
func (p *logfmt) bare(key []byte, end uint32) {
	for k := range p.keys {
		if w := &p.keys[k]; len(key)+1 == len(w.prefix) && bytes.HasPrefix(w.prefix, key) && p.spans[w.field].IsNull() {
			p.spans[w.field] = Span{end, end}
		}
	}
}

// value reads the value that begins at byte i, and takes it if its slot is not -1
// and has none yet.
func (p *logfmt) value(b *Batch, text []byte, at uint32, i, slot int) (end int, closed bool) {
	take := slot >= 0 && p.spans[slot].IsNull()
	if i == len(text) || text[i] != '"' {
		end = endOfToken(text, i, ' ')
		if take {
			p.spans[slot] = Span{at + uint32(i), at + uint32(end)}
		}
		return end, true
	}
	i++
	end, escaped := endOfString(text, i)
	if closed = end >= 0; !closed {
		end = len(text)
	}
	if take && escaped {
		start := len(b.Text)
		b.Text = unescapeJSON(b.Text, text[i:end])
		p.spans[slot] = Span{uint32(start), uint32(len(b.Text))}
	} else if take {
		p.spans[slot] = Span{at + uint32(i), at + uint32(end)}
	}
	return min(end+1, len(text)), closed
}

// endOfToken is where the first blank or stop stands from byte i on. It looks at
// 8 bytes at once.
func endOfToken(text []byte, i int, stop byte) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	stops := ones * uint64(stop)
	for ; i+8 <= len(text); i += 8 {
		word := binary.LittleEndian.Uint64(text[i:])
		s, b, t := word^stops, word^(' '*ones), word^('\t'*ones)
		// The lowest bit that is set is that of the first zero byte.
		if m := ((s-ones)&^s | (b-ones)&^b | (t-ones)&^t) & highs; m != 0 {
			return i + bits.TrailingZeros64(m)/8
		}
	}
	for i < len(text) && text[i] != stop && text[i] != ' ' && text[i] != '\t' {
		i++
	}
	return i
}
