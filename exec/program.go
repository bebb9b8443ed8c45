package exec

import (
	"bytes"
	"strconv"
	"time"

	"fantail/exec/format"
	"fantail/planner"
)

// batchLines is how many lines go through a plan together: few enough that their
// columns stay in the processor's cache.
const batchLines = 1024

// program is a plan's host half ready to run, with the memory it works in. Each
// worker has its own.
type program struct {
	host    *planner.Host
	env     *Env
	fields  []format.Field // what the format is asked for
	slots   []int          // fields[i] is the column in slots[i]
	sets    []value        // by slot; nil: not a set variable
	where   []cond         // all must hold
	keys    []value
	args    []value // of the aggregates; nil: none
	bys     []value // what arg_min and arg_max go by; nil: other aggregates
	filters []cond  // of the aggregates; nil: every line
	rows    []value
	over    overGroups
	parsing *parsing // of the parse clause; nil: none
	needle  []byte   // a line without it cannot be selected; nil: any may

	parser format.Parser
	file   *File // that parser is for
	truths []truth
	b      batch
}

func newProgram(h *planner.Host, env *Env) (*program, error) {
	p := &program{host: h, env: env, sets: make([]value, len(h.Columns))}
	p.b.columns = make([]column, len(h.Columns))
	p.b.ready = make([]bool, len(h.Columns))
	for i, c := range h.Columns {
		switch {
		case c.Parsed: // see compile
		case c.Set != nil:
			v, err := compileValue(c.Set, p)
			if err != nil {
				return nil, err
			}
			p.sets[i] = v
		case !c.Var || !planner.IsCommon(c.Name):
			p.fields = append(p.fields, format.Field{Name: c.Name, Var: c.Var})
			p.slots = append(p.slots, i)
		}
	}
	return p, p.compile()
}

func (p *program) compile() (err error) {
	if p.parsing, err = newParsing(p); err != nil {
		return err
	}
	if p.host.Where != nil {
		for _, e := range conjuncts(p.host.Where) {
			c, err := compileCond(e, p)
			if err != nil {
				return err
			}
			p.where = append(p.where, c)
		}
		p.needle = p.findNeedle()
	}
	if p.keys, err = p.values(p.host.Keys); err != nil {
		return err
	}
	if p.rows, err = p.values(p.host.Rows); err != nil {
		return err
	}
	n := len(p.host.Aggs)
	p.args, p.bys, p.filters = make([]value, n), make([]value, n), make([]cond, n)
	for i, a := range p.host.Aggs {
		if a.Filter != nil {
			if p.filters[i], err = compileCond(a.Filter, p); err != nil {
				return err
			}
		}
		if a.Arg != nil {
			if p.args[i], err = compileValue(a.Arg, p); err != nil {
				return err
			}
		}
		if a.By != nil {
			if p.bys[i], err = compileValue(a.By, p); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *program) values(exprs []planner.Expr) ([]value, error) {
	var vs []value
	for _, e := range exprs {
		v, err := compileValue(e, p)
		if err != nil {
			return nil, err
		}
		vs = append(vs, v)
	}
	return vs, nil
}

// needsLines tells whether lines that are not selected matter too: for numbers
// and for context.
func (p *program) needsLines() bool {
	c := p.host.Context
	return c.Before > 0 || c.After > 0 || c.Numbered || p.host.CountsLines()
}

// findNeedle looks for a literal that every selected line has, so that the
// others need not even be cut out of the block.
func (p *program) findNeedle() []byte {
	if p.needsLines() {
		return nil
	}
	for _, e := range conjuncts(p.host.Where) {
		m, ok := e.(*planner.Match)
		if !ok || m.Negate {
			continue
		}
		s, ok := m.X.(planner.Slot)
		if !ok || !p.host.Columns[s].IsLine() {
			continue
		}
		if literal := requiredLiteral(m.Regexp); len(literal) > 0 {
			return literal
		}
	}
	return nil
}

// open prepares for the blocks of a file.
func (p *program) open(blk *Block) error {
	if p.file == blk.File {
		return nil
	}
	parser, err := format.New(formatOf(p.host), p.fields, blk.File.Head)
	p.parser, p.file = parser, blk.File
	return err
}

// formatOf is how a plan's lines are read.
func formatOf(h *planner.Host) format.Spec {
	return format.Spec{Name: h.Format, Table: h.Table, Pattern: h.Pattern}
}

// batches runs the block through the plan up to the where clause, and calls each
// with the lines selected of every batch.
func (p *program) batches(blk *Block, each func(b *batch, sel []int32) error) (st stats, err error) {
	if err := p.open(blk); err != nil {
		return st, err
	}
	b := &p.b
	b.file, b.arrived = blk.File, nanoseconds(blk.Arrived)
	b.Offset, b.first = blk.Offset, blk.Line
	data := blk.Data
	for at := 0; at < len(data); {
		b.Text = data
		b.start = uint32(at)
		at = p.cutLines(data, at)
		st.lines += int64(len(b.Lines))
		b.Malformed = 0
		p.parse()
		st.malformed += int64(b.Malformed)
		if err := each(b, p.selected()); err != nil {
			return st, err
		}
		if p.host.CountsLines() {
			b.first += int64(countNewlines(data[b.start:at]))
		}
		data = b.Text[:len(data)] // where it may have been moved to, with room behind it
	}
	blk.Data = data
	return st, nil
}

// stats are what a worker counts beside the result.
type stats struct{ lines, malformed int64 }

// cutLines fills b.Lines with the next lines of data from at on, and returns
// where they end.
func (p *program) cutLines(data []byte, at int) int {
	lines := p.b.Lines[:0]
	if cap(lines) < batchLines {
		lines = make([]format.Span, 0, batchLines)
	}
	for len(lines) < batchLines && at < len(data) {
		if p.needle != nil {
			j := bytes.Index(data[at:], p.needle)
			if j < 0 {
				at = len(data)
				break
			}
			at += bytes.LastIndexByte(data[at:at+j], '\n') + 1
		}
		end := len(data)
		if j := bytes.IndexByte(data[at:], '\n'); j >= 0 {
			end = at + j
		}
		lines = append(lines, format.Span{Start: uint32(at), End: uint32(end)})
		at = min(end+1, len(data))
	}
	p.b.Lines = lines
	return at
}

// parse cuts the fields out of the batch's lines, and forgets the columns of the
// batch before.
func (p *program) parse() {
	b := &p.b
	p.parser.Parse(&b.Batch)
	clear(b.ready)
	for f, slot := range p.slots {
		c := &b.columns[slot]
		c.cells, b.Fields[f] = b.Fields[f], c.cells
		c.numbered = false
		b.ready[slot] = true
	}
}

// selected are the lines for which the where clause holds.
func (p *program) selected() []int32 {
	b := &p.b
	sel := b.all()
	p.truths = resize(p.truths, len(b.Lines))
	for _, c := range p.where {
		c.eval(b, sel, p.truths)
		kept := sel[:0]
		for _, i := range sel {
			if p.truths[i] == yes {
				kept = append(kept, i)
			}
		}
		sel = kept
	}
	return sel
}

// column is the column in a slot, made when it is first asked for.
func (p *program) column(b *batch, slot int, sel []int32) *column {
	c := &b.columns[slot]
	if b.ready[slot] {
		return c
	}
	if p.host.Columns[slot].Parsed {
		p.parsing.fill(b, sel)
		return c
	}
	b.ready[slot] = true
	if set := p.sets[slot]; set != nil {
		*c = *set.eval(b, sel)
		return c
	}
	p.common(b, c, p.host.Columns[slot].Name)
	return c
}

// common fills a column with a variable that the engine gives.
func (p *program) common(b *batch, c *column, name string) {
	switch name {
	case "$line":
		b.size(c)
		copy(c.cells, b.Lines)
	case "$hostname":
		b.same(c, []byte(p.env.Hostname))
	case "$server":
		b.same(c, []byte(p.env.Server))
	case "$file":
		b.same(c, []byte(b.file.Path))
	case "$empty":
		b.same(c, nil)
	case "*":
		b.same(c, []byte("*"))
	case "$timezone", "$timeoffset":
		zone, offset := p.env.Start.Zone()
		if name == "$timezone" {
			b.same(c, []byte(zone))
		} else {
			b.same(c, strconv.AppendInt(nil, int64(offset), 10))
		}
	case "$offset":
		b.each(c, func(i int) int64 { return b.Offset + int64(b.Lines[i].Start) })
	case "$lineno":
		n, at := b.first, b.start
		b.each(c, func(i int) int64 {
			n += int64(countNewlines(b.Text[at:b.Lines[i].Start]))
			at = b.Lines[i].Start
			return n + 1
		})
	}
}

// each fills a column with a number for each line.
func (b *batch) each(c *column, number func(i int) int64) {
	b.size(c)
	for i := range c.cells {
		n := number(i)
		at := uint32(len(b.Text))
		b.Text = strconv.AppendInt(b.Text, n, 10)
		c.cells[i] = format.Span{Start: at, End: uint32(len(b.Text))}
	}
}

// all selects every line.
func (b *batch) all() []int32 {
	b.sel = resize(b.sel, len(b.Lines))
	for i := range b.sel {
		b.sel[i] = int32(i)
	}
	return b.sel
}

func nanoseconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}
