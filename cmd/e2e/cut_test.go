package e2e

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	fantail "fantail/client"
	"fantail/exec"
	"fantail/parser"
	"fantail/planner"
)

// cutJob is something to run over a connection that is cut.
type cutJob struct {
	name    string
	args    []string // as a command, without the file
	query   string   // as a plan
	context planner.Context
	follow  bool // it goes on: it is ended when all is there
	start   exec.Start
}

var cutJobs = []cutJob{
	{name: "dcat", args: []string{"dcat"}, query: "select $line"},
	{name: "dgrep", args: []string{"dgrep", "[13579]5"}, query: `select $line where $line =~ "[13579]5"`},
	{name: "dgrep -C -m", args: []string{"dgrep", "-n", "-C", "2", "-m", "9", "[13579]5 "}, query: `select $line where $line =~ "[13579]5 "`,
		context: planner.Context{Before: 2, After: 2, Max: 9, Numbered: true}},
	{name: "dgrep -C", args: []string{"dgrep", "-C", "1", "77"}, query: `select $line where $line =~ "77"`,
		context: planner.Context{Before: 1, After: 1}},
	{name: "dgrep -B -v", args: []string{"dgrep", "-v", "-B", "3", "[0-9]5"}, query: `select $line where $line !~ "[0-9]5"`,
		context: planner.Context{Before: 3}},
	{name: "dtail", args: []string{"dtail", "-n", "200"}, query: "select $line", follow: true, start: exec.Start{FromEnd: true, Lines: 200}},
	{name: "dmap", args: []string{"dmap", "-format", "csv", cutQuery}, query: cutQuery},
	{name: "dmap rows", args: []string{"dmap", "-format", "csv", cutRows}, query: cutRows},
	{name: "dmap limit", args: []string{"dmap", "-format", "csv", "select $line limit 123"}, query: "select $line limit 123"},
}

const (
	cutQuery = "select key, count($line), sum(value), min(value), max(value), avg(value), last(value), len(text) from stats group by key order by key"
	cutRows  = "select key, value from stats where value > 500"
)

// cutLog is a log in DTail's format, which does not compress well.
func cutLog(lines int) string {
	random := rand.New(rand.NewPCG(1, uint64(lines)))
	var b strings.Builder
	for n := range lines {
		fmt.Fprintf(&b, "INFO|20261120-101112|%d|stats.go:1|8|14|7|0.21|471h0m21s|MAPREDUCE:STATS|key=k%d|value=%d|text=%x %d \n",
			n, random.IntN(30), random.IntN(1000), random.Uint64()>>uint(random.IntN(60)), n)
	}
	return b.String()
}

// runner runs jobs against a server in this process, which is the quick way.
type runner struct {
	t      testing.TB
	dialer *fantail.Dialer
	addr   fantail.Address
	path   string
}

func newRunner(f *fleet, addr, path string) *runner {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		f.t.Fatal(err)
	}
	r := &runner{t: f.t, path: path, addr: fantail.Address{Host: host, Name: "web1"}}
	if r.addr.Port, err = strconv.Atoi(port); err != nil {
		f.t.Fatal(err)
	}
	r.dialer = &fantail.Dialer{
		User:     f.user.Username,
		Keys:     fantail.Keys{Files: []string{filepath.Join(f.home, ".ssh/id_ed25519")}},
		HostKeys: fantail.KnownHosts{TrustAll: true, Files: []string{filepath.Join(f.t.TempDir(), "known_hosts")}},
	}
	return r
}

// run gives what a job prints. One that follows is ended when it has printed want.
func (r *runner) run(job *cutJob, want string) (string, error) {
	q, err := parser.Parse(job.query)
	if err != nil {
		return "", err
	}
	plan, err := planner.New(q)
	if err != nil {
		return "", err
	}
	plan.Host.Context = job.context
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	out := &until{want: len(want), reached: cancel}
	if !job.follow {
		out.reached = nil
	}
	var failed error
	query := &fantail.Query{
		Plan:   plan,
		Notify: func(string, exec.Notice) {},
		Failed: func(_ string, err error) { failed = err },
	}
	if query.Output = fantail.Output(&fantail.CSVOutput{W: out}); strings.HasPrefix(job.name, "dmap") {
		query.Tables = true
	} else {
		query.Output = &fantail.LineOutput{W: out, Number: job.context.Numbered, Groups: job.context.Before > 0}
	}
	transport := fantail.Retry(&fantail.Remote{Address: r.addr, Dialer: r.dialer},
		fantail.RetryPolicy{Initial: time.Millisecond, Max: 20 * time.Millisecond, MaxRetries: -1})
	ledger, err := fantail.Run(ctx, query, []fantail.Host{{
		Transport: transport,
		Input:     exec.Input{Globs: []string{r.path}, Follow: job.follow, Start: job.start},
	}})
	switch {
	case err != nil:
		return out.String(), err
	case failed != nil:
		return out.String(), failed
	case ledger.Gaps > 0:
		return out.String(), fmt.Errorf("%d gaps", ledger.Gaps)
	case ctx.Err() == context.DeadlineExceeded:
		return out.String(), fmt.Errorf("not ended after %v", patience)
	}
	return out.String(), nil
}

// until calls reached when so many bytes have been written.
type until struct {
	bytes.Buffer
	want    int
	reached func() // nil: nothing is called
}

func (u *until) Write(b []byte) (int, error) {
	n, err := u.Buffer.Write(b)
	if u.reached != nil && u.Len() >= u.want {
		u.reached()
	}
	return n, err
}

// check runs a job over a connection that is cut as the proxy says.
func (r *runner) check(p *proxy, job *cutJob, want string, after func(int) int64, how string) {
	r.t.Helper()
	p.reset(after)
	got, err := r.run(job, want)
	if err != nil {
		r.t.Fatalf("%s, %s: %v, after %d connections", job.name, how, err, p.conns.Load())
	}
	if got != want {
		at := 0
		for at < len(got) && at < len(want) && got[at] == want[at] {
			at++
		}
		r.t.Fatalf("%s, %s: got %d bytes, want %d; they differ from byte %d on: %s", job.name, how, len(got), len(want), at, short(got[at:]))
	}
}

// uncutOutput is what a job prints over a connection that is not cut, and how
// many bytes the server sent for that.
func (r *runner) uncutOutput(p *proxy, job *cutJob, log string) (want string, sent int64) {
	r.t.Helper()
	if job.follow {
		want = lastLines(log, int(job.start.Lines))
	}
	for range 2 { // the first run learns the host's key, and connects anew
		var err error
		p.reset(uncut)
		if want, err = r.run(job, want); err != nil || want == "" {
			r.t.Fatalf("%s: %v, %q", job.name, err, want)
		}
	}
	return want, p.bytes.Load()
}

func lastLines(text string, n int) string {
	lines := strings.SplitAfter(text, "\n")
	return strings.Join(lines[max(0, len(lines)-1-n):], "")
}

// TestCutEverywhere cuts the first connection, or the second, after each number
// of bytes over the handshake and the beginning of the stream.
func TestCutEverywhere(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 1)
	path := filepath.Join(t.TempDir(), "app.log")
	log := cutLog(300)
	write(t, path, log)
	step, first := int64(499), rand.Int64N(499) // other places with every run
	if long() {
		step, first = 1, 0
	}
	var cuts, runs int64
	begun := time.Now()
	for i := range cutJobs {
		job := &cutJobs[i]
		t.Run(job.name, func(t *testing.T) {
			p := newProxy(t, f.hosts[0].addr(), uncut)
			r := newRunner(f, p.addr, path)
			r.t = t
			want, sent := r.uncutOutput(p, job, log)
			for n := first; n < min(sent, 5000); n += step {
				if long() && i > 0 && n < 2000 {
					continue // the handshake, which is the same for all
				}
				r.check(p, job, want, cutFirst(n), fmt.Sprintf("cut after %d of %d bytes", n, sent))
				if cuts += p.cuts.Load(); p.cuts.Load() == 0 && n < sent*9/10 {
					t.Errorf("was not cut after %d of %d bytes", n, sent)
				}
				// The second one is cut where the server's position is known.
				r.check(p, job, want, cutFirst(sent*3/4, n), fmt.Sprintf("cut after %d of %d bytes, then after %d", sent*3/4, sent, n))
				cuts += p.cuts.Load()
				runs += 2
			}
		})
	}
	t.Logf("%d cuts in %d runs, %v", cuts, runs, time.Since(begun).Round(time.Millisecond))
}

// TestCutLarge cuts a larger stream several times, anywhere.
func TestCutLarge(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 1)
	path := filepath.Join(t.TempDir(), "app.log")
	log := cutLog(25_000)
	write(t, path, log)
	rounds := 2
	if long() {
		rounds = 200
	}
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 0))
	cuts, runs := int64(0), 0
	for i := range cutJobs {
		job := cutJobs[i]
		if job.follow {
			job.start.Lines = 24_000
		}
		t.Run(job.name, func(t *testing.T) {
			p := newProxy(t, f.hosts[0].addr(), uncut)
			r := newRunner(f, p.addr, path)
			r.t = t
			want, sent := r.uncutOutput(p, &job, log)
			for range rounds {
				after := make([]int64, 1+random.IntN(4)) // no more logins are tried again
				for k := range after {
					after[k] = random.Int64N(sent)
				}
				r.check(p, &job, want, cutFirst(after...), fmt.Sprintf("seed %d: cut after %v of %d bytes", seed, after, sent))
				cuts += p.cuts.Load()
				runs++
			}
		})
	}
	t.Logf("%d cuts in %d runs", cuts, runs)
}

// TestCutAlways never lets a connection live for long: a run comes to its end
// all the same, a frame or more at a time.
func TestCutAlways(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 1)
	path := filepath.Join(t.TempDir(), "app.log")
	log := cutLog(25_000)
	write(t, path, log)
	for i := range cutJobs {
		job := cutJobs[i]
		if job.follow {
			job.start.Lines = 24_000
		}
		if strings.HasPrefix(job.name, "dmap") && !strings.Contains(job.name, " ") {
			continue // its frames come by the clock
		}
		t.Run(job.name, func(t *testing.T) {
			p := newProxy(t, f.hosts[0].addr(), uncut)
			r := newRunner(f, p.addr, path)
			r.t = t
			want, sent := r.uncutOutput(p, &job, log)
			each := int64(400_000)
			r.check(p, &job, want, func(int) int64 { return each }, fmt.Sprintf("each cut after %d of %d bytes", each, sent))
		})
	}
}

// TestCutCommands is the same with the real commands, where each of the first
// connections is cut.
func TestCutCommands(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 1)
	path := filepath.Join(t.TempDir(), "app.log")
	log := cutLog(5_000)
	write(t, path, log)
	var work sync.WaitGroup
	for i := range cutJobs {
		job := &cutJobs[i]
		work.Go(func() {
			p := newProxy(t, f.hosts[0].addr(), uncut)
			args := append(append([]string{}, job.args...), "-trustAllHosts", "-servers", p.addr, "-files", path)
			all := ""
			for n := range 4 {
				if n > 0 { // the first run is the one to compare with
					p.reset(cutFirst(int64(700*n), 3000, 40_000))
				}
				got, ok := runCut(t, f, args, job, log)
				if !ok {
					return
				}
				if n == 0 {
					all = got
				}
				if got == "" || got != all {
					t.Errorf("%s: got %d bytes, want %d: %s", job.name, len(got), len(all), short(got))
				}
			}
		})
	}
	work.Wait()
}

// runCut runs a command to its end, which for one that follows is Ctrl-C.
func runCut(t *testing.T, f *fleet, args []string, job *cutJob, log string) (string, bool) {
	p := f.start(args...)
	want := 0
	if job.follow {
		lines := lastLines(log, 200)
		deadline := time.Now().Add(patience)
		for len(p.stdout.String()) < len(lines) && time.Now().Before(deadline) {
			time.Sleep(5 * time.Millisecond)
		}
		p.cmd.Process.Signal(os.Interrupt)
		want = 130
	}
	select {
	case <-p.ended:
	case <-time.After(patience):
		t.Errorf("%v: not ended: %s", args, p.stderr.String())
		return "", false
	}
	if p.status != want {
		t.Errorf("%v: status %d: %s", args, p.status, p.stderr.String())
		return "", false
	}
	return p.stdout.String(), true
}
