package exec

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
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
	return guard(func() error { return newRun(host, src, &env, sink).start(ctx) })
}

// guard calls f, and makes an error of a panic: a bug must end the run that met
// it, and not the process with everybody else's.
func guard(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("BUG: %v\n%s", p, debug.Stack())
		}
	}()
	return f()
}

func newRun(host *planner.Host, src Source, env *Env, sink Sink) *run {
	return &run{host: host, env: env, src: src, sink: sink, maxGroups: maxGroups, rowBytes: rowBytes}
}

func (r *run) start(ctx context.Context) error {
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

	next  sync.Mutex // protects src, seq, heads and told
	src   Source
	seq   int64           // of the next block
	heads map[*File]*File // files that were empty when they were opened, with the head that they got
	told  formats         // found by logformat auto

	gate   sync.RWMutex
	turn   turn         // puts what workers give into the order of their blocks; whoever holds it may use sink
	rows   rowWriter    // protected by turn
	groups []*groupWork // one for each worker; protected by gate
	window time.Time    // that blocks belong to now; zero: none. Protected by gate
	ends   progress     // of blocks that are done; protected by turn
	full   atomic.Bool  // a worker's table has reached its limit

	maxGroups  int // of all tables
	groupShare int // of them, in a worker's table
	textShare  int // bytes of text, likewise
	rowBytes   int // of a frame of rows
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
	if err := checkContext(r.host.Context); err != nil {
		return nil, err
	}
	if r.host.Context != (planner.Context{}) {
		n = 1 // what is near a line depends on the block before
	}
	if isCopy(r.host) {
		return []worker{copyWork{r}}, nil
	}
	r.shareLimits(n)
	r.rows = rowWriter{sink: r.sink, limit: r.host.Limit, bytes: r.rowBytes}
	var workers []worker
	for range n {
		p, err := newProgram(r.host, r.env)
		if err != nil {
			return nil, err
		}
		if len(r.host.Rows) > 0 {
			workers = append(workers, &rowWork{run: r, program: p, near: newSurroundings(r.host.Context)})
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
	if err := r.work(ctx, workers); err != nil {
		if errors.Is(err, errLimit) {
			return nil
		}
		return err
	}
	if err := r.finish(); err != nil {
		return err
	}
	return context.Cause(ctx)
}

// work has the workers work until there are no more blocks, ctx is done, or
// something has failed.
func (r *run) work(ctx context.Context, workers []worker) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	fail := func(err error) {
		if err != nil {
			r.turn.between(func() error { return err })
			cancel()
		}
	}
	var busy, ticking sync.WaitGroup
	for _, w := range workers {
		busy.Go(func() { fail(guard(func() error { return r.loop(ctx, w) })) })
	}
	done := make(chan struct{})
	if len(r.groups) > 0 {
		ticking.Go(func() { fail(guard(func() error { return r.tick(done) })) })
	}
	busy.Wait()
	close(done)
	ticking.Wait()
	return r.turn.failed
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
	var notice Notice
	err = r.src.Next(ctx, blk)
	for errors.As(err, &notice) {
		if err := r.notice(notice); err != nil {
			return 0, err
		}
		err = r.src.Next(ctx, blk)
	}
	if err != nil {
		return 0, err
	}
	blk.File = r.withHead(blk)
	if err := r.tellFormat(blk.File); err != nil {
		return 0, err
	}
	if len(r.groups) > 0 {
		if err := r.enterWindow(blk); err != nil {
			return 0, err
		}
	}
	r.gate.RLock()
	seq = r.seq
	r.seq++
	return seq, nil
}

// withHead is the block's file. One that was empty when it was opened has the
// head that its first block gave it, whichever worker gets the others.
func (r *run) withHead(blk *Block) *File {
	f := blk.File
	if len(f.Head) > 0 {
		return f
	}
	if known := r.heads[f]; known != nil {
		return known
	}
	if blk.Offset > 0 || len(blk.Data) == 0 {
		return f
	}
	if r.heads == nil {
		r.heads = map[*File]*File{}
	}
	known := *f
	known.Head = bytes.Clone(blk.Data[:min(len(blk.Data), maxHead)])
	r.heads[f] = &known
	return &known
}

// maxHead is how much of a file's first block is taken for its head, in bytes.
const maxHead = 64 << 10

// notice passes a notice on when every block before it is done. The caller holds
// next, so that there is no other turn to wait for. Partials wait for nothing:
// positions must not get ahead of the groups.
func (r *run) notice(n Notice) error {
	return r.turn.during(r.seq, func() error {
		if len(r.groups) == 0 {
			if err := r.rows.flush(&r.ends); err != nil {
				return err
			}
		}
		return r.sink.Notice(n)
	})
}

// one works on a block that take has given.
func (r *run) one(w worker, blk *Block, seq int64) error {
	defer r.gate.RUnlock()
	if err := guard(func() error { return w.work(blk) }); err != nil {
		// While the gate is held: nobody may send groups that have half a block.
		return r.turn.between(func() error { return fmt.Errorf("%s: %w", blk.File.Path, err) })
	}
	return r.turn.pass(seq, func() error { return w.deliver(blk) })
}

// turn lets goroutines through in the order of their numbers, one at a time,
// until one of them fails. From then on nobody gets through, so that nothing is
// given to the sink after an error, and no position passes what was lost.
type turn struct {
	mu     sync.Mutex
	moved  *sync.Cond
	at     int64 // whose turn it is
	failed error // the first error; nil: none yet
}

func (t *turn) init() { t.moved = sync.NewCond(&t.mu) }

// pass calls f in turn n, and gives the turn to the next number.
func (t *turn) pass(n int64, f func() error) error {
	return t.use(func() bool { return t.at == n }, 1, f)
}

// during calls f in turn n, which stays n's.
func (t *turn) during(n int64, f func() error) error {
	return t.use(func() bool { return t.at == n }, 0, f)
}

// between calls f between any two turns.
func (t *turn) between(f func() error) error {
	return t.use(func() bool { return true }, 0, f)
}

// use waits until f may be called, and calls it unless something has failed.
func (t *turn) use(ready func() bool, step int64, f func() error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	for !ready() && t.failed == nil {
		t.moved.Wait()
	}
	if t.failed == nil {
		t.failed = guard(f)
	}
	t.at += step
	t.moved.Broadcast()
	return t.failed
}
