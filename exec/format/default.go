package format

import "bytes"

// The places of the default format's parts, which bars separate:
//
//	INFO|20261120-101112|21918|stats.go:53|2|25|7|4.87|59m58s|MAPREDUCE:STATS|key=value|key=value
const (
	partTime   = 1
	partTable  = 9  // MAPREDUCE:TABLE
	headParts  = 10 // parts in front of the key=value tokens
	fullTime   = len("YYYYMMDD-HHMMSS")
	tableLabel = "MAPREDUCE:"
)

// headField is a variable that a part of the head gives.
type headField struct {
	part     int
	from, to int // the bytes of a full time; to 0: all of the part
	field    int // its index in Batch.Fields
}

// defaultFormat is DTail's format for statistics.
type defaultFormat struct {
	table  []byte // "MAPREDUCE:STATS"; nil: every line is a record
	fields int
	head   []headField
	wants  []wanted
	bars   [headParts]uint32 // where the parts of the current line's head end, from its start
}

func newDefault(table string, fields []Field) *defaultFormat {
	p := &defaultFormat{fields: len(fields), wants: wantKeys(fields)}
	if table != "" {
		p.table = []byte(tableLabel + table)
	}
	for i, f := range fields {
		if h, ok := headFieldOf(f.Name); ok && f.Var {
			h.field = i
			p.head = append(p.head, h)
		}
	}
	return p
}

func headFieldOf(name string) (headField, bool) {
	switch name {
	case "$severity", "$loglevel":
		return headField{part: 0}, true
	case "$time":
		return headField{part: partTime}, true
	case "$date":
		return headField{part: partTime, from: 0, to: 8}, true
	case "$hour":
		return headField{part: partTime, from: 9, to: 11}, true
	case "$minute":
		return headField{part: partTime, from: 11, to: 13}, true
	case "$second":
		return headField{part: partTime, from: 13, to: 15}, true
	}
	for i, part := range []string{"$pid", "$caller", "$cpus", "$goroutines", "$cgocalls", "$loadavg", "$uptime"} {
		if name == part {
			return headField{part: 2 + i}, true
		}
	}
	return headField{}, false
}

func (p *defaultFormat) Parse(b *Batch) {
	b.reset(p.fields)
	kept := 0
	for i := range b.Lines {
		text, at := b.line(i)
		n := p.cutHead(text)
		if p.table != nil && (n < headParts || !bytes.Equal(p.part(text, partTable), p.table)) {
			continue
		}
		b.Lines[kept] = b.Lines[i]
		p.parseLine(b, kept, text, at, n)
		kept++
	}
	b.keep(kept)
}

// cutHead finds the bars of the head, and returns how many parts there are.
func (p *defaultFormat) cutHead(text []byte) int {
	at := 0
	for n := range p.bars {
		j := bytes.IndexByte(text[at:], '|')
		if j < 0 {
			p.bars[n] = uint32(len(text))
			return n + 1
		}
		p.bars[n] = uint32(at + j)
		at += j + 1
	}
	return headParts
}

// part is part n of the line's head, which cutHead has cut.
func (p *defaultFormat) part(text []byte, n int) []byte {
	from := uint32(0)
	if n > 0 {
		from = p.bars[n-1] + 1
	}
	return text[from:p.bars[n]]
}

// parseLine fills the fields of line i, whose head has n parts.
func (p *defaultFormat) parseLine(b *Batch, i int, text []byte, at uint32, n int) {
	end := p.bars[n-1]
	if n < headParts || int(end) == len(text) || !endsInToken(text[end:]) {
		b.Malformed++
	}
	if n < headParts {
		return
	}
	for _, h := range p.head {
		b.Fields[h.field][i] = p.headSpan(h, at)
	}
	if int(end) < len(text) && len(p.wants) > 0 {
		cutKeys(b, i, text[end+1:], at+end+1, p.wants)
	}
}

// headSpan is a variable of the head. A time without a date gives no part of
// itself: it is not known which part that would be.
func (p *defaultFormat) headSpan(h headField, at uint32) Span {
	from := uint32(0)
	if h.part > 0 {
		from = p.bars[h.part-1] + 1
	}
	end := p.bars[h.part]
	switch {
	case h.to == 0:
		return Span{at + from, at + end}
	case int(end-from) != fullTime:
		return Null()
	}
	return Span{at + from + uint32(h.from), at + from + uint32(h.to)}
}

// endsInToken tells whether the last token has an equals sign; that of a line
// which was cut off while it was written often has none.
func endsInToken(text []byte) bool {
	return bytes.IndexByte(text[bytes.LastIndexByte(text, '|')+1:], '=') >= 0
}
