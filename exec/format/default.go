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
	ends   []uint32 // of the current line's parts, from its start
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
		p.ends = cutBars(p.ends[:0], text)
		if p.table != nil && (len(p.ends) < headParts || !bytes.Equal(p.part(text, partTable), p.table)) {
			continue
		}
		b.Lines[kept] = b.Lines[i]
		p.parseLine(b, kept, text, at)
		kept++
	}
	b.keep(kept)
}

// start is where part n of the current line begins.
func (p *defaultFormat) start(n int) uint32 {
	if n == 0 {
		return 0
	}
	return p.ends[n-1] + 1
}

func (p *defaultFormat) part(text []byte, n int) []byte { return text[p.start(n):p.ends[n]] }

// parseLine fills the fields of line i. Of a line that was cut off while it was
// written the last token often lacks its equals sign.
func (p *defaultFormat) parseLine(b *Batch, i int, text []byte, at uint32) {
	n := len(p.ends)
	if n <= headParts || bytes.IndexByte(p.part(text, n-1), '=') < 0 {
		b.Malformed++
	}
	if n < headParts {
		return
	}
	for _, h := range p.head {
		b.Fields[h.field][i] = p.headSpan(h, at)
	}
	if n > headParts {
		cutKeys(b, i, text, at, p.start(headParts), p.ends[headParts:], p.wants)
	}
}

// headSpan is a variable of the head. A time without a date gives no part of
// itself: it is not known which part that would be.
func (p *defaultFormat) headSpan(h headField, at uint32) Span {
	from, end := p.start(h.part), p.ends[h.part]
	switch {
	case h.to == 0:
		return Span{at + from, at + end}
	case int(end-from) != fullTime:
		return Null()
	}
	return Span{at + from + uint32(h.from), at + from + uint32(h.to)}
}
