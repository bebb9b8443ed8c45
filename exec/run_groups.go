package exec

import (
	"time"
)

// The limits of a run's tables together; each worker's has its share. When one
// has reached its share all are sent, in one partial, and cleared, which leaves
// the result exact and the host's memory bounded. Every worker may finish the
// block that it is at, so a partial can exceed them by that much: they are far
// from what a frame can hold.
const (
	maxGroups    = 50_000
	maxGroupText = 8 << 20 // bytes of keys and of texts in accumulators
	maxStates    = 1 << 20 // keys and states
)

// bigBlock is the size from which on a block, in bytes, is the only one of its
// kind in a partial: it has a line that is longer than a usual block, and as many
// of those as there are workers could be more than a frame holds.
const bigBlock = 1 << 20

// shareLimits divides the limits among so many workers.
func (r *run) shareLimits(workers int) {
	groups := min(r.maxGroups, maxStates/(1+len(r.host.Aggs)))
	r.groupShare = max(groups/workers, 1)
	r.textShare = maxGroupText / workers
}

// flushEvery is how often a run without windows tells how far it is: what is
// lost when the connection is cut, at most.
const flushEvery = time.Second

// groupWork is a worker of a plan for aggregates.
type groupWork struct {
	*program
	run     *run
	near    surroundings // for the maximum of matches of a file
	table   *table
	accs    []accumulator
	columns []*column // the keys' columns of the batch at hand
	ids     []int32
	some    []int32 // lines that a filter takes, and their groups
	someIDs []int32
	key     []byte
	st      stats
}

func newGroupWork(r *run, p *program) (*groupWork, error) {
	accs, err := newAccumulators(r.host.Aggs, r.env.Server)
	return &groupWork{program: p, run: r, near: newSurroundings(r.host.Context), table: newTable(), accs: accs}, err
}

func (w *groupWork) work(blk *Block) (err error) {
	w.near.open(blk.File)
	w.st, err = w.batches(blk, w.add)
	w.near.close(blk)
	if w.isFull() {
		w.run.full.Store(true)
	}
	return err
}

func (w *groupWork) deliver(blk *Block) error {
	w.run.ends.add(blk, w.st)
	return nil
}

// add adds the selected lines of a batch to their groups.
func (w *groupWork) add(b *batch, sel []int32) error {
	sel = w.near.at.limit(sel, w.host.Context.Max)
	if len(sel) == 0 {
		return nil
	}
	w.group(b, sel)
	for i, acc := range w.accs {
		acc.grow(w.table.len())
		arg, by := w.argument(w.args[i], sel), w.argument(w.bys[i], sel)
		if w.filters[i] == nil {
			acc.add(b, arg, by, sel, w.ids)
			continue
		}
		for _, c := range []*column{arg, by} {
			if c != nil {
				b.numbers(c, sel) // for all lines: the next aggregate may want those of others
			}
		}
		some, ids := w.filtered(b, w.filters[i], sel)
		acc.add(b, arg, by, some, ids)
	}
	return nil
}

// argument is the column of an aggregate's argument; nil: it has none.
func (w *groupWork) argument(arg value, sel []int32) *column {
	if arg == nil {
		return nil
	}
	return arg.eval(&w.b, sel)
}

// filtered are the selected lines that an aggregate's filter takes, and their
// groups.
func (w *groupWork) filtered(b *batch, filter cond, sel []int32) (some, ids []int32) {
	w.truths = resize(w.truths, len(b.Lines))
	filter.eval(b, sel, w.truths)
	some, ids = w.some[:0], w.someIDs[:0]
	for k, i := range sel {
		if w.truths[i] == yes {
			some, ids = append(some, i), append(ids, w.ids[k])
		}
	}
	w.some, w.someIDs = some, ids
	return some, ids
}

// group sets w.ids to the groups of the selected lines.
func (w *groupWork) group(b *batch, sel []int32) {
	w.columns = w.columns[:0]
	for _, k := range w.keys {
		w.columns = append(w.columns, k.eval(b, sel))
	}
	w.ids = resize(w.ids, len(sel))
	for k, i := range sel {
		w.key = w.key[:0]
		for _, c := range w.columns {
			if s := c.cells[i]; s.IsNull() {
				w.key = AppendCell(w.key, nil, true)
			} else {
				w.key = AppendCell(w.key, b.Text[s.Start:s.End], false)
			}
		}
		w.ids[k] = w.table.id(w.key)
	}
}

// isFull tells whether the table must be sent before it grows further.
func (w *groupWork) isFull() bool {
	return w.table.len() >= w.run.groupShare || textSize(w.table, w.accs) >= w.run.textShare
}

// textSize is how many bytes of keys and of text the groups hold.
func textSize(t *table, accs []accumulator) int {
	n := len(t.arena)
	for _, acc := range accs {
		n += acc.size()
	}
	return n
}

// takeGroups moves the table's groups out.
func (w *groupWork) takeGroups(groups []Group) []Group {
	var buf []byte
	var ends []int
	for g := range int32(w.table.len()) {
		buf = append(buf, w.table.key(g)...)
		ends = append(ends, len(buf))
		for _, acc := range w.accs {
			buf = acc.appendState(buf, g)
			ends = append(ends, len(buf))
		}
	}
	at, pieces := 0, make([][]byte, len(ends))
	for i, end := range ends {
		pieces[i] = buf[at:end:end]
		at = end
	}
	for n := 1 + len(w.accs); len(pieces) > 0; pieces = pieces[n:] {
		groups = append(groups, Group{Key: pieces[0], States: pieces[1:n:n]})
	}
	w.table.reset()
	for _, acc := range w.accs {
		acc.reset()
	}
	return groups
}

// flushLocked gives the sink a partial of everything that is done, and enters a
// window. The caller holds the gate for writing.
func (r *run) flushLocked(enter time.Time) error {
	return r.turn.between(func() error { return r.flushTurn(enter) })
}

func (r *run) flushTurn(enter time.Time) error {
	r.full.Store(false)
	part := Partial{Window: r.window, Passed: enter}
	for _, w := range r.groups {
		part.Groups = w.takeGroups(part.Groups)
	}
	moved := !enter.IsZero() && !enter.Equal(r.window)
	if !enter.IsZero() {
		r.window = enter
	}
	if len(part.Groups) == 0 && r.ends.empty() && !moved {
		return nil
	}
	part.Progress = r.ends.take()
	return r.sink.Partial(&part)
}

// enterWindow makes sure that a block goes into the window in which it arrived.
// One that was read just before a window ended and comes here just after counts
// as arrived now: what was said to be complete stays so.
func (r *run) enterWindow(blk *Block) error {
	arrived := blk.Arrived
	r.gate.RLock()
	flush := r.full.Load() || len(blk.Data) >= bigBlock || r.windowOf(arrived).After(r.window)
	r.gate.RUnlock()
	if !flush {
		return nil
	}
	r.gate.Lock()
	defer r.gate.Unlock()
	return r.flushLocked(r.windowOf(arrived))
}

// windowOf is the start of the window that t is in, but none that is over; zero
// when the plan has no windows.
func (r *run) windowOf(t time.Time) time.Time {
	if !r.env.Continuous || r.host.Interval <= 0 || t.IsZero() {
		return r.window
	}
	length := r.host.Interval.Nanoseconds()
	ns := t.UnixNano()
	w := time.Unix(0, ns-ns%length).UTC()
	if w.Before(r.window) {
		return r.window
	}
	return w
}

// tick sends partials as time passes, until done is closed.
func (r *run) tick(done <-chan struct{}) error {
	for {
		now := time.Now()
		wait := flushEvery
		r.gate.RLock()
		if w := r.windowOf(now); !w.IsZero() {
			wait = min(wait, w.Add(r.host.Interval).Sub(now))
		}
		r.gate.RUnlock()
		timer := time.NewTimer(wait)
		select {
		case <-done:
			timer.Stop()
			return nil
		case <-timer.C:
		}
		if err := r.tickOnce(); err != nil {
			return err
		}
	}
}

func (r *run) tickOnce() error {
	r.gate.Lock()
	defer r.gate.Unlock()
	return r.flushLocked(r.windowOf(time.Now()))
}
