package exec

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"fantail/planner"
)

// Result is a table: of a window, or of the whole query.
type Result struct {
	Window  time.Time        // its start; zero: the query has no windows
	Columns []planner.Output // of each row
	Rows    [][]Cell         // in the query's order
}

// Cell is one value of a result.
type Cell struct {
	Text string
	Null bool
}

// grid is rows of values on which the expressions of a plan's user half are
// evaluated: columns by slot.
type grid struct {
	keys    int  // the first slots are the group's key
	limit   int  // rows, those left out included; -1 all
	offset  int  // rows that are left out
	unique  bool // of equal rows, the first one only
	columns []planner.Output
	outputs []value
	having  cond
	order   []value
	asc     []bool
	over    *overGroups // what functions that compare groups know beside them
	b       batch
}

func newGrid(p *planner.Plan) (*grid, error) {
	g := &grid{keys: len(p.Host.Keys), limit: p.Merge.Limit, unique: p.Merge.Distinct, columns: p.Merge.Columns}
	if g.limit >= 0 {
		g.limit += p.Merge.Offset
	}
	if len(p.Host.Rows) == 0 || len(p.Merge.OrderBy) > 0 { // else frames come one by one
		g.offset = p.Merge.Offset
	}
	n := g.keys + len(p.Host.Aggs) + len(p.Host.Rows)
	g.b.columns = make([]column, n)
	g.b.ready = slices.Repeat([]bool{true}, n)
	prog := &program{}
	g.over = &prog.over
	var err error
	for _, c := range p.Merge.Columns {
		v, err := compileValue(c.Expr, prog)
		if err != nil {
			return nil, err
		}
		g.outputs = append(g.outputs, v)
	}
	for _, o := range p.Merge.OrderBy {
		v, err := compileValue(o.Expr, prog)
		if err != nil {
			return nil, err
		}
		g.order, g.asc = append(g.order, v), append(g.asc, o.Asc)
	}
	if p.Merge.Having != nil {
		g.having, err = compileCond(p.Merge.Having, prog)
	}
	return g, err
}

// reset forgets every row and keeps the memory.
func (g *grid) reset() {
	g.b.Text, g.b.Lines = g.b.Text[:0], g.b.Lines[:0]
	for i := range g.b.columns {
		g.b.columns[i].cells = g.b.columns[i].cells[:0]
	}
}

// result evaluates the user half.
func (g *grid) result() (*Result, error) {
	b := &g.b
	for i := range b.columns {
		b.columns[i].numbered = false
	}
	text := len(b.Text)
	sel := g.pass(b.all())
	g.sort(sel)
	if g.unique {
		sel = g.distinct(sel)
	}
	if g.limit >= 0 {
		sel = sel[:min(len(sel), g.limit)]
	}
	sel = sel[min(len(sel), g.offset):]
	res := &Result{Columns: g.columns, Rows: make([][]Cell, len(sel))}
	cells := make([]Cell, len(sel)*len(g.outputs))
	for k := range sel {
		res.Rows[k] = cells[k*len(g.outputs) : (k+1)*len(g.outputs)]
	}
	for o, v := range g.outputs {
		c := v.eval(b, sel)
		for k, i := range sel {
			if c.cells[i].IsNull() {
				res.Rows[k][o].Null = true
			} else {
				res.Rows[k][o].Text = string(b.text(c, i))
			}
		}
	}
	b.Text = b.Text[:text]
	return res, nil
}

// distinct are the rows without those that equal an earlier one.
func (g *grid) distinct(sel []int32) []int32 {
	var columns []*column
	for _, v := range g.outputs {
		columns = append(columns, v.eval(&g.b, sel))
	}
	seen := newTable()
	var key []byte
	return slices.DeleteFunc(sel, func(i int32) bool {
		key = key[:0]
		for _, c := range columns {
			if c.cells[i].IsNull() {
				key = AppendCell(key, nil, true)
			} else {
				key = AppendCell(key, g.b.text(c, i), false)
			}
		}
		before := seen.len()
		seen.id(key)
		return seen.len() == before
	})
}

// pass are the rows for which having holds.
func (g *grid) pass(sel []int32) []int32 {
	if g.having == nil {
		return sel
	}
	truths := make([]truth, len(sel))
	g.having.eval(&g.b, sel, truths)
	return slices.DeleteFunc(sel, func(i int32) bool { return truths[i] != yes })
}

// sort orders rows by the order by clause, then by the group's key. Rows of a
// plan for rows, which have no key, keep the order in which they came.
func (g *grid) sort(sel []int32) {
	var compares []func(i, j int32) int
	for k, v := range g.order {
		compares = append(compares, g.b.compareBy(v.eval(&g.b, sel), sel, g.asc[k]))
	}
	for k := range g.keys {
		compares = append(compares, g.b.compareBy(&g.b.columns[k], sel, true))
	}
	if len(compares) == 0 {
		return
	}
	slices.SortStableFunc(sel, func(i, j int32) int {
		for _, compare := range compares {
			if c := compare(i, j); c != 0 {
				return c
			}
		}
		return 0
	})
}

// compareBy orders lines by a column: numbers by value, before texts by bytes;
// nulls last either way.
func (b *batch) compareBy(c *column, sel []int32, asc bool) func(i, j int32) int {
	nums := b.numbers(c, sel)
	return func(i, j int32) int {
		null := cmp.Compare(nullRank(c, i), nullRank(c, j))
		if null != 0 || c.cells[i].IsNull() {
			return null
		}
		order := 0
		switch {
		case nums[i].ok && nums[j].ok:
			order = nums[i].compare(nums[j])
		case nums[i].ok:
			order = -1
		case nums[j].ok:
			order = 1
		}
		if order == 0 {
			order = bytes.Compare(b.text(c, i), b.text(c, j))
		}
		if !asc {
			order = -order
		}
		return order
	}
}

func nullRank(c *column, i int32) int {
	if c.cells[i].IsNull() {
		return 1
	}
	return 0
}
