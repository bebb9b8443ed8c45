package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestOutfile: the result and its query stand in files.
func TestOutfile(t *testing.T) {
	t.Parallel()
	f, files := statsFleet(t, 1_000)
	dir := t.TempDir()
	for name, places := range map[string][]string{
		"local": files, "hosts": {f.hosts[0].at(files[0]), f.hosts[1].at(files[1]), f.hosts[2].at(files[2])},
	} {
		t.Run(name, func(t *testing.T) {
			out := filepath.Join(dir, name+".csv")
			query := "select host, count(*) from STATS group by host"
			want := f.run(append([]string{"dmap", "-quiet", "-format", "csv", query}, places...)...).stdout
			with := query + ` outfile "` + out + `"`
			for range 2 { // the second replaces the first
				r := f.run(append([]string{"dmap", "-quiet", with}, places...)...)
				if r.status != 0 || r.stdout != "" || read(t, out) != want || strings.TrimSpace(read(t, out+".query")) != with {
					t.Errorf("%s\n%s\n%s\nwant %s", r, read(t, out), read(t, out+".query"), want)
				}
			}
			_, rows, _ := strings.Cut(want, "\n")
			appended := strings.Replace(with, "outfile", "outfile append", 1)
			for range 2 {
				want += rows // and no second header
				r := f.run(append([]string{"dmap", "-quiet", appended}, places...)...)
				if r.status != 0 || read(t, out) != want || strings.TrimSpace(read(t, out+".query")) != appended {
					t.Errorf("%s\n%s\nwant %s", r, read(t, out), want)
				}
			}
		})
	}
	left, err := filepath.Glob(filepath.Join(dir, ".*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %q %v", left, err)
	}
}

// TestOutfileIsWhole: whoever reads the file meanwhile sees all of an old result
// or all of a new one.
func TestOutfileIsWhole(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	dir := t.TempDir()
	out := filepath.Join(dir, "out.csv")
	var whole []string
	for _, mark := range []string{"a", "b"} {
		var log, want strings.Builder
		want.WriteString("$line\n")
		for range 100_000 {
			log.WriteString(mark + mark + mark + "\n")
		}
		want.WriteString(log.String())
		write(t, filepath.Join(dir, mark), log.String())
		whole = append(whole, want.String())
	}
	run := func(mark string) *process {
		return c.start("dmap", "-quiet", `select $line outfile "`+out+`"`, filepath.Join(dir, mark))
	}
	if status := run("a").wait(); status != 0 {
		t.Fatal("status", status)
	}
	for i, mark := range []string{"b", "a", "b", "a"} {
		p := run(mark)
		for done := false; !done; {
			select {
			case <-p.ended:
				done = true
			default:
			}
			text := read(t, out)
			if text != whole[0] && text != whole[1] {
				t.Fatalf("%d bytes: %s", len(text), short(text))
			}
			if done && text != whole[(i+1)%2] {
				t.Fatal("the result is not there")
			}
		}
		if p.wait() != 0 {
			t.Fatal(p.stderr.String())
		}
	}
}

// TestOutfileOfPartialResult: a result that lacks a host does not replace one.
func TestOutfileOfPartialResult(t *testing.T) {
	t.Parallel()
	f, files := statsFleet(t, 100)
	out := filepath.Join(t.TempDir(), "out.csv")
	write(t, out, "old\n")
	f.hosts[1].kill()
	query := []string{"dmap", "-quiet", `select host, count(*) from STATS group by host outfile "` + out + `"`}
	for i, h := range f.hosts {
		query = append(query, h.at(files[i]))
	}
	if r := f.run(query...); r.status != 3 || read(t, out) != "old\n" {
		t.Errorf("%s\n%s", r, read(t, out))
	}
	if _, err := os.Stat(out + ".query"); err == nil {
		t.Error("a query stands beside the old result")
	}
	r := f.run(append([]string{query[0], "-partial", "ok"}, query[1:]...)...)
	if text := read(t, out); r.status != 0 || !strings.Contains(text, "web1,") || strings.Contains(text, "web2,") || !strings.Contains(text, "web3,") {
		t.Errorf("%s\n%s", r, text)
	}
	write(t, out, "old\n")
	f.hosts[0].kill()
	f.hosts[2].kill()
	if r := f.run(query...); r.status != 2 || read(t, out) != "old\n" {
		t.Errorf("%s\n%s", r, read(t, out))
	}
}
