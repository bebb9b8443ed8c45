package follow

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"fantail/exec"
)

// pace is the least time between two looks at what has changed. It bounds the
// cost of a log that grows line by line: measured, 19 ms of CPU where answering
// every change takes 430, for a delay of at most this.
const pace = 5 * time.Millisecond

// follower reads the logs of an Input, and goes on with what comes.
type follower struct {
	in     exec.Input
	op     Opener
	opt    Options
	resume map[string]exec.Position
	logs   map[string]*log // by clean path
	order  []*log          // all logs, in the order they were found
	queue  []*log          // those with something to give; they take turns
	notices
	watches
	begun     bool
	announced bool      // every file that was there at the start is among the positions that were given, by this run or the ones before
	poor      bool      // it was told that watches are lacking
	heard     time.Time // when changes were last looked at
	sweepAt   time.Time // when all is to be looked at
}

func newFollower(in exec.Input, op Opener, opt Options) *follower {
	resume := resumable(in)
	_, announced := resume[exec.Announced]
	return &follower{in: in, op: op, opt: opt, resume: resume, announced: announced, logs: map[string]*log{}}
}

func (f *follower) next(ctx context.Context, b *exec.Block) error {
	if !f.begun {
		f.begin()
	}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		if n, ok := f.pop(); ok {
			return n
		}
		if len(f.queue) > 0 && time.Since(f.heard) >= pace {
			f.hear()
		}
		if f.step(b) {
			return nil
		}
		if len(f.notices) == 0 {
			f.wait(ctx, f.sweepAt, f.heard.Add(pace))
			f.hear()
		}
	}
}

func (f *follower) begin() {
	f.begun = true
	if err := f.watches.start(); err != nil {
		f.add(exec.Warning, "", "%s: changes are looked for every %s", err, f.opt.Sweep)
	}
	f.rescan(true)
	for _, p := range renamed(f.in) {
		if f.logs[filepath.Clean(p)] == nil {
			f.discover(p, f.base(p, nil), true)
		}
	}
	f.heard = time.Now()
	f.sweepAt = f.heard.Add(f.opt.Sweep)
}

func (f *follower) close() {
	for _, l := range f.order {
		for _, g := range l.gens {
			g.close()
		}
	}
	f.order, f.queue = nil, nil
	f.watches.stop()
}

// announcement fills b with the position that says that all logs have given their
// first one; false: some have not, or it was given. The logs take turns, so it
// comes before any line does.
func (f *follower) announcement(b *exec.Block) bool {
	if f.announced || slices.ContainsFunc(f.order, func(l *log) bool { return l.announce }) {
		return false
	}
	f.announced = true
	*b = exec.Block{File: &exec.File{Path: exec.Announced}, Data: b.Data[:0], Arrived: f.opt.Now(),
		End: exec.Position{Path: exec.Announced}}
	return true
}

// step fills b from the next log in turn that has something. A notice that comes
// up has precedence over what is read after it.
func (f *follower) step(b *exec.Block) bool {
	if len(f.notices) == 0 && f.announcement(b) {
		return true
	}
	for len(f.queue) > 0 && len(f.notices) == 0 {
		l := f.queue[0]
		f.queue, l.queued = f.queue[1:], false
		given := f.take(l, b)
		if given || l.works() {
			f.enqueue(l)
		}
		if given {
			return true
		}
	}
	return false
}

func (f *follower) enqueue(l *log) {
	if !l.queued {
		l.queued = true
		f.queue = append(f.queue, l)
	}
}

// hear learns what has changed, and finds out what there is to read since.
func (f *follower) hear() {
	f.heard = time.Now()
	rescan := false
	overflow := f.watches.changes(func(c change, dir string, of []*log) {
		for _, l := range of {
			l.woken = true
			l.look = l.look || !c.grown
		}
		if dir == "" {
			return
		}
		if l := f.logs[filepath.Join(dir, c.name)]; l != nil {
			l.look = true
		} else if f.interesting(c.name) {
			rescan = true
		}
	})
	if overflow || !f.heard.Before(f.sweepAt) {
		f.sweep()
		return
	}
	if rescan {
		f.rescan(false)
	}
	for _, l := range f.order {
		if l.look || l.woken {
			f.examine(l)
		}
	}
}

// sweep looks at everything: what changes unheard is found by it, and what is
// due after a time.
func (f *follower) sweep() {
	f.sweepAt = f.heard.Add(f.opt.Sweep)
	f.rescan(false)
	for _, l := range f.order {
		l.look = true
		f.examine(l)
	}
	f.order = slices.DeleteFunc(f.order, f.forsaken)
	if err := f.watches.full; err != nil && !f.poor {
		f.poor = true
		f.add(exec.Warning, "", "watch a file: %s: changes of some are looked for every %s", err, f.opt.Sweep)
	}
}

// forsaken forgets a log that is gone with all its files, unless its path was
// given as such. For as long as a rotated file is left, a pattern might take
// that for a new log.
func (f *follower) forsaken(l *log) bool {
	if !l.absent || len(l.gens) > 0 || l.queued || slices.Contains(f.in.Globs, l.path) {
		return false
	}
	names, err := familyNames(f.op, l.path)
	if err != nil || len(names) > 1 {
		return false
	}
	delete(f.logs, filepath.Clean(l.path))
	return true
}

// interesting tells whether a new name may concern a pattern.
func (f *follower) interesting(name string) bool {
	for _, glob := range f.in.Globs {
		// A name in a directory that is itself a pattern's element is left to
		// the sweep, unless it is a match.
		if ok, err := filepath.Match(filepath.Base(glob), name); ok || err != nil {
			return true
		}
	}
	return false
}

// rescan finds logs that are new among the globs' matches.
func (f *follower) rescan(first bool) {
	var found []string
	for _, glob := range f.in.Globs {
		f.watchDirs(glob)
		paths, err := expand(f.op, glob)
		if first && err != nil {
			f.add(exec.Failure, "", "%s", err)
		} else if first && len(paths) == 0 {
			f.add(exec.Warning, glob, "no such file yet")
		}
		for _, p := range paths {
			if f.logs[filepath.Clean(p)] == nil {
				found = append(found, p)
			}
		}
	}
	for _, p := range found {
		if f.logs[filepath.Clean(p)] == nil {
			f.discover(p, f.base(p, found), first)
		}
	}
}

// base is the log that path is a rotated file of, or "".
func (f *follower) base(path string, found []string) string {
	for _, l := range f.order {
		if _, ok := rotation(l.path, path); ok {
			return l.path
		}
	}
	for _, p := range found {
		if _, ok := rotation(p, path); ok {
			return p
		}
	}
	return ""
}

// watchDirs watches the directories in which a glob's matches appear.
func (f *follower) watchDirs(glob string) {
	dir := filepath.Dir(glob)
	dirs := []string{dir}
	if strings.ContainsAny(dir, `*?[\`) {
		dirs, _ = f.op.Glob(dir) // a malformed one was told by expand
	}
	for _, d := range dirs {
		f.watches.dir(d)
	}
}
