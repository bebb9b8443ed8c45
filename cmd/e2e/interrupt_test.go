package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestInterruptWindow: Ctrl-C shows the window that is not over, and the ledger.
func TestInterruptWindow(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 1)
	m := meters(t, "web1")[0]
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		link := newProxy(t, f.hosts[0].addr(), uncut)
		p := f.start("dmap", "-trustAllHosts", "-format", "csv", "-servers", link.addr, "-files", m.path,
			"select $hostname, count($line) as n from stats group by $hostname interval 1000h")
		waitUntil(t, "the log is followed", func() bool { return f.opens(m.path) })
		quiet(t, link)
		before := link.bytes.Load()
		m.write(time.Time{}, 12)
		const partial = 150 // bytes at least; a sign of life has fewer
		waitUntil(t, "the lines are counted", func() bool { return link.bytes.Load() > before+partial })
		p.signal(sig)
		if status := p.wait(); status != 130 {
			t.Errorf("%v: status %d, want 130", sig, status)
		}
		if got := p.stdout.String(); !strings.HasPrefix(got, "window,$hostname,n,revision\n") || !strings.HasSuffix(got, ",web1,12,0\n") {
			t.Errorf("%v: %q", sig, got)
		}
		if !strings.Contains(p.stderr.String(), " · 0 gaps · ") {
			t.Errorf("%v: no ledger: %s", sig, p.stderr.String())
		}
		waitUntil(t, "the log is closed", func() bool { return !f.opens(m.path) })
	}
}

// opens tells whether a host has a file open.
func (f *fleet) opens(path string) bool {
	for _, h := range f.hosts {
		if h.opens(path) > 0 {
			return true
		}
	}
	return false
}

// opens is how often a process has a file open.
func (p *process) opens(path string) (n int) {
	fds, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", p.cmd.Process.Pid))
	for _, fd := range fds {
		if to, err := os.Readlink(fd); err == nil && to == path {
			n++
		}
	}
	return n
}

// TestInterruptOneShot: Ctrl-C in the middle of a large file shows what has been
// counted so far.
func TestInterruptOneShot(t *testing.T) {
	t.Parallel()
	hereAndThere(t, func(t *testing.T, f *fleet, dir string, at func(string) string) {
		path := filepath.Join(dir, "large.log")
		const lines = 700_000
		write(t, path, strings.Repeat(numbered(1, 1000), lines/1000))
		p := f.start("dmap", "-format", "csv", `select count($line) where $line =~ "(([a-z]+|[0-9]+) ?)+x?$"`, at(path))
		waitUntil(t, "it reads", func() bool { return f.opens(path) || p.opens(path) > 0 })
		p.signal(os.Interrupt)
		begun := time.Now()
		if status := p.wait(); status != 130 {
			t.Errorf("status %d, want 130: %s", status, p.stderr.String())
		}
		if took := time.Since(begun); took > 5*time.Second {
			t.Errorf("took %v", took)
		}
		header, count, _ := strings.Cut(p.stdout.String(), "\n")
		n, err := strconv.Atoi(strings.TrimSpace(count))
		if header != "count($line)" || err != nil || n >= lines {
			t.Errorf("%v: %q", err, p.stdout.String())
		}
		if !strings.Contains(p.stderr.String(), " 0 gaps · ") {
			t.Errorf("no ledger: %q", p.stderr.String())
		}
		waitUntil(t, "the file is closed", func() bool { return !f.opens(path) })
	})
}

// TestInterruptTwice: a client that is stuck, for nobody reads what it prints,
// ends at once with a second Ctrl-C.
func TestInterruptTwice(t *testing.T) {
	t.Parallel()
	hereAndThere(t, func(t *testing.T, f *fleet, dir string, at func(string) string) {
		path := filepath.Join(dir, "app.log")
		write(t, path, strings.Repeat(numbered(1, 1000), 30))
		for _, args := range [][]string{
			{"dcat"}, {"dgrep", "line"}, {"dtail", "-n", "+1"},
			{"dmap", "-format", "csv", "select $line, $lineno, count($line) group by $lineno"},
		} {
			r, w, err := os.Pipe()
			must(t, err)
			defer r.Close()
			cmd := f.command(append(args, at(path))...)
			cmd.Stdout = w
			p := startProcess(t, cmd)
			w.Close()
			waitUntil(t, "the pipe is full", func() bool { return waiting(r) >= 60<<10 })
			limit, tick := time.After(3*time.Second), time.NewTicker(100*time.Millisecond)
			defer tick.Stop()
			for sent := 0; !p.hasEnded(); sent++ {
				p.cmd.Process.Signal(os.Interrupt)
				select {
				case <-p.ended:
				case <-tick.C: // two at once may count as one
				case <-limit:
					t.Fatalf("%v: not ended by %d signals", args, sent)
				}
			}
			if code := p.cmd.ProcessState.Sys().(syscall.WaitStatus); p.status != 130 && code.Signal() != syscall.SIGINT {
				t.Errorf("%v: %v", args, p.cmd.ProcessState)
			}
		}
	})
}

func (p *process) hasEnded() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

// waiting is how many bytes a pipe holds.
func waiting(r *os.File) (n int) {
	var size int32
	raw, err := r.SyscallConn()
	if err == nil {
		raw.Control(func(fd uintptr) { size = pending(fd) })
	}
	return int(size)
}

// TestServerForgets: a server is as it was when its clients have gone, however
// they went.
func TestServerForgets(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 1)
	web := f.hosts[0]
	j := newJournal(t, filepath.Join(t.TempDir(), "app.log"))
	j.lines(5)
	for range 2 { // files that are open for good are opened by the first
		if r := f.run("dcat", web.at(j.path)); r.status != 0 {
			t.Fatal(r)
		}
	}
	fds := func() int {
		all, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", web.cmd.Process.Pid))
		return len(all)
	}
	waitUntil(t, "the first clients are gone", func() bool { return strings.Count(web.stderr.String(), "msg=closed") == 2 })
	before := fds()
	var clients []*process
	const many = 8
	for i := range many {
		args := [][]string{{"dtail", "-n", "+1"}, {"dtail", "-n", "+1", "-grep", "line"}}[i%2]
		p := f.start(append(args, web.at(j.path))...)
		p.expect(1, 5)
		clients = append(clients, p)
	}
	if n := web.opens(j.path); n != many {
		t.Errorf("the log is open %d times, want %d", n, many)
	}
	for i, p := range clients {
		p.signal([]os.Signal{os.Interrupt, os.Kill, syscall.SIGTERM}[i%3])
		<-p.ended
	}
	waitUntil(t, "all files are closed", func() bool { return fds() <= before })
	waitUntil(t, "all connections are closed", func() bool { return strings.Count(web.stderr.String(), "msg=closed") == 2+many })
	web.signal(syscall.SIGQUIT) // which makes it say what it is doing
	<-web.ended
	dump := web.stderr.String()
	if i := strings.Index(dump, "SIGQUIT"); i >= 0 {
		dump = dump[i:]
	}
	if n := strings.Count(dump, "\ngoroutine "); n == 0 || strings.Contains(dump, "server.(*conn)") || strings.Contains(dump, "exec.Run") {
		t.Errorf("%d goroutines are left:\n%s", n, dump)
	}
}
