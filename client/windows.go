package client

import (
	"time"
)

// showing is what is known of a window that has been shown and may change.
type showing struct {
	times   int  // shown
	missing int  // hosts, when it was shown last
	stale   bool // its table has changed since
}

// mostShown is how many windows are kept for hosts that are behind. A host that
// is not reached does not add to old windows any more: what it holds back counts
// as arriving when it comes.
const mostShown = 60

// closeWindows shows every window that all live hosts have passed, or whose
// grace is over. One that was shown and has changed since is shown again.
func (g *gather) closeWindows(now time.Time) error {
	for _, w := range g.merger.Windows() {
		end := w.Add(g.q.Plan.Merge.Interval)
		behind := len(g.behind(end))
		if behind > 0 && now.Before(end.Add(grace)) || g.allEnded() {
			break // the ones after it are later still; or finish shows them
		}
		if behind > 0 && g.shown[w] != nil {
			continue // wait for more hosts
		}
		if err := g.showChanged(w); err != nil {
			return err
		}
		if behind == 0 || len(g.shown) > mostShown {
			g.drop(g.merger.Windows()[0])
		}
	}
	return nil
}

// allEnded tells whether no host is at work any more.
func (g *gather) allEnded() bool {
	for _, h := range g.hosts {
		if !h.ended {
			return false
		}
	}
	return true
}

// closeAll shows the windows that are left, complete or not.
func (g *gather) closeAll() error {
	for _, w := range g.merger.Windows() {
		if err := g.showChanged(w); err != nil {
			return err
		}
		g.drop(w)
	}
	return nil
}

// showChanged shows a window, unless it was shown as it is.
func (g *gather) showChanged(w time.Time) error {
	last := g.shown[w]
	if last != nil && !last.stale && last.missing == len(g.missing(w.Add(g.q.Plan.Merge.Interval))) {
		return nil
	}
	return g.show(w, false)
}

func (g *gather) drop(w time.Time) {
	g.merger.Drop(w)
	delete(g.shown, w)
}

// missing are the hosts that a window which ends at t lacks: those that are
// behind, and those that have failed.
func (g *gather) missing(t time.Time) []string {
	names := g.behind(t)
	for _, h := range g.hosts {
		if h.failed {
			names = append(names, h.Name())
		}
	}
	return names
}

// grace is how long a window waits for hosts that are behind.
const grace = 2 * time.Second

// behind are the hosts that are at work and have not said that they passed t.
func (g *gather) behind(t time.Time) []string {
	var names []string
	for _, h := range g.hosts {
		if !h.ended && h.passed.Before(t) {
			names = append(names, h.Name())
		}
	}
	return names
}

// show shows a window, or with the zero time the query's only table.
func (g *gather) show(w time.Time, interim bool) error {
	res, err := g.merger.Result(w)
	if err != nil {
		return err
	}
	t := &Table{Result: res, Interim: interim, Hosts: len(g.hosts)}
	if last := g.shown[w]; last != nil {
		t.Revision = last.times
	}
	if !w.IsZero() {
		t.Interval = g.q.Plan.Merge.Interval
		t.Missing = g.missing(t.End())
		t.Interim = interim || time.Now().Before(t.End())
	}
	if !interim {
		g.any = true
		g.shown[w] = &showing{times: t.Revision + 1, missing: len(t.Missing)}
		g.ledger.Found = g.ledger.Found || len(res.Rows) > 0
	}
	return g.q.Output.Table(t)
}

// drawEvery is how often a table that is not complete is redrawn.
const drawEvery = time.Second

// tick shows what has become due.
func (g *gather) tick(now time.Time) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.err != nil || len(g.q.Plan.Host.Rows) > 0 {
		return g.err
	}
	if g.err = g.closeWindows(now); g.err != nil {
		return g.err
	}
	if g.q.Live && now.Sub(g.drawn) >= drawEvery {
		g.drawn = now
		g.err = g.drawInterim()
	}
	return g.err
}

// drawInterim shows the newest window, or the table, as far as it is known.
func (g *gather) drawInterim() error {
	if g.ledger.Bytes == 0 {
		return nil
	}
	windows := g.merger.Windows()
	if len(windows) > 0 {
		return g.show(windows[len(windows)-1], true)
	}
	if g.any {
		return nil // nothing new since the last window
	}
	return g.show(time.Time{}, true)
}
