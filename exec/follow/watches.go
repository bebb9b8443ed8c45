package follow

import (
	"context"
	"slices"
	"time"
)

// watches are what the follower is woken by. The zero value, and one whose
// system has no watches left, wakes at the sweep's time only.
type watches struct {
	w     *watcher // nil: none to be had
	files map[int32][]*log
	dirs  map[int32]string
	full  error // why a watch could not be had; nil: all could
}

func (s *watches) start() error {
	w, err := newWatcher()
	if err != nil {
		return err
	}
	s.w, s.files, s.dirs = w, map[int32][]*log{}, map[int32]string{}
	return nil
}

func (s *watches) stop() {
	if s.w != nil {
		s.w.close()
		s.w = nil
	}
}

// file watches g, a generation of l.
func (s *watches) file(l *log, g *generation) {
	if s.w == nil {
		return
	}
	watch, err := s.w.addFile(g.f)
	if err != nil {
		s.full = err
		return
	}
	g.live.watch = watch
	s.files[watch] = append(s.files[watch], l)
}

// forget ends file's effect.
func (s *watches) forget(l *log, g *generation) {
	watch := g.live.watch
	if s.w == nil || watch == 0 {
		return
	}
	g.live.watch = 0
	logs := s.files[watch]
	if i := slices.Index(logs, l); i >= 0 {
		logs = slices.Delete(logs, i, i+1)
	}
	if s.files[watch] = logs; len(logs) == 0 {
		delete(s.files, watch)
		s.w.remove(watch)
	}
}

// dir watches the names in a directory. A directory that is not there, or may
// not be watched, is left to the sweep.
func (s *watches) dir(path string) {
	if s.w == nil {
		return
	}
	if watch, err := s.w.addDir(path); err == nil {
		s.dirs[watch] = path
	}
}

// wait returns at the deadline, when ctx is done, or when something has changed,
// but for that not before earliest.
func (s *watches) wait(ctx context.Context, deadline, earliest time.Time) {
	if s.w == nil {
		pause(ctx, time.Until(deadline))
		return
	}
	s.w.wait(ctx, deadline)
	pause(ctx, time.Until(earliest))
}

func pause(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// changes gives what has happened: to a file of the logs, or to a name in dir.
// It tells whether something may be missing.
func (s *watches) changes(each func(c change, dir string, of []*log)) (overflow bool) {
	if s.w == nil {
		return false
	}
	s.w.changes(func(c change) {
		overflow = overflow || c.overflow
		each(c, s.dirs[c.watch], s.files[c.watch])
	})
	return overflow
}
