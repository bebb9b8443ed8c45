package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// journal writes numbered lines, as a program that logs does.
type journal struct {
	t    testing.TB
	path string
	f    *os.File // open for appending; may have another name by now
	n    int      // lines written
}

func newJournal(t testing.TB, path string) *journal {
	t.Helper()
	j := &journal{t: t, path: path}
	j.reopen()
	t.Cleanup(func() { j.f.Close() })
	return j
}

// reopen opens what is at the path now.
func (j *journal) reopen() {
	j.t.Helper()
	if j.f != nil {
		j.f.Close()
	}
	f, err := os.OpenFile(j.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		j.t.Error(err)
	}
	j.f = f
}

// lines writes so many lines, each in two pieces now and then.
func (j *journal) lines(n int) {
	for range n {
		j.n++
		line := numberedLine(j.n)
		cut := len(line)
		if j.n%7 == 0 {
			cut /= 2
		}
		j.f.WriteString(line[:cut])
		if _, err := j.f.WriteString(line[cut:]); err != nil {
			j.t.Error(err)
		}
	}
}

func numberedLine(n int) string {
	return fmt.Sprintf("line %06d %s\n", n, strings.Repeat("x", n%60))
}

// numbered is the lines from one to another, both included.
func numbered(from, to int) string {
	var b strings.Builder
	for n := from; n <= to; n++ {
		b.WriteString(numberedLine(n))
	}
	return b.String()
}

// expect reads lines from one to another, both included, and fails at the first
// that is another.
func (p *process) expect(from, to int) {
	p.t.Helper()
	for n := from; n <= to; n++ {
		if got, want := p.readLine(), strings.TrimSuffix(numberedLine(n), "\n"); got != want {
			p.t.Fatalf("got %q, want %q\nstderr: %s", got, want, p.stderr.String())
		}
	}
}

// interrupt ends a client as Ctrl-C does. It must have printed nothing but want,
// and have heard of no gap.
func (p *process) interrupt(want string) {
	p.t.Helper()
	p.signal(os.Interrupt)
	if status := p.wait(); status != 130 {
		p.t.Errorf("%s: status %d, want 130\nstderr: %s", p, status, p.stderr.String())
	}
	if got := p.stdout.String(); got != want {
		p.t.Errorf("got %d bytes, want %d: %s", len(got), len(want), short(got))
	}
	if !strings.Contains(p.stderr.String(), "· 0 gaps ·") {
		p.t.Errorf("no ledger without gaps: %s", p.stderr.String())
	}
}

// here and there run a test over local files and over SSH.
func hereAndThere(t *testing.T, test func(t *testing.T, f *fleet, dir string, at func(path string) string)) {
	t.Run("local", func(t *testing.T) {
		f := &fleet{client: newClient(t)}
		test(t, f, t.TempDir(), func(path string) string { return path })
	})
	t.Run("ssh", func(t *testing.T) {
		f := newFleet(t, 1)
		test(t, f, t.TempDir(), f.hosts[0].at)
	})
}

// must fails the test.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// shift renames path.1 to path.2 and so on, and path to path.1. None is deleted:
// while a client comes back again and again, none counts as read to its end.
func shift(t testing.TB, path string) {
	t.Helper()
	for n := 30; n >= 0; n-- {
		from := fmt.Sprintf("%s.%d", path, n)
		if n == 0 {
			from = path
		}
		if exists(from) {
			must(t, os.Rename(from, fmt.Sprintf("%s.%d", path, n+1)))
		}
	}
}

// TestTailRename: the log gets another name, its writer goes on with it for a
// moment, and then opens a new one; several times, with and without time to read.
func TestTailRename(t *testing.T) {
	t.Parallel()
	hereAndThere(t, func(t *testing.T, f *fleet, dir string, at func(string) string) {
		j := newJournal(t, filepath.Join(dir, "app.log"))
		j.lines(1)
		p := f.start("dtail", "-n", "+1", at(j.path))
		p.expect(1, 1)
		read := 1
		for round := range 5 {
			j.lines(20)
			shift(t, j.path)
			j.lines(20)
			if round%2 == 0 {
				must(t, os.WriteFile(j.path, nil, 0o644)) // as logrotate's create
			}
			j.lines(20)
			j.reopen()
			j.lines(20)
			if round != 2 {
				p.expect(read+1, j.n)
				read = j.n
			}
		}
		p.interrupt(numbered(1, j.n))
	})
}

// TestTailCopyTruncate: the log is copied and truncated while its writer is idle.
func TestTailCopyTruncate(t *testing.T) {
	t.Parallel()
	hereAndThere(t, func(t *testing.T, f *fleet, dir string, at func(string) string) {
		j := newJournal(t, filepath.Join(dir, "app.log"))
		j.lines(1)
		p := f.start("dtail", "-n", "+1", at(j.path))
		p.expect(1, 1)
		seen := 1
		for round := range 5 {
			j.lines(40)
			if round%2 == 0 {
				p.expect(seen+1, j.n)
				seen = j.n
			}
			shift2(t, j.path)
			write(t, j.path+".1", read(t, j.path))
			must(t, os.Truncate(j.path, 0))
			j.lines(10 + 60*(round%2)) // less than there was, or more
			p.expect(seen+1, j.n)
			seen = j.n
		}
		p.interrupt(numbered(1, j.n))
	})
}

// shift2 is shift but for the log itself.
func shift2(t testing.TB, path string) {
	t.Helper()
	for n := 9; n >= 1; n-- {
		if from := fmt.Sprintf("%s.%d", path, n); exists(from) {
			must(t, os.Rename(from, fmt.Sprintf("%s.%d", path, n+1)))
		}
	}
}

// TestTailLogrotate has the real program rotate.
func TestTailLogrotate(t *testing.T) {
	t.Parallel()
	logrotate := need(t, "logrotate")
	for _, mode := range []string{"create 0644", "create 0644\ncompress\ndelaycompress", "copytruncate"} {
		t.Run(strings.Fields(mode)[0], func(t *testing.T) {
			hereAndThere(t, func(t *testing.T, f *fleet, dir string, at func(string) string) {
				must(t, os.Chmod(dir, 0o755)) // logrotate refuses a directory that others can write to
				j := newJournal(t, filepath.Join(dir, "app.log"))
				j.lines(1)
				p := f.start("dtail", "-n", "+1", at(j.path))
				p.expect(1, 1)
				read := 1
				conf := filepath.Join(dir, "conf")
				write(t, conf, j.path+" {\nrotate 9\n"+mode+"\n}\n")
				for range 4 {
					j.lines(30)
					out, err := exec.Command(logrotate, "-f", "-s", filepath.Join(dir, "state"), conf).CombinedOutput()
					if err != nil {
						t.Fatalf("logrotate: %v: %s", err, out)
					}
					if !strings.HasPrefix(mode, "copytruncate") {
						j.lines(10) // its writer has not noticed yet
						j.reopen()
					}
					j.lines(30)
					p.expect(read+1, j.n)
					read = j.n
				}
				p.interrupt(numbered(1, j.n))
			})
		})
	}
}

// TestTailLater: a file that is not there yet, and one that comes to match a
// pattern, are read from their beginning.
func TestTailLater(t *testing.T) {
	t.Parallel()
	hereAndThere(t, func(t *testing.T, f *fleet, dir string, at func(string) string) {
		path := filepath.Join(dir, "later.log")
		p := f.start("dtail", at(path))
		p.waitForError("no such file yet")
		j := newJournal(t, path)
		j.lines(25)
		p.expect(1, 25)
		p.interrupt(numbered(1, 25))

		p = f.start("dtail", "-n", "1", at(filepath.Join(dir, "*.log")))
		p.expect(25, 25)
		other := newJournal(t, filepath.Join(dir, "other.log"))
		other.lines(25)
		p.expect(1, 25)
		j.lines(2)
		p.expect(26, 27)
		p.interrupt(numbered(25, 25) + numbered(1, 25) + numbered(26, 27))
	})
}

// TestTailStart: what -n says.
func TestTailStart(t *testing.T) {
	t.Parallel()
	hereAndThere(t, func(t *testing.T, f *fleet, dir string, at func(string) string) {
		j := newJournal(t, filepath.Join(dir, "app.log"))
		j.lines(30)
		var tails []*process
		for _, test := range []struct {
			args  string
			first int
		}{
			{"-n 5", 26}, {"-5", 26}, {"-n 1", 30}, {"-n 100", 1}, {"-n +3", 3}, {"-n +1", 1}, {"-n +30", 30}, {"", 21},
		} {
			p := f.start(append(append([]string{"dtail"}, strings.Fields(test.args)...), at(j.path))...)
			p.expect(test.first, 30)
			tails = append(tails, p)
		}
		for _, args := range []string{"-n 0", "-n +31"} {
			// Nothing is printed that would say when it follows: what follows
			// another file on the same terms does.
			p := f.start(append(append([]string{"dtail"}, strings.Fields(args)...), at(j.path), at(filepath.Join(dir, "none")))...)
			p.waitForError("no such file yet")
			tails = append(tails, p)
		}
		j.lines(3)
		for _, p := range tails {
			p.expect(31, 33)
			p.signal(os.Interrupt)
			if status := p.wait(); status != 130 {
				t.Errorf("%v: status %d", p.cmd.Args, status)
			}
			if _, rest, _ := strings.Cut(p.stdout.String(), numbered(31, 33)); rest != "" {
				t.Errorf("%v: %q", p.cmd.Args, rest)
			}
		}
	})
}

// chatter writes lines until it is told to stop.
type chatter struct {
	j    *journal
	mu   sync.Mutex // protects j
	stop chan struct{}
	work sync.WaitGroup
}

// chat writes lines at a steady pace, some at once.
func chat(j *journal) *chatter {
	c := &chatter{j: j, stop: make(chan struct{})}
	c.work.Go(func() {
		tick := time.NewTicker(2 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-c.stop:
				return
			case <-tick.C:
				c.do(func(j *journal) { j.lines(1 + j.n%3) })
			}
		}
	})
	j.t.Cleanup(c.end)
	return c
}

// do does something between two lines.
func (c *chatter) do(f func(j *journal)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f(c.j)
}

// end ends the writer, and returns how many lines there are.
func (c *chatter) end() {
	select {
	case <-c.stop:
	default:
		close(c.stop)
	}
	c.work.Wait()
}

func (c *chatter) written() (n int) {
	c.do(func(j *journal) { n = j.n })
	return n
}

// await waits until so many more lines have been written.
func (c *chatter) await(t testing.TB, more int) {
	t.Helper()
	until := c.written() + more
	waitUntil(t, "lines are written", func() bool { return c.written() >= until })
}

// TestTailServerKilled: a server is killed and comes back, again and again, and
// the log is rotated while it is away.
func TestTailServerKilled(t *testing.T) {
	t.Parallel()
	for name, sig := range map[string]os.Signal{"SIGKILL": os.Kill, "SIGTERM": syscall.SIGTERM} {
		t.Run(name, func(t *testing.T) {
			f := newFleet(t, 1)
			web := f.hosts[0]
			j := newJournal(t, filepath.Join(t.TempDir(), "app.log"))
			j.lines(1)
			p := f.start("dtail", web.at(j.path))
			p.expect(1, 1)
			c := chat(j)
			rounds := 3
			if long() {
				rounds = 30
			}
			for round := range rounds {
				c.await(t, 40)
				web.signal(sig)
				<-web.ended
				if sig == syscall.SIGTERM && web.status != 0 {
					t.Errorf("status %d after SIGTERM: %s", web.status, web.stderr.String())
				}
				p.waitForError("trying again")
				c.await(t, 40)
				if round%2 == 1 {
					c.do(func(j *journal) { shift(t, j.path); j.lines(5); j.reopen() })
				}
				c.await(t, 40)
				web.restart()
				p.waitForError("it goes on where it was cut")
			}
			c.end()
			p.expect(2, j.n)
			p.interrupt(numbered(1, j.n))
		})
	}
}

// TestTailServerKilledWhileIdle: what is written while the server is away is not
// lost where no line had come before.
func TestTailServerKilledWhileIdle(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"-n", "0"}, {"-n", "0", "-grep", "line"}} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			f := newFleet(t, 1)
			web := f.hosts[0]
			j := newJournal(t, filepath.Join(t.TempDir(), "app.log"))
			j.lines(5)
			link := newProxy(t, web.addr(), uncut)
			p := f.start(append(append([]string{"dtail", "-trustAllHosts"}, args...), "-servers", link.addr, "-files", j.path)...)
			web.waitForError("msg=run")
			quiet(t, link)
			web.kill()
			p.waitForError("trying again")
			j.lines(5)
			web.restart()
			p.expect(6, 10)
			p.interrupt(numbered(6, 10))
		})
	}
}

// quiet waits until a connection carries nothing for a while.
func quiet(t testing.TB, p *proxy) {
	t.Helper()
	last, since := int64(-1), time.Now()
	waitUntil(t, "the connection is quiet", func() bool {
		if n := p.bytes.Load(); n != last {
			last, since = n, time.Now()
		}
		return time.Since(since) > 500*time.Millisecond
	})
}
