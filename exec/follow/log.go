package follow

import (
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"syscall"

	"fantail/exec"
)

// log is a followed path, and the files that are or have been it.
type log struct {
	path   string
	file   *exec.File       // its Head is what was there when it was found
	anchor *exec.Generation // the newest file that was done with; nil: none
	gens   []*generation    // open ones, oldest first
	static bool             // a rotated file that a glob matches: read once

	absent   bool // nothing is at the path
	told     bool // that the path cannot be opened
	look     bool // what is at the path may have changed
	woken    bool // a generation has changed
	queued   bool // in follower.queue
	announce bool // the position at the start is to be given, in a block without lines
}

// position is how far the log was read.
func (l *log) position() exec.Position {
	p := exec.Position{Path: l.path, Generations: make([]exec.Generation, 0, len(l.gens)+1)}
	if l.anchor != nil {
		p.Generations = append(p.Generations, *l.anchor)
	}
	for _, g := range l.gens {
		p.Generations = append(p.Generations, g.position())
	}
	return p
}

func (l *log) newest() *generation {
	if len(l.gens) == 0 {
		return nil
	}
	return l.gens[len(l.gens)-1]
}

// discover begins to follow a path. base is the log that it is a rotated file
// of: such a one is read only if it was there at the start, for later it is what
// was read already, under another name.
func (f *follower) discover(path, base string, first bool) {
	pos, resumed := f.resume[path]
	first = first && len(f.resume) == 0
	if base != "" && !first && !resumed {
		return
	}
	l := &log{path: path, static: base != "", announce: true,
		file: &exec.File{Path: path, State: pos.State}}
	f.logs[filepath.Clean(path)] = l
	f.order = append(f.order, l)
	switch {
	case l.static && resumed:
		f.resumeStatic(l, base, pos)
	case resumed:
		f.relocate(l, pos.Generations, nil)
	case first:
		f.start(l, f.in.Start)
	default:
		f.start(l, exec.Start{})
		f.add(exec.Info, path, "new file")
	}
	f.measure(l, true)
	f.enqueue(l)
}

// start opens what is at the path and goes where s says.
func (f *follower) start(l *log, s exec.Start) {
	g, err := open(f.op, l.path)
	if err != nil {
		f.missing(l, err)
		l.anchor = f.predecessor(l.path, nil)
		return
	}
	if err := g.start(s, &f.opt, true); err != nil {
		f.notices = append(f.notices, failure(l.path, err))
	}
	if g.at.off == 0 {
		// Nothing identifies this file yet. What it follows does, should it be
		// rotated before its first lines were delivered.
		l.anchor = f.predecessor(l.path, g)
	}
	f.adopt(l, g)
}

// predecessor is a position, done with, in the file that was path's log before
// g; nil if there is none.
func (f *follower) predecessor(path string, g *generation) *exec.Generation {
	fam, err := readFamily(f.op, path)
	if err != nil {
		return nil
	}
	defer fam.close()
	i := len(fam.members)
	if g != nil {
		i = max(fam.index(g), 0)
	}
	return fam.before(i)
}

// resumeStatic goes on with a rotated file, which may have another name by now.
func (f *follower) resumeStatic(l *log, base string, pos exec.Position) {
	n := len(pos.Generations)
	if n == 0 || pos.Generations[n-1].Done {
		return
	}
	fam, err := readFamily(f.op, base)
	if err != nil {
		f.notices = append(f.notices, failure(l.path, err))
		return
	}
	defer fam.close()
	if i := fam.find(pos.Generations[n-1], len(fam.members)); i >= 0 {
		f.adopt(l, fam.take(i))
		return
	}
	f.add(exec.Gap, l.path, "the file that was being read is gone; its rest is lost")
}

// adopt makes g the newest generation of l.
func (f *follower) adopt(l *log, g *generation) {
	g.live = life{work: true, last: g.packing != asIs, quiet: f.opt.Now()}
	if l.announce && l.file.Head == nil {
		l.file.Head = g.head()
	}
	l.gens = append(l.gens, g)
	if !g.done && g.packing == asIs {
		f.watches.file(l, g)
	}
}

// drop closes a generation that was, or is not any more, l's.
func (f *follower) drop(l *log, g *generation) {
	f.watches.forget(l, g)
	g.close()
}

// missing notes that nothing can be read at the path.
func (f *follower) missing(l *log, err error) {
	l.absent = true
	if l.told {
		return
	}
	l.told = true
	if !errors.Is(err, fs.ErrNotExist) {
		f.notices = append(f.notices, failure(l.path, err))
	} else if len(l.gens) == 0 {
		f.add(exec.Warning, l.path, "no such file yet")
	}
}

// examine finds out what there is to read in l.
func (f *follower) examine(l *log) {
	look, forced := l.look, l.woken
	l.look, l.woken = false, false
	if look && !l.static {
		f.lookUp(l)
	}
	if !f.measure(l, forced) {
		f.relive(l)
	}
	if l.works() {
		f.enqueue(l)
	}
}

// works tells whether there may be something to read.
func (l *log) works() bool {
	return slices.ContainsFunc(l.gens, func(g *generation) bool { return g.live.work && !g.done })
}

// lookUp finds out whether the path leads to another file now.
func (f *follower) lookUp(l *log) {
	g, err := open(f.op, l.path)
	if err != nil {
		f.missing(l, err)
		return
	}
	defer g.close()
	l.absent = false
	if cur := l.newest(); cur != nil && cur.sameFile(g) {
		l.told = false
		return
	}
	f.relive(l)
}

// relive relocates a log that is followed already.
func (f *follower) relive(l *log) {
	if f.relocate(l, l.position().Generations, l.live()) {
		f.measure(l, true)
		return
	}
	for _, g := range l.gens {
		g.live.work = false
	}
	l.look, l.woken = true, true
}

// live returns the open generations beside the position's entries.
func (l *log) live() []*generation {
	if l.anchor == nil {
		return l.gens
	}
	return append([]*generation{nil}, l.gens...)
}

// measure allows each generation to be read up to its size of now. The newest is
// measured first, and will be read last: so lines of one writer, which leaves
// the old file before it writes to the new one, stay in order. It returns false
// if a generation was truncated.
func (f *follower) measure(l *log, forced bool) bool {
	intact := true
	for i, g := range slices.Backward(l.gens) {
		if g.done || g.packing != asIs {
			continue
		}
		st, err := g.f.Stat()
		if err != nil {
			f.notices = append(f.notices, failure(l.path, err))
			continue
		}
		intact = intact && st.Size() >= g.at.off
		f.measured(g, st, forced, l.static || i < len(l.gens)-1 || l.absent && deleted(st))
	}
	return intact
}

func (f *follower) measured(g *generation, st fs.FileInfo, forced, replaced bool) {
	now := f.opt.Now()
	switch {
	case st.Size() != g.limit || !st.ModTime().Equal(g.live.mtime):
		g.limit, g.live.mtime = st.Size(), st.ModTime()
		g.live.quiet, g.live.work = now, true
	case replaced && now.Sub(g.live.quiet) >= f.opt.Linger:
		g.live.last, g.live.work = true, true
	case forced:
		g.live.work = true
	}
}

// deleted tells whether a file has no name any more.
func deleted(st fs.FileInfo) bool {
	s, ok := st.Sys().(*syscall.Stat_t)
	return ok && s.Nlink == 0
}

// take fills b with the next of l, old generations first; false: nothing is there
// for now, or the log has to be looked at again.
func (f *follower) take(l *log, b *exec.Block) bool {
	if l.announce {
		l.announce = false
		(&generation{}).give(b, b.Data[:0], &f.opt)
		f.finish(l, b)
		return true
	}
	for _, g := range l.gens {
		if !g.live.work || g.done {
			continue
		}
		data, err := g.lines(b.Data, &f.opt, g.live.last)
		b.Data = data[:0]
		if !f.valid(l, g, len(data)) {
			return false
		}
		g.give(b, data, &f.opt)
		f.after(l, g, len(data), err)
		if len(data) > 0 || g.done {
			f.finish(l, b)
			return true
		}
	}
	return false
}

// valid tells whether n bytes that were just read from g may be delivered. It
// looks after the read, for then what was truncated before it, and even written
// anew, shows. If they may not, l was relocated.
func (f *follower) valid(l *log, g *generation, n int) bool {
	if g.packing != asIs {
		return true
	}
	if g.at.off > 0 {
		if g.at.holds(g.f) {
			return true
		}
		f.relive(l)
		return false
	}
	if n == 0 || l.static {
		return true
	}
	// There is nothing yet to see a truncation by, but if there was one, a
	// copy has appeared since.
	before := slices.Clone(l.gens)
	f.relive(l)
	return !l.woken && slices.Equal(before, l.gens)
}

// after draws the consequences of a read of n bytes from g, which ended with err.
func (f *follower) after(l *log, g *generation, n int, err error) {
	if n > 0 && err != nil && err != io.EOF {
		return // it fails again, with nothing to deliver beside
	}
	f.tell(g, l.path, err)
	end := err != nil || g.at.off == g.limit
	failed := err != nil && err != io.EOF
	g.live.work = !end
	g.done = end && g.live.last || failed
}

// finish completes a block that was read.
func (f *follower) finish(l *log, b *exec.Block) {
	b.File, b.Arrived, b.End = l.file, f.opt.Now(), l.position()
	f.retire(l)
}

// retire forgets old generations that are done with, but for the newest of them.
// It does so from the front only: whoever resumes reads all that is newer than
// the oldest generation it is told of.
func (f *follower) retire(l *log) {
	for len(l.gens) > 0 && l.gens[0].done && (len(l.gens) > 1 || l.absent || l.static) {
		g := l.gens[0]
		e := g.position()
		l.anchor = &e
		l.gens = l.gens[1:]
		f.drop(l, g)
	}
}
