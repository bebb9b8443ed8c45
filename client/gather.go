package client

import (
	"errors"
	"sync"
	"time"

	"fantail/exec"
)

// gather merges what the hosts of one query give, and shows it.
type gather struct {
	q      *Query
	hosts  []*hostSink
	begun  time.Time
	mu     sync.Mutex // protects everything below, and the hosts' state
	merger *exec.Merger
	ledger *Ledger
	left   int                    // rows that may still be shown; -1: no limit
	skip   int                    // rows that are still to be left out
	err    error                  // that ended the query
	shown  map[time.Time]*showing // open windows that have been shown
	any    bool                   // a window has been shown
	drawn  time.Time              // when an incomplete table was shown last
}

// hostSink takes what one host gives.
type hostSink struct {
	Host
	g      *gather
	passed time.Time // the host gives nothing more for windows before it
	ended  bool
	failed bool     // as a whole: not only a file of it
	files  []string // in the order in which they came
	known  map[string]bool
}

// frameError is a frame that cannot be merged: the end of its host's run, but
// not of the query.
type frameError struct {
	host string
	err  error
}

func (e *frameError) Error() string { return e.host + ": " + e.err.Error() }
func (e *frameError) Unwrap() error { return e.err }

// merged says whether a host's frame could be merged.
func (h *hostSink) merged(err error) error {
	if err == nil {
		return nil
	}
	return &frameError{host: h.Name(), err: err}
}

// errEnough ends a query whose limit has been reached.
var errEnough = errors.New("limit reached")

func newGather(q *Query, hosts []Host) (*gather, error) {
	m, err := exec.NewMerger(q.Plan)
	if err != nil {
		return nil, err
	}
	g := &gather{
		q: q, merger: m, begun: time.Now(),
		ledger: &Ledger{Hosts: len(hosts)},
		left:   q.Plan.Merge.Limit,
		skip:   q.Plan.Merge.Offset,
		shown:  map[time.Time]*showing{},
	}
	for _, h := range hosts {
		g.hosts = append(g.hosts, &hostSink{Host: h, g: g, known: map[string]bool{}})
		g.ledger.Remote = g.ledger.Remote || h.Name() != ""
	}
	return g, nil
}

// accept applies a frame of a host, unless the query has ended.
func (h *hostSink) accept(p *exec.Progress, apply func() error) error {
	g := h.g
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.err != nil {
		return g.err
	}
	if err := apply(); err != nil {
		var theirs *frameError
		if !errors.As(err, &theirs) {
			g.err = err
		}
		return err
	}
	for _, end := range p.Ends {
		if !h.known[end.Path] && len(end.Generations) > 0 {
			h.known[end.Path] = true
			h.files = append(h.files, end.Path)
		}
	}
	g.ledger.Bytes += p.Bytes
	g.ledger.Malformed += p.Malformed
	if g.left == 0 {
		g.err = errEnough
		return g.err
	}
	return nil
}

// Rows takes rows of one file.
func (h *hostSink) Rows(r *exec.Rows) error {
	return h.accept(&r.Progress, func() error {
		if len(h.g.q.Plan.Merge.OrderBy) > 0 {
			if h.g.q.Plan.Host.Raw() {
				r = lineCells(r)
			}
			return h.merged(h.g.merger.AddRows(r))
		}
		return h.showRows(r)
	})
}

// showRows shows rows as they come, but no more than the limit.
func (h *hostSink) showRows(r *exec.Rows) error {
	g := h.g
	if len(r.Data) == 0 {
		return nil
	}
	if g.q.Plan.Host.Raw() {
		if !g.q.Tables {
			r, g.skip = skipRows(r, g.skip)
			cut := firstRows(r, g.left)
			g.count(cut.N)
			return g.q.Output.Lines(h.Name(), cut)
		}
		r = lineCells(r)
	}
	res, err := g.merger.RowsResult(r)
	if err != nil {
		return h.merged(err)
	}
	skipped := min(g.skip, len(res.Rows))
	res.Rows, g.skip = res.Rows[skipped:], g.skip-skipped
	if g.left >= 0 {
		res.Rows = res.Rows[:min(len(res.Rows), g.left)]
	}
	more := g.ledger.Found
	g.count(len(res.Rows))
	return g.q.Output.Table(&Table{Result: res, Hosts: len(g.hosts), More: more})
}

// count counts rows that are shown.
func (g *gather) count(n int) {
	if n == exec.Uncounted {
		n = 1
	}
	g.ledger.Found = g.ledger.Found || n > 0
	if g.left >= 0 {
		g.left -= n
	}
}

// Partial takes partial aggregates.
func (h *hostSink) Partial(p *exec.Partial) error {
	return h.accept(&p.Progress, func() error {
		if err := h.g.merger.Add(p); err != nil {
			return h.merged(err)
		}
		if w := h.g.shown[p.Window]; w != nil && len(p.Groups) > 0 {
			w.stale = true
		}
		if p.Passed.After(h.passed) {
			h.passed = p.Passed
		}
		return h.g.closeWindows(time.Now())
	})
}

// Notice takes what a host has to tell.
func (h *hostSink) Notice(n exec.Notice) error {
	g := h.g
	g.mu.Lock()
	defer g.mu.Unlock()
	g.ledger.note(h.Name(), n)
	g.q.Notify(h.Name(), n)
	return g.err
}

// finish shows what is left when every host has ended.
func (g *gather) finish() (*Ledger, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.ledger.Took = time.Since(g.begun)
	for _, h := range g.hosts {
		g.ledger.settle(h.Name(), h.files)
	}
	if g.err != nil && !errors.Is(g.err, errEnough) {
		return g.ledger, g.err
	}
	if g.ledger.AllFailed() || g.q.Whole && len(g.ledger.Failed) > 0 {
		return g.ledger, nil // a table would look like an answer
	}
	return g.ledger, g.showRest()
}

// showRest shows the result of a query that has ended.
func (g *gather) showRest() error {
	p := g.q.Plan
	switch {
	case len(p.Host.Rows) > 0 && len(p.Merge.OrderBy) == 0:
		if g.ledger.Found || p.Host.Raw() && !g.q.Tables {
			return nil // shown as they came
		}
		return g.q.Output.Table(&Table{Result: &exec.Result{Columns: p.Merge.Columns}, Hosts: len(g.hosts)})
	case p.Merge.Interval > 0 && len(g.merger.Windows()) > 0:
		return g.closeAll()
	case g.any:
		return nil
	}
	return g.show(time.Time{}, false)
}
