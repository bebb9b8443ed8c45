package e2e

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestManyHosts: many hosts with many groups each, all of which are in the
// result each time.
func TestManyHosts(t *testing.T) {
	t.Parallel()
	hosts, groups, runs := 16, 600, 10
	if long() {
		hosts = 50
	}
	f := newFleet(t, hosts)
	dir := t.TempDir()
	var want strings.Builder
	want.WriteString("key,count($line),sum(value)\n")
	for i, h := range f.hosts {
		var log strings.Builder
		for g := range groups {
			for range 1 + g%3 {
				fmt.Fprintf(&log, "INFO|20261120-101112|1|stats.go:1|8|14|7|0.21|471h0m21s|MAPREDUCE:STATS|key=h%02d-g%03d|value=%d\n", i, g, g)
			}
			fmt.Fprintf(&log, "INFO|20261120-101112|1|stats.go:1|8|14|7|0.21|471h0m21s|MAPREDUCE:STATS|key=z-%03d|value=%d\n", g, i)
		}
		write(t, filepath.Join(dir, h.name+".log"), log.String())
		for g := range groups {
			fmt.Fprintf(&want, "h%02d-g%03d,%d,%d\n", i, g, 1+g%3, (1+g%3)*g)
		}
	}
	for g := range groups {
		fmt.Fprintf(&want, "z-%03d,%d,%d\n", g, hosts, hosts*(hosts-1)/2)
	}
	args := []string{"dmap", "-format", "csv", "select key, count($line), sum(value) from stats group by key"}
	for _, h := range f.hosts {
		args = append(args, h.at(filepath.Join(dir, h.name+".log")))
	}
	begun := time.Now()
	for n := range runs {
		r := f.run(args...)
		if r.status != 0 || r.stdout != want.String() {
			t.Fatalf("run %d: %d rows, want %d; %v", n, strings.Count(r.stdout, "\n"), strings.Count(want.String(), "\n"), r)
		}
		if ledger := fmt.Sprintf("%d/%d hosts · %[1]d files · ", hosts, hosts); !strings.Contains(r.stderr, ledger) {
			t.Errorf("run %d: no %q in %q", n, ledger, r.stderr)
		}
	}
	t.Logf("%d runs over %d hosts, %d groups: %v", runs, hosts, (hosts+1)*groups, time.Since(begun))
}
