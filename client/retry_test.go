package client

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fantail/exec"
	"fantail/exec/wire"
)

// fake is a Transport that does what it is told to in each run.
type fake struct {
	runs  int
	times []time.Time // of each run
	in    []exec.Input
	run   func(run int, in exec.Input, sink exec.Sink) error
}

func (f *fake) Name() string { return "web1" }

func (f *fake) Run(_ context.Context, job *Job, sink exec.Sink) error {
	f.runs++
	f.times = append(f.times, time.Now())
	f.in = append(f.in, job.Input)
	return f.run(f.runs-1, job.Input, sink)
}

// waits is how long it was from each run to the next.
func (f *fake) waits() []time.Duration {
	var out []time.Duration
	for i := 1; i < len(f.times); i++ {
		out = append(out, f.times[i].Sub(f.times[i-1]))
	}
	return out
}

func cutError() error { return &HostError{Host: "web1", Text: "connection was cut", Kind: ErrCut} }
func downError() error {
	return &HostError{Host: "web1", Text: "connection refused", Kind: ErrUnreachable}
}
func always1() float64     { return 1 }
func endless() RetryPolicy { return RetryPolicy{MaxRetries: -1, Rand: always1} }

// limited passes on so many frames, and then breaks.
type limited struct {
	exec.Sink
	left int
}

func (l *limited) Rows(r *exec.Rows) error {
	if l.left--; l.left < 0 {
		return cutError()
	}
	return l.Sink.Rows(r)
}

func TestRetryCutAfterEachFrame(t *testing.T) {
	for k := 1; k <= 12; k++ {
		synctest.Test(t, func(t *testing.T) {
			f := &fake{run: func(_ int, in exec.Input, sink exec.Sink) error {
				return countFrom(&limited{sink, k}, in, 100, 9)
			}}
			var sink collector
			if err := Retry(f, endless()).Run(t.Context(), someJob(), &sink); err != nil {
				t.Fatal(err)
			}
			if sink.rows.String() != countedLines(100) {
				t.Errorf("cut after every %d frames: lines are lost or repeated", k)
			}
			if want := (12 + k - 1) / k; f.runs != want {
				t.Errorf("cut after every %d frames: %d runs, want %d", k, f.runs, want)
			}
		})
	}
}

// A frame that the sink did not accept does not count; and the sink's error ends
// the run, whatever the transport makes of it.
func TestRetrySinkError(t *testing.T) {
	full := errors.New("disk full")
	f := &fake{run: func(_ int, in exec.Input, sink exec.Sink) error {
		if err := countFrom(sink, in, 100, 10); err != nil {
			return fmt.Errorf("%w: %w", ErrCut, err)
		}
		return nil
	}}
	sink := &collector{fail: func(frame int) error { return full }}
	if err := Retry(f, endless()).Run(t.Context(), someJob(), sink); !errors.Is(err, full) || f.runs != 1 {
		t.Errorf("got %v after %d runs", err, f.runs)
	}
}

func TestRetryKeepsPositions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{}
		f.run = func(run int, in exec.Input, sink exec.Sink) error {
			switch run {
			case 0:
				ends := []exec.Position{at("/b", 7), at("/c", 1)}
				ends[0].State = []byte("state")
				if err := sink.Rows(&exec.Rows{Progress: exec.Progress{Ends: ends}}); err != nil {
					return err
				}
				ends[0].Generations[0].Offset, ends[0].State[0] = 99, 'X' // the transport uses it again
				return cutError()
			case 1:
				in.Resume[1].Generations[0].Offset, in.Resume[1].State[0] = 99, 'X' // nor does what a run does to its input count
				return cutError()
			}
			return nil
		}
		job := someJob()
		job.Input.Resume = []exec.Position{at("/a", 5), at("/b", 6)}
		if err := Retry(f, endless()).Run(t.Context(), job, new(collector)); err != nil {
			t.Fatal(err)
		}
		b := at("/b", 7)
		b.State = []byte("state")
		if want := []exec.Position{at("/a", 5), b, at("/c", 1)}; !reflect.DeepEqual(f.in[2].Resume, want) {
			t.Errorf("resumed from %+v, want %+v", f.in[2].Resume, want)
		}
		if want := []exec.Position{at("/a", 5), at("/b", 6)}; !reflect.DeepEqual(job.Input.Resume, want) {
			t.Error("the caller's job was changed")
		}
	})
}

func TestRetryBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{run: func(run int, in exec.Input, sink exec.Sink) error {
			switch run {
			case 9:
				if err := sink.Rows(&exec.Rows{}); err != nil {
					return err
				}
			case 3:
				if err := sink.Notice(exec.Notice{Text: "hello"}); err != nil { // resets nothing
					return err
				}
			case 11:
				return nil
			}
			return cutError()
		}}
		if err := Retry(f, endless()).Run(t.Context(), someJob(), new(collector)); err != nil {
			t.Fatal(err)
		}
		const ms = time.Millisecond
		want := []time.Duration{100 * ms, 200 * ms, 400 * ms, 800 * ms, 1600 * ms, 3200 * ms, 6400 * ms, 10_000 * ms, 10_000 * ms, 100 * ms, 200 * ms}
		if got := f.waits(); !reflect.DeepEqual(got, want) {
			t.Errorf("waited %v, want %v", got, want)
		}
	})
}

func TestRetryJitter(t *testing.T) {
	p := RetryPolicy{Rand: func() float64 { return 0 }}.withDefaults()
	if got := p.wait(0); got != 50*time.Millisecond {
		t.Errorf("the shortest wait is %v, want half of the longest", got)
	}
	if got := p.wait(1_000_000); got != 5*time.Second {
		t.Errorf("the shortest wait after many retries is %v, want 5s", got)
	}
}

func TestRetryTellsOnceAboutAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{run: func(run int, in exec.Input, sink exec.Sink) error {
			if run < 3 {
				return []error{downError(), downError(), cutError()}[run]
			}
			return countFrom(sink, in, 10, 5)
		}}
		job := someJob()
		job.Input.Follow = true
		var sink collector
		if err := Retry(f, endless()).Run(t.Context(), job, &sink); err != nil {
			t.Fatal(err)
		}
		want := []string{"connection refused; trying again", "connected again; it goes on where it was cut"}
		if !reflect.DeepEqual(sink.notices, want) {
			t.Errorf("told %q, want %q", sink.notices, want)
		}
	})
}

func TestRetryOrNot(t *testing.T) {
	noHost := &HostError{Host: "web1", Text: "no such host", Kind: ErrNoSuchHost}
	denied := &HostError{Host: "web1", Text: "permission denied"}
	for name, test := range map[string]struct {
		follow bool
		max    int
		errs   []error // of the runs; then nil
		runs   int
		want   string // of the error; "" none
	}{
		"cut":                     {max: -1, errs: []error{cutError()}, runs: 2},
		"zero policy":             {errs: []error{cutError()}, runs: 1, want: "was cut"},
		"down at first":           {max: -1, errs: []error{downError()}, runs: 1, want: "refused"},
		"down at first, followed": {max: -1, follow: true, errs: []error{downError(), downError()}, runs: 3},
		"down after a cut":        {max: -1, errs: []error{cutError(), downError(), noHost}, runs: 4},
		"limit":                   {max: 2, errs: []error{cutError(), cutError(), cutError()}, runs: 3, want: "was cut"},
		"unknown name":            {max: -1, follow: true, errs: []error{noHost}, runs: 1, want: "no such host"},
		"denied":                  {max: -1, follow: true, errs: []error{denied}, runs: 1, want: "permission denied"},
		"denied after a cut":      {max: -1, follow: true, errs: []error{cutError(), denied}, runs: 2, want: "permission denied"},
		"the run's error":         {max: -1, follow: true, errs: []error{&wire.RunError{Text: "bad query"}}, runs: 1, want: "bad query"},
		"version":                 {max: -1, follow: true, errs: []error{&wire.VersionError{Ours: 1, Theirs: 2}}, runs: 1, want: "version"},
	} {
		synctest.Test(t, func(t *testing.T) {
			f := &fake{run: func(run int, _ exec.Input, _ exec.Sink) error {
				if run < len(test.errs) {
					return test.errs[run]
				}
				return nil
			}}
			job := someJob()
			job.Input.Follow = test.follow
			err := Retry(f, RetryPolicy{MaxRetries: test.max}).Run(t.Context(), job, new(collector))
			if f.runs != test.runs {
				t.Errorf("%s: %d runs, want %d", name, f.runs, test.runs)
			}
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("%s: got %v, want %q", name, err, test.want)
			}
		})
	}
}

// What the host had is missing, so that it is not the same as a run that the
// user has ended.
func TestRetryCancelledWhileWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		f := &fake{run: func(int, exec.Input, exec.Sink) error { return cutError() }}
		if err := Retry(f, endless()).Run(ctx, someJob(), new(collector)); !errors.Is(err, ErrCut) {
			t.Errorf("got %v, want why the host is not reached", err)
		}
	})
}
