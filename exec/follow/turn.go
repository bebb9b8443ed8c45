package follow

import (
	"io"
	"io/fs"
	"slices"
	"syscall"

	"fantail/exec"
)

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
