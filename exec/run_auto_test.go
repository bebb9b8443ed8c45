package exec

import (
	"slices"
	"testing"
	"time"
)

// TestAuto: each file is read in its own format, and the user is told once of
// each that was found.
func TestAuto(t *testing.T) {
	files := []memFile{
		{"a.json", "{\"service\":\"shop\",\"ms\":5}\n{\"service\":\"mail\",\"ms\":7}\n"},
		{"b.csv", "service,ms\nshop,11\n"},
		{"c.json", "{\"service\":\"shop\",\"ms\":1}\n"},
		{"d.log", "service=shop ms=100\n"},
		{"e.log", "nothing that is known\n"},
	}
	p := mustPlan(t, "select service, sum(ms) group by service")
	c := newCollect(t, p)
	src := &memSource{files: files, cut: func() int { return 10 }}
	if err := Run(t.Context(), &p.Host, src, Env{Workers: 2}, c); err != nil {
		t.Fatal(err)
	}
	if got, want := c.lines(), "mail,7\nshop,117\nnull,null\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	want := []Notice{{Info, "a.json", "found logformat json"}, {Info, "b.csv", "found logformat csv"},
		{Info, "d.log", "found logformat logfmt"}, {Info, "e.log", "found no logformat that is known: its lines have no fields"}}
	if !slices.Equal(c.notices, want) {
		t.Errorf("notices %v, want %v", c.notices, want)
	}
}

// TestFormats: a query reaches its format's parser, with what that needs.
func TestFormats(t *testing.T) {
	for _, c := range []struct{ query, log, want string }{
		{`select x, $line logformat regex "x=(?P<x>\\d+)"`, "a x=12\n", "12,a x=12\n"},
		{"select `a[1].b`, $severity logformat json", `{"level":"warn","a":[0,{"b":"c\nd"}]}`, "c\nd,warn\n"},
		{"select facility, `sd.a@1.b` logformat syslog", "<34>1 - - - - - [a@1 b=\"c\"]\n", "auth,c\n"},
		{"select path, extra2, $hour logformat combined", `::1 - - [20/Nov/2026:10:11:12 +0000] "GET /a?b HTTP/1.1" 200 1 "-" "-" x "y z"`, "/a,y z,10\n"},
		{"select count(*) logformat json where a > 1", "{\"a\":1}\nx\n{\"a\":2}\n{\"a\":3}\n", "2\n"},
	} {
		if got := query(t, c.query, memFile{"a.log", c.log}); got != c.want {
			t.Errorf("%s: %q, want %q", c.query, got, c.want)
		}
	}
}

// TestAutoEmpty: of a followed file that is still empty nothing is told.
func TestAutoEmpty(t *testing.T) {
	p := mustPlan(t, "select count(service)")
	c := newCollect(t, p)
	file := &File{Path: "a.json"}
	src := &blockSource{blocks: []Block{
		{File: file, Arrived: time.Unix(1, 0)},
		{File: file, Data: []byte("{\"service\":\"shop\"}\n"), Arrived: time.Unix(2, 0)},
	}}
	if err := Run(t.Context(), &p.Host, src, Env{Continuous: true, Workers: 1}, c); err != nil {
		t.Fatal(err)
	}
	if want := []Notice{{Info, "a.json", "found logformat json"}}; !slices.Equal(c.notices, want) {
		t.Errorf("notices %v, want %v", c.notices, want)
	}
}
