package exec

import (
	"fmt"
	"slices"
	"time"

	"fantail/exec/format"
	"fantail/planner"
)

// Merger runs the user half of a plan: it merges the partial aggregates of any
// number of runs, in any order, into the result. It is not safe for concurrent
// use.
type Merger struct {
	MaxGroups int // groups that all windows together may have, an empty window being one; 0: a million
	MaxBytes  int // that all windows together may take, about; 0: 1 GiB

	plan      *planner.Plan
	windows   map[int64]*merging // by start, in nanoseconds since 1970
	groups    int
	bytes     int // of the windows, about
	droppedAt time.Time
	dropped   merging       // the newest window that was dropped, where the next one is compared with it
	checked   []accumulator // what a partial's states are tried on
	rows      *grid         // of a plan for rows that have an order
	scratch   *grid
}

// merging is the groups of one window.
type merging struct {
	table *table
	accs  []accumulator
	bytes int // that it takes, about
}

// NewMerger makes a merger for a plan that planner.New has made.
func NewMerger(p *planner.Plan) (*Merger, error) {
	rows, err := newGrid(p)
	if err != nil {
		return nil, err
	}
	scratch, err := newGrid(p)
	if err != nil {
		return nil, err
	}
	checked, err := newAccumulators(p.Host.Aggs, "")
	return &Merger{plan: p, windows: map[int64]*merging{}, checked: checked, rows: rows, scratch: scratch}, err
}

// Add merges a partial. One that is not well-formed changes nothing but is an
// error: it is applied whole or not at all. With too many groups the query is
// over.
func (m *Merger) Add(p *Partial) error {
	if err := m.check(p); err != nil {
		return err
	}
	w, err := m.window(p.Window)
	if err != nil {
		return err
	}
	for _, g := range p.Groups {
		before := w.table.len()
		id := w.table.id(g.Key)
		m.groups += w.table.len() - before
		for i, acc := range w.accs {
			acc.grow(w.table.len())
			if err := acc.merge(id, g.States[i]); err != nil {
				return fmt.Errorf("BUG: %s: %w", m.plan.Host.Aggs[i].Text, err)
			}
		}
	}
	if limit := m.maxGroups(); m.groups > limit {
		return fmt.Errorf("more than %d groups: narrow the query with where, or group by something coarser", limit)
	}
	m.bytes -= w.bytes
	w.bytes = bytesOf(w.table, w.accs)
	if m.bytes += w.bytes; m.bytes > m.maxBytes() {
		return m.tooLarge()
	}
	if textSize(w.table, w.accs) > maxText {
		return fmt.Errorf("more than %d MiB of groups: narrow the query with where, or group by something shorter", maxText>>20)
	}
	return nil
}

// check tells whether a partial is well-formed, by merging all its groups into
// one that is thrown away.
func (m *Merger) check(p *Partial) error {
	for _, acc := range m.checked {
		acc.reset()
		acc.grow(1)
	}
	for _, g := range p.Groups {
		if err := checkCells(g.Key, len(m.plan.Host.Keys)); err != nil {
			return fmt.Errorf("group key: %w", err)
		}
		if len(g.States) != len(m.checked) {
			return errState
		}
		for i, acc := range m.checked {
			if err := acc.merge(0, g.States[i]); err != nil {
				return fmt.Errorf("%s: %w", m.plan.Host.Aggs[i].Text, err)
			}
		}
	}
	return nil
}

// checkCells tells whether cells are n well-formed values and nothing else.
func checkCells(cells []byte, n int) (err error) {
	for range n {
		if _, cells, _, err = CutCell(cells); err != nil {
			return err
		}
	}
	if len(cells) > 0 {
		return errCell
	}
	return nil
}

// window is the window that starts then, which is made when it is new.
func (m *Merger) window(start time.Time) (*merging, error) {
	w := m.windows[nanoseconds(start)]
	if w != nil {
		return w, nil
	}
	w, err := m.newMerging()
	if err == nil {
		m.windows[nanoseconds(start)] = w
		m.groups++
	}
	return w, err
}

func (m *Merger) maxGroups() int {
	if m.MaxGroups > 0 {
		return m.MaxGroups
	}
	return 1_000_000
}

func (m *Merger) newMerging() (*merging, error) {
	accs, err := newAccumulators(m.plan.Host.Aggs, "")
	return &merging{table: newTable(), accs: accs}, err
}

// AddRows collects rows that will have an order.
func (m *Merger) AddRows(r *Rows) error { return m.rows.addCells(r) }

// Windows are the starts of the windows that have got a partial and have not
// been dropped, in order.
func (m *Merger) Windows() []time.Time {
	var starts []time.Time
	for ns := range m.windows {
		if ns != 0 {
			starts = append(starts, time.Unix(0, ns).UTC())
		}
	}
	slices.SortFunc(starts, time.Time.Compare)
	return starts
}

// Drop forgets a window.
func (m *Merger) Drop(window time.Time) {
	if w := m.windows[nanoseconds(window)]; w != nil {
		m.groups -= w.table.len() + 1
		m.bytes -= w.bytes
		if len(m.scratch.over.deltas) > 0 && window.After(m.droppedAt) {
			m.bytes += w.bytes - m.dropped.bytes
			m.dropped, m.droppedAt = *w, window
		}
		delete(m.windows, nanoseconds(window))
	}
}

// before is the window before another one, if there is one and something compares
// with it.
func (m *Merger) before(window time.Time) *merging {
	if len(m.scratch.over.deltas) == 0 || window.IsZero() {
		return nil
	}
	at := window.Add(-m.plan.Merge.Interval)
	if m.dropped.table != nil && at.Equal(m.droppedAt) {
		return &m.dropped
	}
	return m.windows[nanoseconds(at)]
}

// Result is the result as it stands: of a window, or with the zero time of a
// query without windows.
func (m *Merger) Result(window time.Time) (*Result, error) {
	if len(m.plan.Host.Rows) > 0 {
		return m.rows.result()
	}
	w := m.windows[nanoseconds(window)]
	if w == nil {
		var err error
		if w, err = m.newMerging(); err != nil {
			return nil, err
		}
	}
	if len(m.plan.Host.Keys) == 0 && w.table.len() == 0 {
		w.table.id(nil) // without group by there is one row, even of no lines
		if m.windows[nanoseconds(window)] == w {
			m.groups++
		}
		for _, acc := range w.accs {
			acc.grow(1)
		}
	}
	m.scratch.reset()
	if err := m.scratch.addGroups(w); err != nil {
		return nil, err
	}
	m.scratch.over.set(window, w, m.before(window), len(m.plan.Host.Keys))
	res, err := m.scratch.result()
	if res != nil {
		res.Window = window
	}
	return res, err
}

// RowsResult is the result's rows for rows that have no order but their own.
func (m *Merger) RowsResult(r *Rows) (*Result, error) {
	m.scratch.reset()
	if err := m.scratch.addCells(r); err != nil {
		return nil, err
	}
	return m.scratch.result()
}

// addGroups makes a row of every group: its keys, then its aggregates.
func (g *grid) addGroups(w *merging) error {
	for id := range int32(w.table.len()) {
		cells := w.table.key(id)
		for k := range g.keys {
			value, rest, null, err := CutCell(cells)
			if err != nil {
				return err
			}
			g.add(k, value, null)
			cells = rest
		}
		for i, acc := range w.accs {
			at := len(g.b.Text)
			var null bool
			g.b.Text, null = acc.appendValue(g.b.Text, id)
			g.addSpan(g.keys+i, at, null)
		}
	}
	return nil
}

// addCells makes a row of every row, if all are well-formed.
func (g *grid) addCells(r *Rows) error {
	if r.N < 0 {
		return errCell
	}
	if len(g.b.Text)+len(r.Data) > maxText {
		return fmt.Errorf("more than %d MiB of rows to order: narrow the query with where, or leave order by out", maxText>>20)
	}
	if err := checkCells(r.Data, r.N*len(g.b.columns)); err != nil {
		return err
	}
	cells := r.Data
	for range r.N {
		for slot := range g.b.columns {
			value, rest, null, err := CutCell(cells)
			if err != nil {
				return err
			}
			g.add(slot, value, null)
			cells = rest
		}
	}
	return nil
}

// maxText is how much text a result may hold, in bytes: what a Span can reach,
// and room for what is made of it.
const maxText = 2 << 30

func (g *grid) add(slot int, value []byte, null bool) {
	at := len(g.b.Text)
	g.b.Text = append(g.b.Text, value...)
	g.addSpan(slot, at, null)
}

// addSpan adds a value that ends the text; the row is complete with the last
// slot's.
func (g *grid) addSpan(slot, at int, null bool) {
	s := format.Span{Start: uint32(at), End: uint32(len(g.b.Text))}
	if null {
		s = format.Null()
	}
	c := &g.b.columns[slot]
	c.cells = append(c.cells, s)
	if slot == len(g.b.columns)-1 {
		g.b.Lines = append(g.b.Lines, format.Span{})
	}
}
