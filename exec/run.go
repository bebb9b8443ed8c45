package exec

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"fantail/planner"
)

// Env is what a run knows of its host.
type Env struct {
	Hostname   string    // $hostname
	Server     string    // $server; also tells hosts apart where the order of lines matters
	Start      time.Time // when the run began, in the host's time zone
	Continuous bool      // lines keep coming: windows by arrival. Else a query's interval says nothing here
	Workers    int       // how many blocks are worked on at once; 0: one for each processor
}

// Run runs the host half of a plan over everything that src gives, and returns
// nil when that has ended. It owns src's Next, but does not close it, and has
// ended every goroutine of its own when it returns. When ctx is done it gives
// the sink what it has, and returns ctx's error.
func Run(ctx context.Context, host *planner.Host, src Source, env Env, sink Sink) error {
	r := &run{host: host, env: &env, src: src, sink: sink}
	r.turn.init()
	workers, err := r.makeWorkers()
	if err != nil {
		return err
	}
	return r.run(ctx, workers)
}

// run is a run under way.
//
// Workers take turns at src, each reading into its own block, so that what one
// reads is still in its cache when it works on it, and hold gate for reading
// while they do. Holding gate for writing means that every block that was taken
// is done, and so that tables and positions agree.
type run struct {
	host *planner.Host
	env  *Env
	sink Sink

	next sync.Mutex // protects src and seq
	src  Source
	seq  int64 // of the next block

	gate   sync.RWMutex
	turn   turn         // puts what workers give into the order of their blocks; whoever holds it may use sink
	rows   rowWriter    // protected by turn
	groups []*groupWork // one for each worker; protected by gate
	window time.Time    // that blocks belong to now; zero: none. Protected by gate
	ends   progress     // of blocks that are done; protected by turn
	full   atomic.Bool  // a worker's table has reached its limit

	failed error // the first error that ended the run; protected by turn
}

// worker does the work for one block after another.
type worker interface {
	// work does what does not depend on other blocks.
	work(blk *Block) error
	// deliver does the rest, in the order of the blocks, one at a time.
	deliver(blk *Block) error
}

func (r *run) makeWorkers() ([]worker, error) {
	n := r.env.Workers
	if n <= 0 {
		n = runtime.GOMAXPROCS(0)
	}
	if r.host.Context != (planner.Context{}) {
		n = 1 // what is around a line depends on the block before
	}
	if isCopy(r.host) {
		return []worker{copyWork{r}}, nil
	}
	r.rows = newRowWriter(r.host, r.sink)
	var workers []worker
	for range n {
		p, err := newProgram(r.host, r.env)
		if err != nil {
			return nil, err
		}
		if len(r.host.Rows) > 0 {
			workers = append(workers, &rowWork{run: r, program: p})
			continue
		}
		g, err := newGroupWork(r, p)
		if err != nil {
			return nil, err
		}
		r.groups = append(r.groups, g)
		workers = append(workers, g)
	}
	return workers, nil
}

// errLimit ends a run that has given all the rows that were asked for.
var errLimit = errors.New("limit reached")

func (r *run) run(ctx context.Context, workers []worker) error {
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	fail := func(err error) {
		r.turn.stop(func() { r.failed = cmp.Or(r.failed, err) })
		cancel()
	}
	var busy, ticking sync.WaitGroup
	for _, w := range workers {
		busy.Go(func() {
			if err := r.loop(inner, w); err != nil {
				fail(err)
			}
		})
	}
	done := make(chan struct{})
	if len(r.groups) > 0 {
		ticking.Go(func() {
			if err := r.tick(done); err != nil {
				fail(err)
			}
		})
	}
	busy.Wait()
	close(done)
	ticking.Wait()
	switch {
	case errors.Is(r.failed, errLimit):
		return nil
	case r.failed != nil:
		return r.failed
	}
	if err := r.finish(); err != nil {
		return err
	}
	return context.Cause(ctx)
}

// finish gives the sink what is left, when nobody works any more.
func (r *run) finish() error {
	if len(r.groups) > 0 {
		return r.flushLocked(time.Time{})
	}
	return r.rows.flush(&r.ends)
}

// loop works on blocks until there are no more, or ctx is done. A block that was
// taken is always finished, so that what was given and the positions agree.
func (r *run) loop(ctx context.Context, w worker) error {
	var blk Block
	for {
		seq, err := r.take(ctx, &blk)
		if errors.Is(err, io.EOF) || err != nil && ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		if err := r.one(w, &blk, seq); err != nil {
			return err
		}
	}
}

// take reads the next block, and holds the gate for it. Notices go to the sink
// in their place among the blocks.
func (r *run) take(ctx context.Context, blk *Block) (seq int64, err error) {
	r.next.Lock()
	defer r.next.Unlock()
	for {
		err := r.src.Next(ctx, blk)
		var notice Notice
		if !errors.As(err, &notice) {
			if err != nil {
				return 0, err
			}
			break
		}
		if err := r.notice(notice); err != nil {
			return 0, err
		}
	}
	if len(r.groups) > 0 {
		if err := r.enterWindow(blk.Arrived); err != nil {
			return 0, err
		}
	}
	r.gate.RLock()
	seq = r.seq
	r.seq++
	return seq, nil
}

// notice passes a notice on when every block before it is done. The caller holds
// next, so that there is no other turn to wait for.
func (r *run) notice(n Notice) error {
	if !r.turn.wait(r.seq) {
		return nil
	}
	defer r.turn.keep()
	if err := r.rows.flush(&r.ends); err != nil {
		return err
	}
	return r.sink.Notice(n)
}

// one works on a block that take has given.
func (r *run) one(w worker, blk *Block, seq int64) error {
	defer r.gate.RUnlock()
	if err := w.work(blk); err != nil {
		return fmt.Errorf("%s: %w", blk.File.Path, err)
	}
	if !r.turn.wait(seq) {
		return nil
	}
	defer r.turn.next()
	return w.deliver(blk)
}

// turn lets goroutines through in the order of their numbers.
type turn struct {
	mu      sync.Mutex
	moved   *sync.Cond
	at      int64 // whose turn it is
	stopped bool
}

func (t *turn) init() { t.moved = sync.NewCond(&t.mu) }

// wait waits for turn n and holds it, until next or keep. It returns false, and
// holds nothing, when the turns were stopped.
func (t *turn) wait(n int64) bool {
	t.mu.Lock()
	for t.at != n && !t.stopped {
		t.moved.Wait()
	}
	if t.stopped {
		t.mu.Unlock()
		return false
	}
	return true
}

// next gives the turn to the next number.
func (t *turn) next() {
	t.at++
	t.moved.Broadcast()
	t.mu.Unlock()
}

// keep ends a wait without giving up the number's turn.
func (t *turn) keep() { t.mu.Unlock() }

// stop lets nobody through any more, after a last call that nobody interrupts.
func (t *turn) stop(last func()) {
	t.mu.Lock()
	last()
	t.stopped = true
	t.moved.Broadcast()
	t.mu.Unlock()
}
