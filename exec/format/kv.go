package format

import "bytes"

// wanted is a key=value field that the plan uses.
type wanted struct {
	prefix []byte // "latency="
	field  int    // its index in Batch.Fields
}

func wantKeys(fields []Field) []wanted {
	var w []wanted
	for i, f := range fields {
		if !f.Var {
			w = append(w, wanted{prefix: []byte(f.Name + "="), field: i})
		}
	}
	return w
}

// cutKeys finds the wanted fields of line i in text, which is tokens key=value
// separated by bars and begins at byte at of the batch. Of a key that occurs
// twice the first counts. It stops when it has found everything.
func cutKeys(b *Batch, i int, text []byte, at uint32, wants []wanted) {
	missing := len(wants)
	for missing > 0 && len(text) > 0 {
		token, rest := text, text[len(text):]
		if j := bytes.IndexByte(text, '|'); j >= 0 {
			token, rest = text[:j], text[j+1:]
		}
		for w := range wants {
			p := wants[w].prefix
			if len(token) < len(p) || token[0] != p[0] || !bytes.Equal(token[:len(p)], p) {
				continue
			}
			if cell := &b.Fields[wants[w].field][i]; cell.IsNull() {
				*cell = Span{at + uint32(len(p)), at + uint32(len(token))}
				missing--
			}
			break
		}
		at += uint32(len(text) - len(rest))
		text = rest
	}
}

// kv is DTail's generickv: tokens key=value separated by bars; a token without
// an equals sign is skipped.
type kv struct {
	fields int
	wants  []wanted
}

func newKV(fields []Field) *kv {
	return &kv{fields: len(fields), wants: wantKeys(fields)}
}

func (p *kv) Parse(b *Batch) {
	b.reset(p.fields)
	for i := range b.Lines {
		text, at := b.line(i)
		cutKeys(b, i, text, at, p.wants)
	}
}
