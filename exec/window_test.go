package exec

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

// liveSource is a followed file that gets lines from time to time.
type liveSource struct {
	every  time.Duration // between two blocks; 0: there are always more
	left   int           // blocks; -1: no end
	offset int64
	file   *File
}

func (s *liveSource) Close() error { return nil }

func (s *liveSource) Next(ctx context.Context, b *Block) error {
	if s.left == 0 {
		return io.EOF
	}
	s.left--
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(s.every):
	}
	if s.file == nil {
		s.file = &File{Path: "a.log"}
	}
	b.File, b.Data, b.Offset, b.Arrived = s.file, fmt.Appendf(b.Data[:0], "%012d\n", s.offset), s.offset, time.Now()
	s.offset += int64(len(b.Data))
	b.End = Position{Path: "a.log", Generations: []Generation{{Offset: s.offset}}}
	return nil
}

// timed is a Sink that notes when partials come.
type timed struct {
	*collect
	at []time.Time
}

func (s *timed) Partial(p *Partial) error {
	s.at = append(s.at, time.Now())
	return s.collect.Partial(p)
}

// follow runs a continuous query in a bubble of synctest for a time.
func follow(t *testing.T, text string, src Source, d time.Duration) *timed {
	t.Helper()
	p := mustPlan(t, text)
	sink := &timed{collect: newCollect(t, p)}
	done := errors.New("enough")
	ctx, cancel := context.WithTimeoutCause(t.Context(), d, done)
	defer cancel()
	env := Env{Continuous: true, Workers: 1} // others would wait for a mutex, which stops the bubble's clock
	if err := Run(ctx, &p.Host, src, env, sink); err != done {
		t.Errorf("got %v, want the context's cause", err)
	}
	return sink
}

func TestWindows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(3700 * time.Millisecond) // windows do not begin with the run
		src := &liveSource{every: 70 * time.Millisecond, left: -1}
		sink := follow(t, "select count(*), last($offset) interval 5", src, 60*time.Second)
		total, passed, end := int64(0), time.Time{}, int64(0)
		for i, part := range sink.parts {
			if !part.Window.IsZero() && part.Window.UnixNano()%int64(5*time.Second) != 0 {
				t.Errorf("a window begins at %s", part.Window)
			}
			if len(part.Groups) > 0 && part.Window.Before(passed) {
				t.Errorf("groups for %s, after all before %s was said to be complete", part.Window, passed)
			}
			if since := sink.at[i].Sub(part.Window); len(part.Groups) > 0 && (since < 0 || since > 5*time.Second) {
				t.Errorf("a partial of the window of %s comes %s later", part.Window, since)
			}
			if !part.Passed.IsZero() {
				passed = part.Passed
			}
			total += part.Lines
			for _, e := range part.Ends {
				end = e.Generations[0].Offset
			}
		}
		if end != src.offset || total != src.offset/13 {
			t.Errorf("%d lines to offset %d were given, %d bytes were read", total, end, src.offset)
		}
		checkWindows(t, sink.merger, total)
	})
}

// checkWindows tells whether every line is in one window, and the windows follow
// each other.
func checkWindows(t *testing.T, m *Merger, want int64) {
	t.Helper()
	windows, total := m.Windows(), int64(0)
	for i, w := range windows {
		if i > 0 && w.Sub(windows[i-1]) != 5*time.Second {
			t.Errorf("%s is followed by %s", windows[i-1], w)
		}
		res, err := m.Result(w)
		if err != nil {
			t.Fatal(err)
		}
		var n int64
		fmt.Sscan(res.Rows[0][0].Text, &n)
		if i > 0 && i < len(windows)-1 && (n < 70 || n > 73) {
			t.Errorf("%d lines in the window of %s", n, w)
		}
		total += n
	}
	if total != want {
		t.Errorf("%d lines in %d windows, want %d", total, len(windows), want)
	}
}

func TestIdleWindows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sink := follow(t, "select count(*) interval 5", &liveSource{every: time.Hour, left: -1}, 61*time.Second)
		if n := len(sink.merger.Windows()); n < 11 || n > 13 {
			t.Errorf("%d windows", n)
		}
		if last := sink.parts[len(sink.parts)-1].Passed; time.Since(last) > 5*time.Second {
			t.Errorf("passed %s, at %s", last, time.Now())
		}
	})
}

func TestFlushEverySecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sink := follow(t, "select count(*)", &liveSource{every: 100 * time.Millisecond, left: -1}, 10500*time.Millisecond)
		if n := len(sink.parts); n != 11 {
			t.Errorf("%d partials in 10.5 s", n)
		}
		for _, part := range sink.parts {
			if !part.Window.IsZero() || !part.Passed.IsZero() {
				t.Errorf("window %s, passed %s", part.Window, part.Passed)
			}
		}
	})
}

// TestLateBlock: what was read just before a window ended, and comes just after,
// counts as arrived after.
func TestLateBlock(t *testing.T) {
	p := mustPlan(t, "select count(*) interval 5")
	sink := newCollect(t, p)
	at := func(s int64) time.Time { return time.Unix(s, 0) }
	src := &blockSource{}
	for _, s := range []int64{11, 9, 14, 15} {
		src.blocks = append(src.blocks, Block{File: &File{Path: "a"}, Data: []byte("x\n"), Arrived: at(s)})
	}
	run := newRun(&p.Host, src, &Env{Continuous: true, Workers: 1}, sink)
	run.maxGroups = 1 // what is full is sent at once
	if err := run.start(t.Context()); err != nil {
		t.Fatal(err)
	}
	for window, want := range map[int64]string{10: "3", 15: "1"} {
		if res, err := sink.merger.Result(at(window)); err != nil || res.Rows[0][0].Text != want {
			t.Errorf("window %d: %v, %v; want %s", window, res, err, want)
		}
	}
	if n := len(sink.merger.Windows()); n != 2 {
		t.Errorf("%d windows", n)
	}
}

// TestSinkError: the run ends with the sink's error, and the sink is not called
// again.
func TestSinkError(t *testing.T) {
	defer goleak.VerifyNone(t)
	broken := errors.New("broken pipe")
	for _, text := range []string{"select $line", "select $line where $line contains \"0\"", "select $offset", "select count(*)", "select count(*) interval 1"} {
		for calls := range 3 {
			p := mustPlan(t, text)
			sink := newCollect(t, p)
			left := calls
			sink.fail = func() error {
				if left--; left == -1 {
					return broken
				} else if left < -1 {
					t.Errorf("%s: called again after an error", text)
				}
				return nil
			}
			run := newRun(&p.Host, &liveSource{left: 10_000}, &Env{Continuous: true, Workers: 3}, sink)
			run.maxGroups = 1
			if err := run.start(t.Context()); err != broken {
				t.Errorf("%s: got %v", text, err)
			}
		}
	}
}

// TestCancel: what was worked on is given, and the positions say so.
func TestCancel(t *testing.T) {
	defer goleak.VerifyNone(t)
	cause := errors.New("interrupted")
	for _, text := range []string{"select $line", "select $line where $line contains \"0\"", "select count(*)"} {
		ctx, cancel := context.WithCancelCause(t.Context())
		p := mustPlan(t, text)
		sink := newCollect(t, p)
		src := &liveSource{left: -1}
		blocks := 0
		stop := sourceFunc(func(ctx context.Context, b *Block) error {
			if blocks++; blocks == 500 {
				cancel(cause)
			}
			return src.Next(ctx, b)
		})
		if err := Run(ctx, &p.Host, stop, Env{Workers: 3}, sink); err != cause {
			t.Errorf("%s: got %v", text, err)
		}
		end := int64(0)
		for _, r := range sink.rows {
			for _, e := range r.Ends {
				end = e.Generations[0].Offset
			}
		}
		for _, p := range sink.parts {
			for _, e := range p.Ends {
				end = e.Generations[0].Offset
			}
		}
		got := int64(strings.Count(sink.raw.String(), "\n"))
		if p.Host.Aggs != nil {
			fmt.Sscan(sink.lines(), &got)
		}
		if end != src.offset || got != end/13 {
			t.Errorf("%s: %d lines, to offset %d; %d bytes were read", text, got, end, src.offset)
		}
	}
}

type sourceFunc func(ctx context.Context, b *Block) error

func (f sourceFunc) Next(ctx context.Context, b *Block) error { return f(ctx, b) }
func (f sourceFunc) Close() error                             { return nil }

// TestSourceError: what came before is not lost to a positions' advance; the
// error is the run's.
func TestSourceError(t *testing.T) {
	defer goleak.VerifyNone(t)
	broken := errors.New("disk on fire")
	p := mustPlan(t, "select count(*)")
	src := sourceFunc(func(context.Context, *Block) error { return broken })
	if err := Run(t.Context(), &p.Host, src, Env{Workers: 3}, newCollect(t, p)); err != broken {
		t.Errorf("got %v", err)
	}
}

// TestNoticesKeepPositionsBack: in a plan for aggregates a notice does not take
// positions along whose groups have not been given.
func TestNoticesKeepPositionsBack(t *testing.T) {
	p := mustPlan(t, "select count(*)")
	sink := newCollect(t, p)
	src := &memSource{files: []memFile{{"a.log", "1\n2\n3\n"}}, cut: func() int { return 1 }}
	told := false
	src.between = func() error {
		if told = !told; told {
			return Notice{Text: "rotated"}
		}
		return nil
	}
	if err := Run(t.Context(), &p.Host, src, Env{Workers: 2}, sink); err != nil {
		t.Fatal(err)
	}
	if len(sink.rows) > 0 || len(sink.notices) < 4 || sink.lines() != "3\n" {
		t.Errorf("%d frames of rows, %d notices, %s", len(sink.rows), len(sink.notices), sink.lines())
	}
}
