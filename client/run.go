package client

import (
	"context"
	"errors"
	"sync"
	"time"

	"fantail/exec"
	"fantail/planner"
)

// Host is a host and what to read there.
type Host struct {
	Transport
	Input exec.Input
}

// Query is a plan, and how its result is shown.
type Query struct {
	Plan   *planner.Plan
	Output Output
	Tables bool                             // lines are shown as tables of one column too
	Whole  bool                             // show no table at the end that lacks a host
	Live   bool                             // the output is redrawn in place: show tables that are not complete
	Notify func(host string, n exec.Notice) // told of notices as they come, never concurrently
	Failed func(host string, err error)     // told of each host that has failed, never concurrently
}

// Run runs the query on all hosts at once, and returns when every host has ended
// or ctx is done, with what it knows of the run. Its error is the output's, or
// that of merging: one host's failure is in the ledger.
func Run(ctx context.Context, q *Query, hosts []Host) (*Ledger, error) {
	g, err := newGather(q, hosts)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var running, watching sync.WaitGroup
	for i := range hosts {
		running.Go(func() { g.runHost(ctx, cancel, i) })
	}
	done := make(chan struct{})
	watching.Go(func() { g.watch(done, cancel) })
	running.Wait()
	close(done)
	watching.Wait()
	return g.finish()
}

// runHost runs the query's host half on one host.
func (g *gather) runHost(ctx context.Context, cancel context.CancelFunc, i int) {
	h := g.hosts[i]
	err := h.Run(ctx, &Job{Host: &g.q.Plan.Host, Input: h.Input}, h)
	g.mu.Lock()
	defer g.mu.Unlock()
	h.ended = true
	switch {
	case g.err != nil:
		cancel() // nobody takes what the other hosts give
	case err != nil && ctx.Err() != nil && (errors.Is(err, ctx.Err()) || errors.Is(err, context.Cause(ctx))):
	case err != nil:
		h.failed = true
		g.ledger.fail(h.Name())
		g.q.Failed(h.Name(), err)
	}
	if g.err == nil {
		g.err = g.closeWindows(time.Now())
	}
}

// watch shows what becomes due as time passes.
func (g *gather) watch(done <-chan struct{}, cancel context.CancelFunc) {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return
		case now := <-tick.C:
			if err := g.tick(now); err != nil {
				cancel()
			}
		}
	}
}
