package follow

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	fantail "fantail/exec"
)

// TestLogrotate lets the real program rotate a followed log, with a new follower
// every few rotations.
func TestLogrotate(t *testing.T) {
	bin, err := exec.LookPath("logrotate")
	if errors.Is(err, exec.ErrNotFound) {
		t.Skip("needs the program logrotate")
	}
	for name, options := range map[string]string{
		"create":                 "create 0644",
		"create, compress":       "create 0644\ncompress",
		"create, delaycompress":  "create 0644\ncompress\ndelaycompress",
		"create, dateext":        "create 0644\ndateext\ndateformat -%Y%m%d-%s",
		"copytruncate":           "copytruncate",
		"copytruncate, compress": "copytruncate\ncompress",
	} {
		t.Run(name, func(t *testing.T) { logrotate(t, bin, options, strings.Contains(name, "dateext")) })
	}
}

func logrotate(t *testing.T, bin, options string, once bool) {
	dir := t.TempDir()
	must(t, os.Chmod(dir, 0o755)) // logrotate refuses directories that others can write to
	p := write(t, filepath.Join(dir, "app.log"), "")
	conf := write(t, filepath.Join(dir, "conf"), p+" {\nrotate 20\n"+options+"\n}\n")
	in := fantail.Input{Globs: []string{p}, Follow: true}
	f := follow(t, in, quick)
	f.want(p, "")
	text, rounds := "", 6
	if once {
		rounds = 1 // a second one in the same second would have the same name
	}
	for i := range rounds {
		appendTo(t, p, numbered(10*i, 10*i+5))
		text += numbered(10*i, 10*i+5)
		if i%2 == 1 {
			f.want(p, text)
			appendTo(t, p, numbered(10*i+5, 10*i+10))
			text += numbered(10*i+5, 10*i+10)
		}
		out, err := exec.Command(bin, "-f", "-s", filepath.Join(dir, "state"), conf).CombinedOutput()
		if err != nil {
			t.Fatalf("logrotate: %v: %s", err, out)
		}
		if i%3 == 2 { // resume after several rotations
			in.Resume = f.positions()
			got := f.text[p]
			f.src.Close()
			f = follow(t, in, quick)
			f.add(&fantail.Block{File: &fantail.File{Path: p}, Data: []byte(got), End: in.Resume[0]})
		}
	}
	appendTo(t, p, "end\n")
	f.want(p, text+"end\n")
	for _, n := range f.notices {
		if n.Level >= fantail.Failure {
			t.Error(n)
		}
	}
}
