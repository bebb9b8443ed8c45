package client

import (
	"slices"

	"fantail/exec"
)

// resumeSink passes on what it gets, and remembers how far that was: the position
// of each file after the last frame that the inner sink accepted.
type resumeSink struct {
	inner  exec.Sink
	ends   []exec.Position
	index  map[string]int // of ends, by path
	fresh  bool           // data has arrived since this was last cleared
	outage bool           // the user was told that the connection is gone
	err    error          // the inner sink's: the run is over
}

func newResumeSink(inner exec.Sink, from []exec.Position) *resumeSink {
	s := &resumeSink{inner: inner, index: make(map[string]int)}
	s.record(from)
	return s
}

func (s *resumeSink) Rows(r *exec.Rows) error {
	return s.data(func() error { return s.inner.Rows(r) }, r.Ends)
}

func (s *resumeSink) Partial(p *exec.Partial) error {
	return s.data(func() error { return s.inner.Partial(p) }, p.Ends)
}

// Notice is no data: a server that greets and breaks down is not to be called
// every moment.
func (s *resumeSink) Notice(n exec.Notice) error { return s.notice(n) }

func (s *resumeSink) notice(n exec.Notice) error {
	s.err = s.inner.Notice(n)
	return s.err
}

func (s *resumeSink) data(give func() error, ends []exec.Position) error {
	if s.outage {
		s.outage = false
		if err := s.notice(exec.Notice{Level: exec.Info, Text: "connected again; it goes on where it was cut"}); err != nil {
			return err
		}
	}
	if s.err = give(); s.err != nil {
		return s.err
	}
	s.fresh = true
	s.record(ends)
	return nil
}

// record keeps copies: a sink keeps nothing of its arguments.
func (s *resumeSink) record(ends []exec.Position) {
	for _, end := range ends {
		i, ok := s.index[end.Path]
		if !ok {
			i = len(s.ends)
			s.index[end.Path] = i
			s.ends = append(s.ends, exec.Position{Path: end.Path})
		}
		s.ends[i].Generations = append(s.ends[i].Generations[:0], end.Generations...)
		s.ends[i].State = copyState(s.ends[i].State, end.State)
	}
}

// copyState keeps the difference between no state and an empty one.
func copyState(to, from []byte) []byte {
	if from == nil {
		return nil
	}
	return append(to[:0], from...)
}

// positions is what to resume from: a copy, for the run that gets it is the one
// that moves them on.
func (s *resumeSink) positions() []exec.Position {
	out := slices.Clone(s.ends)
	for i := range out {
		out[i].Generations = slices.Clone(out[i].Generations)
		out[i].State = slices.Clone(out[i].State)
	}
	return out
}
