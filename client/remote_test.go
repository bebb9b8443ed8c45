package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"fantail/exec"
	"fantail/exec/wire"
	"fantail/planner"
)

// collector is a sink that keeps what it gets.
type collector struct {
	rows    strings.Builder
	notices []string
	frames  int
	fail    func(frame int) error // nil: never
}

func (c *collector) Rows(r *exec.Rows) error {
	c.frames++
	if c.fail != nil {
		if err := c.fail(c.frames); err != nil {
			return err
		}
	}
	c.rows.Write(r.Data)
	return nil
}

func (c *collector) Partial(*exec.Partial) error { return errors.New("a partial in a plan for rows") }

func (c *collector) Notice(n exec.Notice) error {
	c.notices = append(c.notices, n.Text)
	return nil
}

// counting answers with numbered lines of one file, some to a frame, from the
// position on that the request names.
func counting(total, perFrame int) func(*wire.Encoder, *wire.Request) {
	return func(e *wire.Encoder, r *wire.Request) {
		e.End(countFrom(e, r.Input, total, perFrame))
	}
}

// countFrom is a run over a file whose offsets are line numbers.
func countFrom(sink exec.Sink, in exec.Input, total, perFrame int) error {
	for n := resumeAt(in, "/log"); n < total; {
		rows := exec.Rows{Path: "/log"}
		for ; rows.N < perFrame && n < total; n++ {
			rows.Data = fmt.Appendf(rows.Data, "line %d\n", n)
			rows.N++
		}
		rows.Ends = []exec.Position{at("/log", n)}
		if err := sink.Rows(&rows); err != nil {
			return err
		}
	}
	return nil
}

func at(path string, n int) exec.Position {
	return exec.Position{Path: path, Generations: []exec.Generation{{Offset: int64(n)}}}
}

func resumeAt(in exec.Input, path string) int {
	for _, p := range in.Resume {
		if p.Path == path {
			return int(p.Generations[0].Offset)
		}
	}
	return 0
}

func countedLines(total int) string {
	var c collector
	countFrom(&c, exec.Input{}, total, total)
	return c.rows.String()
}

func someJob() *Job {
	return &Job{
		Host:  &planner.Host{Text: "select $line", Context: planner.Context{Before: 2}},
		Input: exec.Input{Globs: []string{"/log"}},
	}
}

func TestRemoteSendsRequestAndTakesRun(t *testing.T) {
	d, key := newDialer(t)
	var got wire.Request
	s := &sshServer{run: func(e *wire.Encoder, r *wire.Request) {
		got = *r
		counting(1000, 7)(e, r)
	}}
	s.serve(t, key)
	job := someJob()
	job.Input.Resume = []exec.Position{at("/log", 10)}
	var sink collector
	if err := (&Remote{Address: s.addr, Dialer: d}).Run(t.Context(), job, &sink); err != nil {
		t.Fatal(err)
	}
	want := wire.Request{Query: "select $line", Context: planner.Context{Before: 2}, Server: "web1", Input: job.Input}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the server got %+v, want %+v", got, want)
	}
	if got, want := "line 0\nline 1\nline 2\nline 3\nline 4\nline 5\nline 6\nline 7\nline 8\nline 9\n"+sink.rows.String(), countedLines(1000); got != want {
		t.Errorf("got %d bytes, want %d", len(got), len(want))
	}
}

func TestRemoteErrors(t *testing.T) {
	for name, test := range map[string]struct {
		server *sshServer
		want   string
		kind   error // nil: final
	}{
		"the run's error": {
			server: &sshServer{run: func(e *wire.Encoder, _ *wire.Request) { e.End(errors.New("open /log: permission denied")) }},
			want:   "web1: open /log: permission denied",
		},
		"shutting down": {
			server: &sshServer{run: func(e *wire.Encoder, _ *wire.Request) { e.End(wire.ErrShutdown) }},
			want:   "web1: server is shutting down",
			kind:   ErrCut,
		},
		"ends early": {
			server: &sshServer{run: func(e *wire.Encoder, _ *wire.Request) { e.Notice(exec.Notice{Text: "hello"}) }},
			want:   "web1: connection was cut",
			kind:   ErrCut,
		},
		"no subsystem": {
			server: &sshServer{refuse: true},
			want:   "web1: the server logged us in, but does not offer fantail",
		},
		"program missing": {
			server: &sshServer{subsystem: func(c ssh.Channel) {
				io.WriteString(c.Stderr(), "sh: 1: dserver: not found\n")
				c.SendRequest("exit-status", false, ssh.Marshal(struct{ Status uint32 }{127}))
				c.Close()
			}},
			want: "web1: the server could not start its side (exit status 127): sh: 1: dserver: not found",
		},
		"program dies": {
			server: &sshServer{subsystem: func(c ssh.Channel) {
				wire.NewEncoder(c).Notice(exec.Notice{Text: "hello"})
				c.SendRequest("exit-status", false, ssh.Marshal(struct{ Status uint32 }{2}))
				c.Close()
			}},
			want: "web1: connection was cut",
			kind: ErrCut,
		},
		"another program": {
			server: &sshServer{subsystem: func(c ssh.Channel) {
				io.WriteString(c, "This account is currently not available.\n")
				c.Close()
			}},
			want: "This acc",
		},
		"limit reached": {
			server: &sshServer{session: func(c ssh.NewChannel) bool {
				c.Reject(ssh.ResourceShortage, "10 sessions are running")
				return true
			}},
			want: "web1: the server refused a session: 10 sessions are running",
			kind: ErrUnreachable,
		},
	} {
		t.Run(name, func(t *testing.T) {
			d, key := newDialer(t)
			s := test.server.serve(t, key)
			err := (&Remote{Address: s.addr, Dialer: d}).Run(t.Context(), someJob(), new(collector))
			wantError(t, err, test.want)
			for _, kind := range []error{ErrCut, ErrUnreachable} {
				if errors.Is(err, kind) != (kind == test.kind) {
					t.Errorf("%q is %v: %v", err, kind, errors.Is(err, kind))
				}
			}
		})
	}
}

func TestRemoteGivesSinksError(t *testing.T) {
	d, key := newDialer(t)
	full := errors.New("disk full")
	s := (&sshServer{run: counting(100_000, 10)}).serve(t, key)
	sink := &collector{fail: func(frame int) error {
		if frame == 3 {
			return full
		}
		return nil
	}}
	err := Retry(&Remote{Address: s.addr, Dialer: d}, RetryPolicy{MaxRetries: -1}).Run(t.Context(), someJob(), sink)
	if !errors.Is(err, full) || sink.frames != 3 {
		t.Errorf("got %v after %d frames", err, sink.frames)
	}
}

func TestRemoteCancelled(t *testing.T) {
	d, key := newDialer(t)
	ctx, cancel := context.WithCancel(t.Context())
	s := (&sshServer{subsystem: func(ssh.Channel) {
		cancel() // and never an answer
	}}).serve(t, key)
	within(t, 2*time.Second, func() {
		if err := (&Remote{Address: s.addr, Dialer: d}).Run(ctx, someJob(), new(collector)); err != context.Canceled {
			t.Errorf("got %v, want ctx's error", err)
		}
	})
}

func TestRemoteServerFreezes(t *testing.T) {
	d, key := newDialer(t)
	d.Heartbeat, d.Silence = 20*time.Millisecond, 100*time.Millisecond
	s := (&sshServer{
		global:    func(*ssh.Request) {},
		subsystem: func(ssh.Channel) {},
	}).serve(t, key)
	within(t, 2*time.Second, func() {
		err := (&Remote{Address: s.addr, Dialer: d}).Run(t.Context(), someJob(), new(collector))
		wantError(t, err, "web1: nothing was heard for 100ms")
		if !errors.Is(err, ErrCut) {
			t.Errorf("%v is not ErrCut", err)
		}
	})
}

// Connections cut at any byte lose no line and repeat none.
func TestCutsLoseNothing(t *testing.T) {
	d, key := newDialer(t)
	s := (&sshServer{run: counting(3000, 3)}).serve(t, key)
	proxy := newCutProxy(t, s.addr, func(conn int) int64 {
		if conn < 60 {
			return int64(1000 + 97*conn) // the first few within the handshake
		}
		return -1
	})
	job := someJob()
	job.Input.Follow = true // or a first dial that fails would be the end
	var sink collector
	policy := RetryPolicy{Initial: time.Millisecond, Max: time.Millisecond, MaxRetries: -1}
	if err := Retry(&Remote{Address: proxy.addr, Dialer: d}, policy).Run(t.Context(), job, &sink); err != nil {
		t.Fatal(err)
	}
	if got, want := sink.rows.String(), countedLines(3000); got != want {
		t.Errorf("got %d bytes, want %d", len(got), len(want))
	}
	if proxy.cuts.Load() < 20 {
		t.Errorf("only %d connections were cut", proxy.cuts.Load())
	}
}
