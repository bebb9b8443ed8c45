package e2e

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"fantail/server"
)

// expect compares a result: want is all of standard output, and each line of
// standard error has the text of told at its place.
func expect(t *testing.T, r result, status int, want string, told ...string) {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(r.stderr, "\n"), "\n")
	if r.stderr == "" {
		lines = nil
	}
	ok := r.status == status && r.stdout == want && len(lines) == len(told)
	for i := 0; ok && i < len(told); i++ {
		ok = strings.Contains(lines[i], told[i])
	}
	if !ok {
		t.Errorf("%v\nwant status %d, stdout %q, stderr %q", r, status, short(want), told)
	}
}

func TestStatus(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 1)
	dir := t.TempDir()
	log, empty := filepath.Join(dir, "a.log"), filepath.Join(dir, "empty")
	write(t, log, "one\ntwo\n")
	write(t, empty, "")
	for way, arg := range ways(f) {
		t.Run(way, func(t *testing.T) {
			for _, c := range []struct {
				args   []string
				status int
				want   string
				told   []string
			}{
				{[]string{"dcat", arg(log)}, 0, "one\ntwo\n", nil},
				{[]string{"dcat", arg(empty)}, 0, "", nil},
				{[]string{"dgrep", "t", arg(log)}, 0, "two\n", nil},
				{[]string{"dgrep", "x", arg(log)}, 1, "", nil},
				{[]string{"dgrep", "-c", "x", arg(log)}, 1, "0\n", nil},
				{[]string{"dmap", "-format", "csv", "select count(*)", arg(log)}, 0, "count(*)\n2\n", nil},
				{[]string{"dmap", "-format", "csv", "select count(*)", arg(empty)}, 0, "count(*)\n0\n", nil},
				{[]string{"dmap", "-format", "csv", "select $file, count(*) group by $file", arg(empty)}, 1, "$file,count(*)\n", nil},
				{[]string{"dmap", "-format", "csv", "select $line where $line eq 'x'", arg(log)}, 1, "$line\n", nil},
				{[]string{"dmap", "-format", "csv", "select $line", arg(log)}, 0, "$line\none\ntwo\n", nil},
				{[]string{"dcat", "-format", arg(log)}, 2, "", []string{"unknown flag"}},
				{[]string{"dgrep", "(", arg(log)}, 2, "", []string{"missing closing )"}},
				{[]string{"dgrep", "x", arg(dir)}, 2, "", []string{dir + ": is a directory"}},
				{[]string{"dcat", arg(filepath.Join(dir, "none"))}, 2, "", []string{filepath.Join(dir, "none") + ": no such file"}},
				{[]string{"dcat", arg(filepath.Join(dir, "*.none"))}, 2, "", []string{"*.none"}},
				{[]string{"dcat", arg(log), arg(dir)}, 3, "one\ntwo\n", []string{dir + ": is a directory"}},
				{[]string{"dcat", arg(filepath.Join(dir, "none")), arg(log)}, 3, "one\ntwo\n", []string{"no such file"}},
				{[]string{"dcat", "-partial", "ok", arg(filepath.Join(dir, "none")), arg(log)}, 0, "one\ntwo\n", []string{"no such file"}},
				{[]string{"dmap", "-format", "csv", "select count(*)", arg(log), arg(filepath.Join(dir, "none"))}, 3, "count(*)\n2\n", []string{"no such file"}},
			} {
				r := f.run(append([]string{c.args[0], "-quiet"}, c.args[1:]...)...)
				t.Run(strings.Join(c.args[:2], " "), func(t *testing.T) { expect(t, r, c.status, c.want, c.told...) })
			}
		})
	}
}

// TestUnreadable: a file that the server may not read is told, and the rest of
// the answer is there.
func TestUnreadable(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 1)
	// Root reads everything, unless it has lost that right.
	var prefix []string
	if os.Getuid() == 0 {
		prefix = []string{need(t, "setpriv"), "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all"}
		if r := f.run(append(prefix, "true")...); r.status != 0 {
			t.Skip("needs setpriv that may drop capabilities: ", r.stderr)
		}
		f.hosts[0].prefix = prefix
		f.hosts[0].restart()
	}
	dir := t.TempDir()
	log, secret, closed := filepath.Join(dir, "a.log"), filepath.Join(dir, "secret"), filepath.Join(dir, "closed")
	write(t, log, "one\n")
	write(t, secret, "secret\n")
	if err := os.Mkdir(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(closed, "b.log"), "secret\n")
	t.Cleanup(func() { os.Chmod(closed, 0o700) })
	for _, path := range []string{secret, closed} {
		if err := os.Chmod(path, 0); err != nil {
			t.Fatal(err)
		}
	}
	for way, arg := range ways(f) {
		t.Run(way, func(t *testing.T) {
			dcat := []string{filepath.Join(bins, "dcat"), "-quiet"}
			if way == "local" {
				dcat = append(prefix[:len(prefix):len(prefix)], dcat...)
			}
			expect(t, f.run(append(dcat, arg(secret))...), 2, "", secret+": permission denied")
			expect(t, f.run(append(dcat, arg(log), arg(secret))...), 3, "one\n", secret+": permission denied")
			expect(t, f.run(append(dcat, arg(filepath.Join(closed, "b.log")), arg(log))...), 3, "one\n", "b.log: permission denied")
		})
	}
}

// TestFailingHosts: each host that fails gives one line that says why, and the
// others' answer is complete.
func TestFailingHosts(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 3)
	log := filepath.Join(t.TempDir(), "a.log")
	write(t, log, "one\ntwo\n")
	dead := f.hosts[1]
	dead.kill()
	const unknown = "no-such-host.invalid"
	count := []string{"dmap", "-quiet", "-format", "csv", "-files", log, "select count(*)", "-servers"}
	run := func(servers ...string) result { return f.run(append(count, strings.Join(servers, ","))...) }
	alive := f.hosts[0].addr() + "," + f.hosts[2].addr()

	expect(t, run(alive), 0, "count(*)\n4\n")
	expect(t, run(alive, dead.addr()), 3, "count(*)\n4\n", dead.addr()+": connection refused")
	expect(t, run(alive, unknown), 3, "count(*)\n4\n", unknown+": no such host")
	r := run(alive, dead.addr(), unknown)
	if r.status != 3 || r.stdout != "count(*)\n4\n" || strings.Count(r.stderr, "\n") != 2 ||
		!strings.Contains(r.stderr, "connection refused") || !strings.Contains(r.stderr, unknown+": no such host") {
		t.Error(r)
	}
	expect(t, f.run(append([]string{count[0], "-partial", "ok"}, append(count[1:], alive+","+dead.addr())...)...), 0, "count(*)\n4\n", "connection refused")
	// A table of nothing would look like a result.
	expect(t, run(dead.addr()), 2, "", dead.addr()+": connection refused")
	expect(t, f.run("dcat", "-quiet", "-servers", dead.addr(), log), 2, "", "connection refused")
	expect(t, f.run("dgrep", "-quiet", "-servers", dead.addr(), "one", log), 2, "", "connection refused")
	r = run(dead.addr(), unknown)
	if r.status != 2 || r.stdout != "" || strings.Count(r.stderr, "\n") != 2 {
		t.Error(r)
	}
	// The same, to people.
	r = f.run("dmap", "-files", log, "select count(*)", "-servers", alive+","+dead.addr())
	if r.status != 3 || !strings.Contains(r.stderr, "2/3 hosts") {
		t.Error(r)
	}
}

// TestKeys: keys that are not the right ones.
func TestKeys(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 2)
	log := filepath.Join(t.TempDir(), "a.log")
	write(t, log, "one\n")
	other := filepath.Join(f.home, "other")
	key, err := server.HostKey(other)
	if err != nil {
		t.Fatal(err)
	}
	both := []string{"dcat", "-quiet", f.hosts[0].at(log), f.hosts[1].at(log)}

	t.Run("user", func(t *testing.T) {
		expect(t, f.run("dcat", "-quiet", "-key", other, f.hosts[0].at(log)), 2, "", f.hosts[0].ip+": permission denied")
		expect(t, f.run("dcat", "-quiet", "-key", filepath.Join(f.home, "none"), f.hosts[0].at(log)), 2, "", "none")
		expect(t, f.run("dcat", "-quiet", "-user", "nobody-of-that-name", f.hosts[0].at(log)), 2, "", "permission denied")
	})
	known := filepath.Join(f.home, ".ssh/known_hosts")
	before := read(t, known)
	lines := strings.SplitAfter(before, "\n")
	t.Run("unknown host", func(t *testing.T) {
		// Without a terminal nobody can be asked, and nothing waits.
		write(t, known, lines[0])
		r := f.run(both...)
		expect(t, r, 3, "one\n", f.hosts[1].ip+": host key is unknown")
		if !strings.Contains(r.stderr, "-trustAllHosts") || !strings.Contains(r.stderr, "ssh-keyscan -p") {
			t.Error("no hint: ", r.stderr)
		}
		write(t, known, "")
		r = f.feed(strings.NewReader(""), append(both, "-plain")...)
		if r.status != 2 || r.stdout != "" || strings.Count(r.stderr, "host key is unknown") != 2 || strings.Count(r.stderr, "\n") != 2 {
			t.Error(r)
		}
		if read(t, known) != "" {
			t.Error("a host was recorded")
		}
	})
	t.Run("trusted", func(t *testing.T) {
		write(t, known, "")
		expect(t, f.run(append(both, "-trustAllHosts")...), 0, "one\none\n")
		expect(t, f.run(both...), 0, "one\none\n")
	})
	t.Run("changed", func(t *testing.T) {
		write(t, known, lines[0]+knownhosts.Line([]string{f.hosts[1].addr()}, key.PublicKey())+"\n")
		changed := read(t, known)
		for _, args := range [][]string{both, append(both, "-trustAllHosts")} {
			r := f.run(args...)
			expect(t, r, 3, "one\n", f.hosts[1].ip+": host key")
			if !strings.Contains(r.stderr, "changed") || read(t, known) != changed {
				t.Errorf("%s\n%s", r, read(t, known))
			}
		}
	})
	t.Run("taken back", func(t *testing.T) {
		write(t, known, before)
		keys := read(t, f.keys)
		write(t, f.keys, string(ssh.MarshalAuthorizedKey(key.PublicKey())))
		r := f.run(both...)
		if r.status != 2 || strings.Count(r.stderr, "permission denied") != 2 || strings.Count(r.stderr, "\n") != 2 {
			t.Error(r)
		}
		write(t, f.keys, keys)
		expect(t, f.run(both...), 0, "one\none\n")
	})
}

// TestNotSSH: something else listens there.
func TestNotSSH(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 1)
	log := filepath.Join(t.TempDir(), "a.log")
	write(t, log, "one\n")
	for name, says := range map[string]string{"web": "HTTP/1.1 400 Bad Request\r\n\r\n", "nothing": ""} {
		t.Run(name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			go func() {
				for {
					c, err := l.Accept()
					if err != nil {
						return
					}
					fmt.Fprint(c, says)
					c.Close()
				}
			}()
			addr := l.Addr().String()
			expect(t, f.run("dcat", "-quiet", "-servers", f.hosts[0].addr()+","+addr, log), 3, "one\n", addr+": ")
		})
	}
}

// TestInterrupted: what is there is shown, with its ledger.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 2)
	log := filepath.Join(t.TempDir(), "a.log")
	write(t, log, "one\ntwo\n")
	// Standard input that does not end; only dcat reads it.
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	defer r.Close()
	for name, args := range map[string][]string{
		"hosts": {"dtail", "-n", "+1", f.hosts[0].at(log), f.hosts[1].at(log)}, "local": {"dtail", "-n", "+1", log}, "standard input": {"dcat"},
	} {
		for _, sig := range []os.Signal{syscall.SIGINT, syscall.SIGTERM} {
			t.Run(fmt.Sprint(name, " ", sig), func(t *testing.T) {
				if len(args) == 1 {
					if _, err := w.WriteString("two\n"); err != nil {
						t.Fatal(err)
					}
				}
				cmd := f.command(args...)
				cmd.Stdin = r
				p := startProcess(t, cmd)
				p.waitFor("two")
				p.signal(sig)
				if status := p.wait(); status != 130 || strings.Count(p.stderr.String(), "\n") != 1 || !strings.Contains(p.stderr.String(), " gaps") {
					t.Errorf("status %d\n%s", status, p.stderr.String())
				}
			})
		}
	}
}

// TestTimeout ends a run that takes too long.
func TestTimeout(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 1)
	log := filepath.Join(t.TempDir(), "a.log")
	write(t, log, "one\n")
	expect(t, f.run("dtail", "-quiet", "-timeout", "1", "-n", "+1", f.hosts[0].at(log)), 3, "one\n", "stopped after 1 s")
	// A frozen host does not hold up the others' answer for ever.
	h := f.hosts[0]
	h.signal(syscall.SIGSTOP)
	defer h.signal(syscall.SIGCONT)
	r := f.run("dcat", "-quiet", "-timeout", "2", h.at(log), log)
	if r.status != 3 || r.stdout != "one\n" || !strings.Contains(r.stderr, "stopped after 2 s") {
		t.Error(r)
	}
}
