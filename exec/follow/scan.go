package follow

import (
	"context"
	"io"
	"path/filepath"

	"fantail/exec"
)

// scanner reads every file of an Input once.
type scanner struct {
	in     exec.Input
	op     Opener
	opt    Options
	resume map[string]exec.Position
	moved  []string        // paths to resume that no glob may match any more
	globs  []string        // not yet expanded
	paths  []string        // not yet opened
	seen   map[string]bool // clean paths that were, or are in paths
	notices
	cur  *generation // nil: none is open
	file *exec.File  // cur's
}

func newScanner(in exec.Input, op Opener, opt Options) *scanner {
	return &scanner{in: in, op: op, opt: opt, resume: resumable(in), moved: renamed(in),
		globs: in.Globs, seen: map[string]bool{}}
}

func (s *scanner) next(ctx context.Context, b *exec.Block) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		if n, ok := s.pop(); ok {
			return n
		}
		if s.cur != nil {
			s.block(b)
			return nil
		}
		if !s.advance() {
			return io.EOF
		}
	}
}

func (s *scanner) close() {
	if s.cur != nil {
		s.cur.close()
		s.cur = nil
	}
}

// block fills b from the open file, and closes that if it was the last one.
func (s *scanner) block(b *exec.Block) {
	g := s.cur
	err := g.next(b, &s.opt)
	g.done = err != nil || g.at.off == g.limit
	b.File = s.file
	b.Arrived = exec.Block{}.Arrived
	b.End = exec.Position{Path: s.file.Path, Generations: []exec.Generation{g.position()}}
	s.tell(g, s.file.Path, err)
	if lost := g.limit - g.at.off; err == io.EOF && g.packing == asIs && lost > 0 {
		s.add(exec.Gap, s.file.Path, "truncated while it was read: its last %d bytes are lost", lost)
	}
	if g.done {
		s.close()
	}
}

// advance opens the next file, or expands the next glob; false says that there
// is none.
func (s *scanner) advance() bool {
	switch {
	case len(s.paths) > 0:
		path := s.paths[0]
		s.paths = s.paths[1:]
		s.open(path)
	case len(s.globs) > 0:
		glob := s.globs[0]
		s.globs = s.globs[1:]
		s.expand(glob)
	case len(s.moved) > 0:
		s.enter(s.moved)
		s.moved = nil
	default:
		return false
	}
	return true
}

func (s *scanner) expand(glob string) {
	paths, err := expand(s.op, glob)
	if err == nil && len(paths) == 0 {
		s.add(exec.Failure, glob, "no such file")
	}
	if err != nil {
		s.add(exec.Failure, "", "%s", err)
	}
	s.enter(paths)
}

// enter takes up the paths that were not yet.
func (s *scanner) enter(paths []string) {
	for _, p := range paths {
		if clean := filepath.Clean(p); !s.seen[clean] {
			s.seen[clean] = true
			s.paths = append(s.paths, p)
		}
	}
}

func (s *scanner) open(path string) {
	if p, ok := s.resume[path]; ok && len(p.Generations) > 0 {
		s.reopen(p)
		return
	}
	g, err := open(s.op, path)
	if err == nil {
		if err = g.start(s.in.Start, &s.opt, false); err != nil {
			g.close()
		}
	}
	if err != nil {
		s.notices = append(s.notices, failure(path, err))
		return
	}
	s.use(g, path, nil)
}

// reopen goes on with a file that was read in part.
func (s *scanner) reopen(p exec.Position) {
	e := p.Generations[len(p.Generations)-1]
	if e.Done {
		return
	}
	fam, err := readFamily(s.op, p.Path)
	if err != nil {
		s.notices = append(s.notices, failure(p.Path, err))
		return
	}
	i := fam.find(e, len(fam.members))
	if e.Offset == 0 {
		i = fam.current()
	}
	if i < 0 {
		s.add(exec.Gap, p.Path, "the file that was being read is gone; its rest is lost")
	} else {
		s.use(fam.take(i), p.Path, p.State)
	}
	fam.close()
}

func (s *scanner) use(g *generation, path string, state []byte) {
	s.cur, s.file = g, &exec.File{Path: path, Head: g.head(), State: state}
}
