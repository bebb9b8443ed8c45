package format

import "bytes"

// csv is RFC 4180 with the header in the file's first line, but for newlines
// inside quotes: a record is a line. With tabs it is tsv, where quotes mean nothing.
type csv struct {
	found
	comma   byte
	columns int   // in the header
	fields  int   // wanted
	at      []int // the slot of each of the header's columns, or -1
	last    int   // the last wanted column
}

// newCSV reads the header from the beginning of the file.
func newCSV(fields []Field, head []byte, comma byte) *csv {
	names := slots{}
	p := &csv{found: newFound(fields, names.of), comma: comma, fields: len(fields), last: -1}
	seen := map[string]bool{}
	for rest, more := headerOf(head); more; p.columns++ {
		var cell []byte
		cell, rest, more = p.cut(rest)
		name := p.title(cell)
		p.at = append(p.at, -1)
		if slot, ok := names[name]; ok && !seen[name] {
			p.at[p.columns] = slot
			p.last = p.columns
		}
		seen[name] = true // of a name that occurs twice the first counts
	}
	return p
}

// headerOf is a file's first line, if there is one.
func headerOf(head []byte) (line []byte, ok bool) {
	head = bytes.TrimPrefix(head, []byte("\ufeff"))
	if i := bytes.IndexByte(head, '\n'); i >= 0 {
		head = head[:i]
	}
	head = bytes.TrimSuffix(head, []byte{'\r'})
	return head, len(head) > 0
}

func (p *csv) title(cell []byte) string {
	if p.comma == '\t' {
		return string(cell)
	}
	return string(unquote(nil, cell))
}

func (p *csv) Parse(b *Batch) {
	if len(b.Lines) > 0 && b.Offset == 0 && b.Lines[0].Start == 0 {
		b.Lines = b.Lines[1:] // the header
	}
	b.reset(p.fields)
	for i := range b.Lines {
		text, at := b.line(i)
		p.clear()
		p.parseLine(b, text, at)
		p.store(b, i)
	}
}

func (p *csv) parseLine(b *Batch, text []byte, at uint32) {
	n, rest, more := 0, text, true
	for ; more; n++ {
		var cell []byte
		start := at + uint32(len(text)-len(rest))
		cell, rest, more = p.cut(rest)
		if n <= p.last && p.at[n] >= 0 {
			p.spans[p.at[n]] = p.value(b, cell, start)
		}
	}
	if n != p.columns {
		b.Malformed++
	}
}

// value is the span of a cell's value, which begins at start.
func (p *csv) value(b *Batch, cell []byte, start uint32) Span {
	if p.comma == '\t' {
		return Span{start, start + uint32(len(cell))}
	}
	return b.unquoted(cell, start)
}

// cut cuts the first cell off a record; more tells whether another follows.
func (p *csv) cut(text []byte) (cell, rest []byte, more bool) {
	if p.comma != '\t' {
		return cutCSV(text)
	}
	return bytes.Cut(text, []byte{'\t'})
}

// unquoted is the span of a cell's value, which begins at start.
func (b *Batch) unquoted(cell []byte, start uint32) Span {
	if len(cell) == 0 || cell[0] != '"' {
		return Span{start, start + uint32(len(cell))}
	}
	from := len(b.Text)
	b.Text = unquote(b.Text, cell)
	return Span{uint32(from), uint32(len(b.Text))}
}

// cutCSV cuts the first cell, with its quotes, off a record; more tells whether
// a comma followed it.
func cutCSV(text []byte) (cell, rest []byte, more bool) {
	end := 0
	if len(text) > 0 && text[0] == '"' {
		for end = 1; end < len(text); end++ {
			if text[end] != '"' {
				continue
			}
			if end+1 == len(text) || text[end+1] != '"' {
				end++
				break
			}
			end++
		}
	}
	end = min(end, len(text))
	j := bytes.IndexByte(text[end:], ',')
	if j < 0 {
		return text, nil, false
	}
	return text[:end+j], text[end+j+1:], true
}

// unquote appends a cell's value to dst.
func unquote(dst, cell []byte) []byte {
	if len(cell) == 0 || cell[0] != '"' {
		return append(dst, cell...)
	}
	cell = cell[1:]
	for {
		i := bytes.IndexByte(cell, '"')
		if i < 0 {
			return append(dst, cell...)
		}
		dst = append(dst, cell[:i]...)
		if i+1 == len(cell) || cell[i+1] != '"' {
			return append(dst, cell[i+1:]...)
		}
		dst = append(dst, '"')
		cell = cell[i+2:]
	}
}
