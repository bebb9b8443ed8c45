// Package follow turns files into exec.Blocks: blocks of whole lines, each with
// the [exec.Position] after it.
//
// # Scanning
//
// Without Input.Follow every file is read once, from Input.Start to the size
// that it had when it was opened. Files compressed with gzip or zstd are known by
// their first bytes, and everything said of them (offsets, fingerprints, lines)
// is about what they decompress to.
//
// # Following
//
// With Input.Follow the [Source] goes on with what is appended. A path is then a
// log: a succession of files, its generations. When another file takes the
// path's place, the old one is read to its end, watched for [Options.Linger]
// in case its writer keeps it open, and retired; the new one is read from its
// beginning. If more than one came and went in between, they are found among the
// rotated files (path.1, path-20250131, path.2.gz ...). A truncated file's rest
// is looked for in the same place, for copytruncate leaves it there. All this
// is one operation, see relocate, and going on with Input.Resume is the same
// operation again: positions in, open generations out.
//
// All generations of a log share one exec.File, and each counts its Block.Offset
// and Block.Line from 0 again. The first block of a log has no lines: it tells the
// position at the start, so that a run can be resumed that was cut before the
// first line came. When all logs that are there at the start have told theirs, a
// block of the path exec.Announced says so. A run that resumes takes a log that
// has no position for a new one, to be read from its beginning, only if that was
// said; else it begins where Input.Start says. The File's Head is what was there by then: nothing, if the log
// was empty or absent.
//
// A line counts once its newline is there. A last line without one is held
// back until its file is retired.
//
// # Identity
//
// Inodes are reused at once, times are coarse, and names move on, so a file is
// known by its content: a hash of its first 4 KiB and one of the 256 bytes before
// the offset. The hash is XXH64; it is part of what [exec.Generation] means.
//
// # What cannot be had
//
// Lines written between copytruncate's copy and its truncation exist nowhere
// afterwards. What is truncated or deleted while nobody reads it is lost. A file
// that is rewritten with the same first 4 KiB and the same 256 bytes before the
// offset is taken for the old one. Losses that can be seen are told by an
// exec.Notice of level exec.Gap.
package follow

import (
	"context"
	"io"
	"path/filepath"
	"slices"
	"time"

	"fantail/exec"
)

// Options are the dials of a Source; the zero value is what most want.
type Options struct {
	Block      int              // bytes read at once; 0: 256 KiB
	Longest    int              // bytes of the longest line, longer ones come in pieces; 0: 16 MiB
	CountLines bool             // maintain Block.Line and Generation.Lines, which costs a pass over skipped bytes
	Linger     time.Duration    // for how long a replaced file is watched after its last growth; 0: 2 s
	Sweep      time.Duration    // interval at which all files are looked at without being woken; 0: 1 s
	Now        func() time.Time // of Block.Arrived and of Linger; nil: time.Now
	Live       bool             // of a Reader: give what is there rather than wait for a full block
}

func (o Options) withDefaults() Options {
	orInt := func(v *int, def int) {
		if *v <= 0 {
			*v = def
		}
	}
	orDuration := func(v *time.Duration, def time.Duration) {
		if *v <= 0 {
			*v = def
		}
	}
	orInt(&o.Block, 256<<10)
	orInt(&o.Longest, 16<<20)
	o.Longest = max(o.Longest, o.Block)
	orDuration(&o.Linger, 2*time.Second)
	orDuration(&o.Sweep, time.Second)
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// Source gives the blocks of an Input's files; it is an exec.Source.
type Source struct {
	run runner
}

// runner is what scanning and following have in common.
type runner interface {
	next(ctx context.Context, b *exec.Block) error
	close()
}

var _ exec.Source = (*Source)(nil)

// New returns the Source of in's files, which it opens through op. It does
// nothing before the first call of Next.
func New(in exec.Input, op Opener, opt Options) *Source {
	opt = opt.withDefaults()
	if in.Follow {
		return &Source{run: newFollower(in, op, opt)}
	}
	return &Source{run: newScanner(in, op, opt)}
}

// Next fills b; see exec.Source.
func (s *Source) Next(ctx context.Context, b *exec.Block) error {
	if s.run == nil {
		return io.EOF
	}
	return s.run.next(ctx, b)
}

// Close releases all files and watches. It is not to be called during Next.
func (s *Source) Close() error {
	if s.run != nil {
		s.run.close()
		s.run = nil
	}
	return nil
}

// resumable is Input.Resume by path; of several positions the last one counts.
func resumable(in exec.Input) map[string]exec.Position {
	m := make(map[string]exec.Position, len(in.Resume))
	for _, p := range in.Resume {
		m[p.Path] = p
	}
	return m
}

// renamed returns the paths of Input.Resume that the globs would match, whether
// anything is there or not: what was not yet read may be under another name.
func renamed(in exec.Input) []string {
	var paths []string
	for _, p := range in.Resume {
		if slices.ContainsFunc(in.Globs, func(glob string) bool {
			ok, _ := filepath.Match(glob, p.Path) // a malformed one is told when it is expanded
			return ok || glob == p.Path
		}) {
			paths = append(paths, p.Path)
		}
	}
	return paths
}
