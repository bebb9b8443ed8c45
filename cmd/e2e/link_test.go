package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"
)

// These tests take minutes by their nature: what they wait for is silence.
func needLong(t *testing.T) {
	t.Helper()
	if !long() {
		t.Skip("needs FANTAIL_LONG=1")
	}
	t.Parallel()
}

// TestTailFrozen: a server that neither answers nor goes away is noticed, and
// the run goes on when it comes to life, or another takes its place.
func TestTailFrozen(t *testing.T) {
	for _, replaced := range []bool{false, true} {
		t.Run(fmt.Sprintf("replaced %v", replaced), func(t *testing.T) {
			needLong(t)
			f := newFleet(t, 1)
			web := f.hosts[0]
			j := newJournal(t, filepath.Join(t.TempDir(), "app.log"))
			j.lines(1)
			p := f.start("dtail", web.at(j.path))
			p.expect(1, 1)
			c := chat(j)
			c.await(t, 50)
			web.signal(syscall.SIGSTOP)
			frozen := time.Now()
			p.waitForError("nothing was heard for 10s; trying again")
			t.Logf("noticed after %v", time.Since(frozen).Round(100*time.Millisecond))
			c.await(t, 50)
			if replaced {
				web.restart()
			} else {
				web.signal(syscall.SIGCONT)
			}
			p.waitForError("it goes on where it was cut")
			c.await(t, 50)
			c.end()
			p.expect(2, j.n)
			p.interrupt(numbered(1, j.n))
		})
	}
}

// TestTailFrozenBriefly: a server that stops for less than that is waited for.
func TestTailFrozenBriefly(t *testing.T) {
	needLong(t)
	f := newFleet(t, 1)
	web := f.hosts[0]
	j := newJournal(t, filepath.Join(t.TempDir(), "app.log"))
	j.lines(1)
	p := f.start("dtail", web.at(j.path))
	p.expect(1, 1)
	c := chat(j)
	for range 2 {
		c.await(t, 50)
		web.signal(syscall.SIGSTOP)
		<-time.After(5 * time.Second)
		web.signal(syscall.SIGCONT)
	}
	c.await(t, 50)
	c.end()
	p.expect(2, j.n)
	p.interrupt(numbered(1, j.n))
	if s := p.stderr.String(); len(s) > 200 {
		t.Errorf("more than the ledger: %s", s)
	}
}

// network is a host behind a cable that can be pulled.
type network struct {
	t          *testing.T
	ns, cable  string
	here, host string // addresses
}

func newNetwork(t *testing.T) *network {
	t.Helper()
	ip := need(t, "ip")
	if runtime.GOOS != "linux" || os.Getuid() != 0 {
		t.Skip("needs network namespaces: not root")
	}
	id := os.Getpid() % 10_000
	n := &network{t: t, ns: fmt.Sprintf("fantail%d", id), cable: fmt.Sprintf("ft%da", id), here: "10.213.113.1", host: "10.213.113.2"}
	if out, err := exec.Command(ip, "netns", "add", n.ns).CombinedOutput(); err != nil {
		t.Skipf("needs network namespaces: %v: %s", err, out)
	}
	t.Cleanup(func() {
		exec.Command(ip, "link", "del", n.cable).Run()
		exec.Command(ip, "netns", "del", n.ns).Run()
	})
	far := n.cable + "b"
	n.ip("link", "add", n.cable, "type", "veth", "peer", "name", far)
	n.ip("link", "set", far, "netns", n.ns)
	n.ip("addr", "add", n.here+"/30", "dev", n.cable)
	n.ip("link", "set", n.cable, "up")
	n.ip("-n", n.ns, "addr", "add", n.host+"/30", "dev", far)
	n.ip("-n", n.ns, "link", "set", far, "up")
	n.ip("-n", n.ns, "link", "set", "lo", "up")
	return n
}

func (n *network) ip(args ...string) {
	n.t.Helper()
	if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		n.t.Fatalf("ip %v: %v: %s", args, err, out)
	}
}

// fleet is one host in the namespace.
func (n *network) fleet() *fleet {
	n.t.Helper()
	me, err := user.Current()
	must(n.t, err)
	f := &fleet{client: newClient(n.t), user: me}
	f.authorize()
	h := &host{fleet: f, name: "web1", ip: n.host, hostKey: filepath.Join(f.home, "web1.key"), prefix: []string{"ip", "netns", "exec", n.ns}}
	if !h.launch() {
		n.t.Fatal("the port is taken")
	}
	f.hosts = []*host{h}
	f.env = append(f.env, fmt.Sprintf("FANTAIL_PORT=%d", f.port))
	f.knowHosts()
	return f
}

// TestTailCablePulled: the link is down for a moment, too short to be noticed,
// and then for so long that it is.
func TestTailCablePulled(t *testing.T) {
	needLong(t)
	n := newNetwork(t)
	f := n.fleet()
	j := newJournal(t, filepath.Join(t.TempDir(), "app.log"))
	j.lines(1)
	p := f.start("dtail", f.hosts[0].at(j.path))
	p.expect(1, 1)
	c := chat(j)
	for _, down := range []time.Duration{3 * time.Second, 25 * time.Second, 3 * time.Second} {
		c.await(t, 100)
		n.ip("link", "set", n.cable, "down")
		<-time.After(down)
		n.ip("link", "set", n.cable, "up")
		back, before := time.Now(), c.written()
		waitUntil(t, "lines come again", func() bool { return len(p.stdout.String()) > len(numbered(1, before)) })
		t.Logf("down for %v: lines after %v", down, time.Since(back).Round(10*time.Millisecond))
	}
	c.end()
	p.expect(2, j.n)
	p.interrupt(numbered(1, j.n))
	t.Log(p.stderr.String())
}
