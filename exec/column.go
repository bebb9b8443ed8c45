package exec

import "fantail/exec/format"

// column is one value for each line of a batch.
type column struct {
	cells []format.Span
	nums  []Number // of the cells; valid when numbered
	// numbered says that nums holds the numbers of the lines selected when it was
	// set. Selections only shrink while a batch is processed, so that holds on.
	numbered bool
}

// batch is some lines on their way through a plan.
type batch struct {
	format.Batch
	columns []column // by the plan's slots
	ready   []bool   // columns[i] is filled
	sel     []int32  // memory for a selection
	file    *File
	arrived int64  // nanoseconds since 1970; 0: only scanned
	start   uint32 // where the batch begins in Text, which is all of its block
	first   int64  // newlines in the file before start; where the plan asks for it
}

// text is line i's value, which is not null.
func (b *batch) text(c *column, i int32) []byte {
	s := c.cells[i]
	return b.Text[s.Start:s.End]
}

// numbers makes sure that c.nums holds the numbers of the selected lines.
func (b *batch) numbers(c *column, sel []int32) []Number {
	if c.numbered {
		return c.nums
	}
	if cap(c.nums) < len(b.Lines) {
		c.nums = make([]Number, len(b.Lines))
	}
	c.nums = c.nums[:len(b.Lines)]
	for _, i := range sel {
		if s := c.cells[i]; s.IsNull() {
			c.nums[i] = Number{}
		} else {
			c.nums[i] = parseNumber(b.Text[s.Start:s.End])
		}
	}
	c.numbered = true
	return c.nums
}

// same gives every line the same value.
func (b *batch) same(c *column, value []byte) {
	at := uint32(len(b.Text))
	b.Text = append(b.Text, value...)
	b.fill(c, format.Span{Start: at, End: uint32(len(b.Text))})
}

func (b *batch) fill(c *column, s format.Span) {
	b.size(c)
	for i := range c.cells {
		c.cells[i] = s
	}
}

// size makes c as long as the batch, with no number known.
func (b *batch) size(c *column) {
	if cap(c.cells) < len(b.Lines) {
		c.cells = make([]format.Span, len(b.Lines))
	}
	c.cells = c.cells[:len(b.Lines)]
	c.numbered = false
}
