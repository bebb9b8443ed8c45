package follow

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"

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
	first = first && !f.announced
	if base != "" && !resumed && (!first || f.reads(base, path)) {
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

// reads tells whether path is a file that is being read already, as one of base's:
// it was rotated while nobody was there.
func (f *follower) reads(base, path string) bool {
	l := f.logs[filepath.Clean(base)]
	if l == nil {
		return false
	}
	g, err := open(f.op, path)
	if err != nil {
		return false
	}
	defer g.close()
	return slices.ContainsFunc(l.gens, g.sameFile)
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
