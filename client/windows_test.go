package client

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fantail/exec"
)

const windowQuery = "select k, count($line) from stats group by k interval 10"

// sleepUntil sleeps until so many seconds after the bubble's start, which is midnight.
func sleepUntil(start time.Time, seconds int) time.Time {
	t := start.Add(time.Duration(seconds) * time.Second)
	time.Sleep(time.Until(t))
	return t
}

func TestWindowWaitsForEveryHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		w0, w1 := start, start.Add(10*time.Second)
		shown, l, _ := runScript(t, t.Context(), windowQuery,
			host("a", func(ctx context.Context, s exec.Sink) error {
				sleepUntil(start, 10)
				return s.Partial(counted(w0, w1, "x", 3))
			}),
			host("b", func(ctx context.Context, s exec.Sink) error {
				sleepUntil(start, 11)
				return s.Partial(counted(w0, w1, "x", 4))
			}))
		if want := "table 946684800 | x 7\n"; shown != want {
			t.Errorf("shown %q, want %q", shown, want)
		}
		if !l.Found || len(l.Failed) != 0 {
			t.Errorf("ledger %+v", l)
		}
	})
}

// A host that is too late amends the window that was shown without it.
func TestWindowOfLateHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		w0, w1 := start, start.Add(10*time.Second)
		shown, _, _ := runScript(t, t.Context(), windowQuery,
			host("a", func(ctx context.Context, s exec.Sink) error {
				sleepUntil(start, 10)
				err := s.Partial(counted(w0, w1, "x", 3))
				sleepUntil(start, 30)
				return err
			}),
			host("b", func(ctx context.Context, s exec.Sink) error {
				sleepUntil(start, 20)
				return s.Partial(counted(w0, w1, "x", 4))
			}))
		want := "table 946684800 without b | x 3\n" + "table 946684800 revision 1 | x 7\n"
		if shown != want {
			t.Errorf("shown %q, want %q", shown, want)
		}
	})
}

// A host that fails is named in every window from then on.
func TestWindowOfFailedHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		w0, w1 := start, start.Add(10*time.Second)
		shown, l, errs := runScript(t, t.Context(), windowQuery,
			host("a", func(ctx context.Context, s exec.Sink) error {
				sleepUntil(start, 10)
				return s.Partial(counted(w0, w1, "x", 3))
			}),
			host("b", func(ctx context.Context, s exec.Sink) error { return errTest }))
		if want := "table 946684800 without b | x 3\n"; shown != want {
			t.Errorf("shown %q, want %q", shown, want)
		}
		if len(errs) != 1 || len(l.Failed) != 1 || l.AllFailed() {
			t.Errorf("errors %q, ledger %+v", errs, l)
		}
	})
}

// What was gathered when the user interrupts is shown.
func TestInterruptedWindowIsShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		ctx, cancel := context.WithCancel(t.Context())
		shown, l, _ := runScript(t, ctx, windowQuery,
			host("a", func(ctx context.Context, s exec.Sink) error {
				sleepUntil(start, 3)
				if err := s.Partial(counted(start, time.Time{}, "x", 3)); err != nil {
					return err
				}
				cancel()
				<-ctx.Done()
				return ctx.Err()
			}))
		if want := "table 946684800 interim | x 3\n"; shown != want {
			t.Errorf("shown %q, want %q", shown, want)
		}
		if len(l.Failed) != 0 {
			t.Errorf("interrupted hosts count as failed: %+v", l)
		}
	})
}

func TestEveryHostFailed(t *testing.T) {
	fail := func(ctx context.Context, s exec.Sink) error { return errTest }
	shown, l, errs := runScript(t, t.Context(), "select count($line)", host("a", fail), host("b", fail))
	if shown != "" || !l.AllFailed() || len(errs) != 2 {
		t.Errorf("shown %q, ledger %+v, errors %q", shown, l, errs)
	}
}

// The limit of rows holds over all hosts, and ends what is still running.
func TestLimitOverHosts(t *testing.T) {
	lines := func(ctx context.Context, s exec.Sink) error {
		for {
			if err := s.Rows(&exec.Rows{Path: "/log", N: 2, Data: []byte("1\n2\n")}); err != nil {
				return err
			}
		}
	}
	shown, l, errs := runScript(t, t.Context(), "select $line limit 3", host("a", lines), host("a", lines))
	if want := "a: 1\n2\na: 1\n"; shown != want || !l.Found || len(errs) != 0 {
		t.Errorf("shown %q, ledger %+v, errors %q", shown, l, errs)
	}
}

// With Whole there is no table that lacks a host.
func TestWholeOrNothing(t *testing.T) {
	out := &transcript{}
	q := &Query{Plan: mustPlan(t, "select count($line)"), Output: out, Whole: true,
		Notify: func(string, exec.Notice) {}, Failed: func(string, error) {}}
	good := host("a", func(ctx context.Context, s exec.Sink) error {
		return s.Partial(&exec.Partial{Groups: []exec.Group{{States: [][]byte{{7}}}}})
	})
	bad := host("b", func(ctx context.Context, s exec.Sink) error { return errTest })
	if _, err := Run(t.Context(), q, []Host{good, bad}); err != nil || out.String() != "" {
		t.Errorf("shown %q, error %v", out.String(), err)
	}
	if _, err := Run(t.Context(), q, []Host{good}); err != nil || out.String() != "table -62135596800 | 7\n" {
		t.Errorf("shown %q, error %v", out.String(), err)
	}
}

// A host that was lost is missing in the windows when the user ends the query,
// and what was shown already is not shown again.
func TestLostHostAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		ctx, cancel := context.WithCancel(t.Context())
		shown, l, _ := runScript(t, ctx, windowQuery,
			host("a", func(ctx context.Context, s exec.Sink) error {
				sleepUntil(start, 10)
				err := s.Partial(counted(start, start.Add(10*time.Second), "x", 3))
				sleepUntil(start, 15)
				cancel()
				return err
			}),
			host("b", func(ctx context.Context, s exec.Sink) error {
				<-ctx.Done()
				return errTest // not reached, says Retry
			}))
		if want := "table 946684800 without b | x 3\n"; shown != want {
			t.Errorf("shown %q, want %q", shown, want)
		}
		if len(l.Failed) != 1 {
			t.Errorf("ledger %+v", l)
		}
	})
}

// Windows that lack a host are not kept for ever.
func TestWindowsOfDeadHostAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		ctx, cancel := context.WithCancel(t.Context())
		var g *gather
		a := host("a", func(ctx context.Context, s exec.Sink) error {
			g = s.(*hostSink).g
			for i := range 3 * mostShown {
				w := start.Add(time.Duration(i) * 10 * time.Second)
				sleepUntil(start, 10*(i+1))
				if err := s.Partial(counted(w, w.Add(10*time.Second), "x", 3)); err != nil {
					return err
				}
			}
			if n := len(g.shown); n > mostShown+1 {
				t.Errorf("%d windows are kept", n)
			}
			cancel()
			return nil
		})
		b := host("b", func(ctx context.Context, s exec.Sink) error { <-ctx.Done(); return errTest })
		shown, _, _ := runScript(t, ctx, windowQuery, a, b)
		if n := strings.Count(shown, "table"); n != 3*mostShown {
			t.Errorf("%d windows shown, want %d", n, 3*mostShown)
		}
	})
}

// Rows that none is of still have columns.
func TestNoRowsStillHaveColumns(t *testing.T) {
	none := func(ctx context.Context, s exec.Sink) error { return nil }
	shown, _, _ := runScript(t, t.Context(), "select a from stats", host("a", none))
	if want := "table -62135596800\n"; shown != want {
		t.Errorf("shown %q, want %q", shown, want)
	}
}
