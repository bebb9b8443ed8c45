package exec

import (
	"bytes"

	"fantail/exec/format"
	"fantail/planner"
)

// parsing fills the columns of the parse clause, all of them when the first one is
// asked for. A value that does not match gives none of them.
type parsing struct {
	input   value
	parts   []parsedPart
	matcher *format.Matcher // instead of parts; nil: parts
	groups  []parsedGroup
	slots   []int // of the columns
}

// parsedPart is a text, and where the value goes that follows it.
type parsedPart struct {
	text []byte
	slot int  // -1: nowhere
	last bool // what follows the text goes on to the end
	only bool // nothing follows the text
}

// parsedGroup is a group of the regular expression that is asked for.
type parsedGroup struct{ number, slot int }

// newParsing makes the parse clause ready; nil: there is none, or none of its
// fields is used.
func newParsing(p *program) (*parsing, error) {
	slots, names := []int(nil), map[string]int{}
	for i, c := range p.host.Columns {
		if c.Parsed {
			slots, names[c.Name] = append(slots, i), i
		}
	}
	if slots == nil {
		return nil, nil
	}
	input, err := compileValue(p.host.Parse.Input, p)
	if err != nil {
		return nil, err
	}
	w := &parsing{input: input, slots: slots}
	if re := p.host.Parse.Regexp; re != "" {
		return w, w.useRegexp(re, names)
	}
	w.useParts(p.host.Parse.Parts, names)
	return w, nil
}

func (w *parsing) useRegexp(re string, names map[string]int) (err error) {
	if w.matcher, err = format.NewMatcher(re); err != nil {
		return err
	}
	for number, name := range w.matcher.Names() {
		if slot, ok := names[name]; ok && name != "" {
			w.groups = append(w.groups, parsedGroup{number, slot})
		}
	}
	return nil
}

func (w *parsing) useParts(parts []planner.Part, names map[string]int) {
	for i, part := range parts {
		slot, ok := names[part.Name]
		if !ok {
			slot = -1
		}
		w.parts = append(w.parts, parsedPart{[]byte(part.Text), slot, i == len(parts)-1, part.Name == ""})
	}
}

func (w *parsing) fill(b *batch, sel []int32) {
	input := w.input.eval(b, sel)
	for _, slot := range w.slots {
		b.ready[slot] = true
		b.fill(&b.columns[slot], format.Null())
	}
	for _, i := range sel {
		span := input.cells[i]
		if span.IsNull() {
			continue
		}
		text := bytes.TrimSuffix(b.text(input, i), []byte{'\r'})
		if w.matcher != nil {
			w.match(b, i, text, span.Start)
		} else if w.cut(text, nil, i, 0) {
			w.cut(text, b, i, span.Start)
		}
	}
}

// match fills the columns of line i with the groups of the regular expression. Of
// groups with one name the first one counts that is part of the match.
func (w *parsing) match(b *batch, i int32, text []byte, start uint32) {
	match := w.matcher.Match(text)
	if match == nil {
		return
	}
	for _, g := range w.groups {
		cell := &b.columns[g.slot].cells[i]
		if from, to := match[2*g.number], match[2*g.number+1]; from >= 0 && cell.IsNull() {
			*cell = format.Span{Start: start + uint32(from), End: start + uint32(to)}
		}
	}
}

// cut tells whether line i matches the template, and fills its columns in b unless
// that is nil. The first text may stand anywhere, and each value ends where the
// next text begins for the first time.
func (w *parsing) cut(text []byte, b *batch, i int32, start uint32) bool {
	at := bytes.Index(text, w.parts[0].text)
	if at < 0 {
		return false
	}
	at += len(w.parts[0].text)
	for k, part := range w.parts {
		if part.only {
			return true
		}
		end := len(text)
		if !part.last {
			n := bytes.Index(text[at:], w.parts[k+1].text)
			if n < 0 {
				return false
			}
			end = at + n
		}
		if b != nil && part.slot >= 0 {
			b.columns[part.slot].cells[i] = format.Span{Start: start + uint32(at), End: start + uint32(end)}
		}
		if part.last {
			return true
		}
		at = end + len(w.parts[k+1].text)
	}
	return true
}
