package e2e

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestFleet: hosts answer, can be killed, and come back on their ports.
func TestFleet(t *testing.T) {
	f := newFleet(t, 3)
	log := filepath.Join(t.TempDir(), "a.log")
	write(t, log, "one\ntwo\n")
	query := []string{"dmap", "-format", "csv", "-servers", f.servers(), "-files", log, "select $hostname, count($line) group by $hostname"}
	want := "$hostname,count($line)\nweb1,2\nweb2,2\nweb3,2\n"
	if r := f.run(query...); r.stdout != want || r.status != 0 {
		t.Error(r)
	}
	f.hosts[1].kill()
	if r := f.run(query...); r.stdout != strings.Replace(want, "web2,2\n", "", 1) || r.status != 3 {
		t.Error(r)
	}
	f.hosts[1].restart()
	if r := f.run(query...); r.stdout != want || r.status != 0 {
		t.Error(r)
	}
	if r := f.run("dcat", f.hosts[2].at(log)); r.stdout != "one\ntwo\n" || r.status != 0 {
		t.Error(r)
	}
}

// TestLongRunning: a client that goes on can be read line by line, and ended.
func TestLongRunning(t *testing.T) {
	f := newFleet(t, 1)
	log := filepath.Join(t.TempDir(), "a.log")
	write(t, log, "one\ntwo\n")
	p := f.start("dtail", "-n", "+1", f.hosts[0].at(log))
	if a, b := p.readLine(), p.readLine(); a != "one" || b != "two" {
		t.Errorf("%q, %q", a, b)
	}
	p.signal(syscall.SIGINT)
	if status := p.wait(); status != 130 {
		t.Error("status", status)
	}
}
