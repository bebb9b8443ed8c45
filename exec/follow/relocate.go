package follow

import (
	"errors"
	"slices"

	"fantail/exec"
)

// entry is one generation of a position, and where it was found.
type entry struct {
	exec.Generation
	live *generation // open already; nil: not
	g    *generation // what goes on with it; nil: not found
	rank int         // index of its member in the family; -1: it has none
}

// relocate finds out which files a log consists of, from how far it was read.
//
// Every generation of the position is located among the files that are there,
// by content; what is newer than the oldest located one and was not done with is
// open from then on, in order. The same is done at the start with a position to
// resume from, when the path leads to another file, and when a file was
// truncated. live has the generations that are open, beside the position's, or nil.
//
// It returns false, and has changed nothing, if the files do not stand still
// long enough; the next look at the log tries again.
func (f *follower) relocate(l *log, pos []exec.Generation, live []*generation) bool {
	for range 5 {
		fam, err := readFamily(f.op, l.path)
		if err != nil {
			if !errors.Is(err, errBusy) {
				f.missing(l, err)
			}
			return false
		}
		entries := locate(fam, pos, live)
		gens, lost := arrange(fam, entries)
		// A file that was truncated meanwhile makes its copy look like a file
		// of its own: once more.
		if slices.ContainsFunc(gens, func(g *generation) bool { return !g.intact() }) {
			fam.close()
			continue
		}
		f.report(l, fam, entries, lost)
		f.replace(l, fam, gens)
		fam.close()
		return true
	}
	return false
}

// locate finds each entry of a position. It begins with the newest, and looks for
// an older one only among older files: so a short file that looks like one that
// is long gone is not taken for it.
func locate(fam *family, pos []exec.Generation, live []*generation) []*entry {
	entries := make([]*entry, len(pos))
	below := len(fam.members)
	for i, p := range slices.Backward(pos) {
		e := &entry{Generation: p, rank: -1}
		if live != nil {
			e.live = live[i]
		}
		e.locate(fam, below)
		if e.rank >= 0 {
			below = min(below, e.rank)
		}
		entries[i] = e
	}
	return entries
}

func (e *entry) locate(fam *family, below int) {
	if e.live != nil && e.live.intact() {
		e.g = e.live
		if e.rank = fam.index(e.live); e.rank < 0 {
			e.rank = fam.find(e.live.trace(), below) // compressed meanwhile, perhaps
		}
		return
	}
	if e.rank = fam.find(e.Generation, below); e.rank >= 0 {
		e.g = fam.members[e.rank]
		e.g.done = e.Done
		return
	}
	// A copy that was made before the last lines that were read: it has nothing new.
	if e.rank = fam.findCopy(e.Generation, below); e.rank >= 0 {
		e.g = fam.members[e.rank]
		e.g.skip(false, func(p []byte) int { return len(p) })
		e.g.done = true
	}
}

// arrange returns the generations of the log from the oldest located one on, and
// whether none was located though there was one.
func arrange(fam *family, entries []*entry) (gens []*generation, lost bool) {
	oldest, lost := beginning(fam, entries)
	byRank := map[int]*entry{}
	for _, e := range entries {
		if e.rank >= 0 {
			byRank[e.rank] = e
		}
	}
	gens = unnamed(entries, -1)
	for r := oldest; r < len(fam.members); r++ {
		g := fam.members[r]
		if e := byRank[r]; e != nil {
			gens = append(gens, e.g)
		} else if !fam.negligible(g) {
			gens = append(gens, g)
		}
		gens = append(gens, unnamed(entries, r)...)
	}
	return gens, lost
}

// beginning is the index of the oldest member that is to be read.
func beginning(fam *family, entries []*entry) (oldest int, lost bool) {
	oldest = len(fam.members)
	known, live := false, false
	for _, e := range entries {
		known = known || e.Offset > 0
		live = live || e.g != nil
		// A file of which nothing was read may have had predecessors since.
		if e.rank >= 0 && e.Offset > 0 {
			oldest = min(oldest, e.rank)
		}
	}
	switch {
	case oldest < len(fam.members):
		return oldest, false
	case !known:
		return 0, false // the log had no contents then: all are new
	}
	// An empty file cannot be known by its contents; its inode is the best guess.
	for i, g := range fam.members {
		for _, e := range entries {
			if e.Offset == 0 && e.Ino == g.ino && e.Dev == g.dev {
				return i, !live
			}
		}
	}
	if cur := fam.current(); cur >= 0 {
		return cur, !live
	}
	return oldest, !live
}

// unnamed returns the generations that are read on though they have no name in
// the family any more, and come after its member r as the entries go.
func unnamed(entries []*entry, r int) []*generation {
	var gens []*generation
	after := -1
	for _, e := range entries {
		if e.rank >= 0 {
			after = e.rank
		} else if e.g != nil && after == r {
			gens = append(gens, e.g)
		}
	}
	return gens
}

// negligible tells whether a member that nothing is known of is no file of its
// own: empty, or the copy that copytruncate is making.
func (fam *family) negligible(g *generation) bool {
	if g.name == fam.path {
		return false
	}
	if g.size == 0 {
		return true
	}
	cur := fam.current()
	return cur >= 0 && g.copyOf(fam.members[cur])
}

// index finds the member that is the same file as g, or -1.
func (fam *family) index(g *generation) int {
	return slices.IndexFunc(fam.members, g.sameFile)
}

// findCopy finds a member, of those below an index, that is a beginning of the
// file that e is about, but ends before e; or -1.
func (fam *family) findCopy(e exec.Generation, below int) int {
	if e.Offset <= headLen {
		return -1 // its head is not that of a shorter file
	}
	return slices.IndexFunc(fam.members[:below], func(g *generation) bool {
		return g.name != fam.path && g.startsLike(e)
	})
}

// startsLike tells whether the head of e, which is complete, is that of g.
func (g *generation) startsLike(e exec.Generation) bool {
	var m mark
	m.add(g.first(headLen), false)
	s := m.sum()
	return s.HeadLen == e.HeadLen && s.Head == e.Head
}

// trace is a position in an open file, to find the file by its contents: where it
// was read up to, else the end of a plain file and the end of the head of a
// compressed one, whose own end is expensive to find.
func (g *generation) trace() exec.Generation {
	m := g.at
	if st, err := g.f.Stat(); err == nil && m.off == 0 && g.packing == asIs {
		m, _ = markAt(g.f, st.Size(), 0) // it may have grown since it was opened
	} else if m.off == 0 {
		m.add(g.first(headLen), false)
	}
	e := m.sum()
	e.Dev, e.Ino = g.dev, g.ino
	return e
}

// before is a position, done with, in the newest file before member i that has
// contents; nil if there is none.
func (fam *family) before(i int) *exec.Generation {
	for _, g := range slices.Backward(fam.members[:i]) {
		if e := g.trace(); e.Offset > 0 {
			e.Done = true
			return &e
		}
	}
	return nil
}

// intact tells whether what was read from g is still in it.
func (g *generation) intact() bool {
	return g.packing != asIs || g.at.holds(g.f)
}

// replace makes gens the log's generations; those from the family become open.
func (f *follower) replace(l *log, fam *family, gens []*generation) {
	before, newest := l.gens, l.newest()
	if l.anchor == nil && len(gens) > 0 && gens[0].at.off == 0 {
		l.anchor = fam.before(max(slices.Index(fam.members, gens[0]), 0))
	}
	l.gens, l.absent, l.told = nil, fam.current() < 0, false
	for _, g := range gens {
		if i := slices.Index(fam.members, g); i >= 0 {
			f.adopt(l, fam.take(i))
			continue
		}
		l.gens = append(l.gens, g)
		if g == newest {
			g.live.quiet = f.opt.Now() // its writer has until now had no other
		}
	}
	for _, g := range before {
		if !slices.Contains(gens, g) {
			f.drop(l, g)
		}
	}
	f.retire(l)
}

// report tells what relocate has found out.
func (f *follower) report(l *log, fam *family, entries []*entry, lost bool) {
	for _, e := range entries {
		switch {
		case e.g == nil && !e.Done && e.Offset > 0:
			f.add(exec.Gap, l.path, "truncated or gone after %d bytes were read: what else it held is lost", e.Offset)
			lost = false
		case e.live != nil && e.g != nil && e.g != e.live:
			f.add(exec.Warning, l.path, "truncated after %d bytes were read: its rest is in %s", e.Offset, e.g.name)
		}
	}
	cur := fam.current()
	if lost && cur >= 0 {
		f.add(exec.Warning, l.path, "none of the files that were read is left: others may have come and gone since")
	}
	switch {
	case l.announce || cur < 0:
	case l.newest() == nil:
		f.add(exec.Info, l.path, "new file")
	case !l.newest().sameFile(fam.members[cur]):
		f.add(exec.Info, l.path, "rotated: going on with the new file")
	}
}
