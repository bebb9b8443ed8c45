package format

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// wanted is a key=value field that the plan uses.
type wanted struct {
	prefix     []byte // "latency="
	word, mask uint64 // its first 8 bytes, little-endian, and which of them there are
	field      int    // its index in Batch.Fields
}

func wantKeys(fields []Field) []wanted {
	var w []wanted
	for i, f := range fields {
		if !f.Var {
			w = append(w, newWanted(f.Name+"=", i))
		}
	}
	return w
}

func newWanted(prefix string, field int) wanted {
	var word, mask [8]byte
	for i := range copy(word[:], prefix) {
		mask[i] = 0xff
	}
	return wanted{
		prefix: []byte(prefix),
		word:   binary.LittleEndian.Uint64(word[:]),
		mask:   binary.LittleEndian.Uint64(mask[:]),
		field:  field,
	}
}

// begins tells whether the token begins with the prefix; head is its first 8
// bytes, those behind the token's end being anything but the prefix's.
func (w *wanted) begins(token []byte, head uint64) bool {
	return (head^w.word)&w.mask == 0 && len(token) >= len(w.prefix) &&
		(len(w.prefix) <= 8 || bytes.Equal(token[8:len(w.prefix)], w.prefix[8:]))
}

// cutKeys finds the wanted fields of line i in the tokens key=value of text that
// begin at start and end at ends. Text begins at byte at of the batch. Of a key
// that occurs twice the first counts. It stops when it has found everything.
func cutKeys(b *Batch, i int, text []byte, at, start uint32, ends []uint32, wants []wanted) {
	missing := len(wants)
	for _, end := range ends {
		if missing == 0 {
			return
		}
		token := text[start:end]
		head := firstBytes(text[start:])
		for w := range wants {
			want := &wants[w]
			if !want.begins(token, head) {
				continue
			}
			if cell := &b.Fields[want.field][i]; cell.IsNull() {
				*cell = Span{at + start + uint32(len(want.prefix)), at + end}
				missing--
			}
			break
		}
		start = end + 1
	}
}

// firstBytes are the first 8 bytes of s, little-endian; zeros where it is
// shorter.
func firstBytes(s []byte) uint64 {
	if len(s) >= 8 {
		return binary.LittleEndian.Uint64(s)
	}
	return fewBytes(s)
}

// fewBytes is apart from firstBytes so that that is inlined.
func fewBytes(s []byte) (word uint64) {
	for i, c := range s {
		word |= uint64(c) << (8 * i)
	}
	return word
}

// cutBars appends where the parts of text end, which bars separate. It looks at 8
// bytes at once: parts are so short that a search for each takes twice as long,
// and finding the bars in the 8 bytes without a branch takes half as long again.
func cutBars(ends []uint32, text []byte) []uint32 {
	const bars, low = '|' * 0x0101010101010101, 0x7f7f7f7f7f7f7f7f
	at := 0
	for ; at+8 <= len(text); at += 8 {
		x := binary.LittleEndian.Uint64(text[at:]) ^ bars
		// The high bit of each byte that is zero in x, and of no other.
		for m := ^(x&low + low | x | low); m != 0; m &= m - 1 {
			ends = append(ends, uint32(at+bits.TrailingZeros64(m)/8))
		}
	}
	for ; at < len(text); at++ {
		if text[at] == '|' {
			ends = append(ends, uint32(at))
		}
	}
	return append(ends, uint32(len(text)))
}

// kv is DTail's generickv: tokens key=value separated by bars; a token without
// an equals sign is skipped.
type kv struct {
	fields int
	all    int // the fields, and behind them the keys that only variables want
	wants  []wanted
	gives  []give   // the variables; their slots are fields
	ends   []uint32 // of the current line's tokens
}

func newKV(fields []Field) *kv {
	p := &kv{fields: len(fields), all: len(fields), wants: wantKeys(fields)}
	known := map[string]int{}
	for i, f := range fields {
		if !f.Var {
			known[f.Name] = i
		}
	}
	f := newFound(fields, func(name string) int {
		if _, ok := known[name]; !ok {
			known[name] = p.all
			p.wants = append(p.wants, newWanted(name+"=", p.all))
			p.all++
		}
		return known[name]
	})
	for _, g := range f.gives {
		if fields[g.field].Var {
			p.gives = append(p.gives, g)
		}
	}
	return p
}

func (p *kv) Parse(b *Batch) {
	b.reset(p.all)
	for i := range b.Lines {
		if len(p.wants) == 0 {
			break
		}
		text, at := b.line(i)
		p.ends = cutBars(p.ends[:0], text)
		cutKeys(b, i, text, at, 0, p.ends, p.wants)
		for _, g := range p.gives {
			p.variable(b, i, g)
		}
	}
	b.Fields = b.Fields[:p.fields]
}

// variable sets a variable of line i to the first of its keys that is there.
func (p *kv) variable(b *Batch, i int, g give) {
	for _, slot := range g.slots {
		s := b.Fields[slot][i]
		if s.IsNull() {
			continue
		}
		if g.part != whole {
			s = partOf(b.Text, s, g.part)
		}
		b.Fields[g.field][i] = s
		return
	}
}
