package e2e

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestDemo: without a terminal the demo ends by itself after three windows, with
// all its servers in each, and leaves nothing behind.
func TestDemo(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	tmp := t.TempDir()
	c.env = append(c.env, "TMPDIR="+tmp)
	res := c.run("dmap", "-demo")
	if res.status != 0 || strings.Count(res.stdout, "5/5 hosts") != 3 {
		t.Errorf("want three windows of five hosts: %v", res)
	}
	for _, host := range []string{"web1", "web5"} {
		if strings.Count(res.stdout, " "+host+" ") < 2 {
			t.Errorf("%s is not in the windows: %v", host, res)
		}
	}
	if left, err := filepath.Glob(filepath.Join(tmp, "*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %q, %v", left, err)
	}
}
