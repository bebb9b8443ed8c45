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
	marks  []uint32 // see cutTokens
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
	p.marks = cutTokens(p.marks[:0], text)
	marks := p.marks
	for i, k := 0, 0; ; {
		if i = skipBlanks(text, i); i == len(text) {
			return ok
		}
		for int(marks[k]) < i {
			k++
		}
		mark := int(marks[k])
		if mark == len(text) || text[mark] != '=' {
			p.bare(text[i:mark], at+uint32(mark))
			i = mark
			continue
		}
		ok = true
		slot := p.slot(text[i:])
		if i = mark + 1; i < len(text) && text[i] == '"' {
			if i = p.quoted(b, text, at, i+1, slot); i < 0 {
				return false
			}
			continue
		}
		for k++; int(marks[k]) < len(text) && text[marks[k]] == '='; {
			k++
		}
		end := int(marks[k])
		if slot >= 0 && p.spans[slot].IsNull() {
			p.set(slot, at, i, end)
		}
		i = end
	}
}

// slot is that of the key with which a text begins; -1: it is not wanted.
func (p *logfmt) slot(text []byte) int {
	head := firstBytes(text)
	for k := range p.keys {
		if key := &p.keys[k]; key.begins(text, head) {
			return key.field
		}
	}
	return -1
}

// bare takes a key without an equals sign.
func (p *logfmt) bare(key []byte, end uint32) {
	for k := range p.keys {
		if w := &p.keys[k]; len(key)+1 == len(w.prefix) && bytes.HasPrefix(w.prefix, key) && p.spans[w.field].IsNull() {
			p.spans[w.field] = Span{end, end}
		}
	}
}

// quoted reads a value from behind its quote, takes it if its slot is not -1 and
// has none yet, and gives where it ends; -1: it does not.
func (p *logfmt) quoted(b *Batch, text []byte, at uint32, i, slot int) int {
	end, escaped := endOfString(text, i)
	next := end + 1
	if end < 0 {
		next, end = -1, len(text)
	}
	switch {
	case slot < 0 || !p.spans[slot].IsNull():
	case escaped:
		start := len(b.Text)
		b.Text = unescapeJSON(b.Text, text[i:end])
		p.spans[slot] = Span{uint32(start), uint32(len(b.Text))}
	default:
		p.set(slot, at, i, end)
	}
	return next
}

// cutTokens appends where equals signs and blanks stand, and the end. It does so as
// cutBars does, and for the same reason: looking for the end of each key and value
// takes three times as long. Other control characters count as blanks here.
func cutTokens(marks []uint32, text []byte) []uint32 {
	const ones, low = 0x0101010101010101, 0x7f7f7f7f7f7f7f7f
	at := 0
	for ; at+8 <= len(text); at += 8 {
		word := binary.LittleEndian.Uint64(text[at:])
		x := word ^ '='*ones
		// The high bit of each byte that is zero in x, or not above a blank in word.
		m := ^(x&low + low | x | low) | ^(word&low + (low - ' '*ones) | word | low)
		for ; m != 0; m &= m - 1 {
			marks = append(marks, uint32(at+bits.TrailingZeros64(m)/8))
		}
	}
	for ; at < len(text); at++ {
		if text[at] == '=' || text[at] <= ' ' {
			marks = append(marks, uint32(at))
		}
	}
	return append(marks, uint32(len(text)))
}

// endOfToken is where the first blank or equals sign stands from byte i on.
func endOfToken(text []byte, i int) int {
	for i < len(text) && text[i] != '=' && text[i] > ' ' {
		i++
	}
	return i
}
