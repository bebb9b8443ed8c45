package exec

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"
)

func partialOf(t *testing.T, query string, log string) (*collect, Partial) {
	t.Helper()
	p := mustPlan(t, query)
	c := newCollect(t, p)
	if err := Run(t.Context(), &p.Host, &memSource{files: []memFile{{"a", log}}, cut: func() int { return 1 << 20 }}, Env{}, c); err != nil {
		t.Fatal(err)
	}
	return newCollect(t, p), c.parts[0]
}

// TestBadPartials: what is not well-formed changes nothing.
func TestBadPartials(t *testing.T) {
	const query, log = "select a, count(*), sum(b), last(b) logformat generickv group by a", "a=1|b=2\na=2|b=3\n"
	spoil := map[string]func(p *Partial){
		"a state too few":   func(p *Partial) { p.Groups[1].States = p.Groups[1].States[:2] },
		"a state too many":  func(p *Partial) { p.Groups[1].States = append(p.Groups[1].States, nil) },
		"malformed states":  func(p *Partial) { p.Groups[1].States[1] = []byte{0, 9} },
		"a key without end": func(p *Partial) { p.Groups[1].Key = []byte{5, 'x'} },
		"a key too long":    func(p *Partial) { p.Groups[1].Key = []byte{0, 0} },
		"a key too short":   func(p *Partial) { p.Groups[1].Key = nil },
	}
	for name, f := range spoil {
		c, part := partialOf(t, query, log)
		if err := c.merger.Add(&part); err != nil {
			t.Fatal(err)
		}
		want := c.lines()
		_, bad := partialOf(t, query, log)
		f(&bad)
		if err := c.merger.Add(&bad); err == nil {
			t.Errorf("%s: no error", name)
		}
		if got := c.lines(); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}

func TestTooManyGroups(t *testing.T) {
	c, part := partialOf(t, "select $lineno, count(*) group by $lineno", strings.Repeat("x\n", 10))
	c.merger.MaxGroups = 11 // and one for the window
	for range 3 {
		if err := c.merger.Add(&part); err != nil {
			t.Error(err)
		}
	}
	c.merger.Drop(time.Time{})
	part.Window = time.Unix(60, 0)
	if err := c.merger.Add(&part); err != nil {
		t.Errorf("after a drop: %v", err)
	}
	part.Window = time.Unix(120, 0)
	if err := c.merger.Add(&part); err == nil || !strings.Contains(err.Error(), "more than 11 groups") {
		t.Errorf("got %v", err)
	}
}

// TestIdleWindowHasARow: without group by there is one row, even of no lines, and
// what comes later goes into it.
func TestIdleWindowHasARow(t *testing.T) {
	c, part := partialOf(t, "select count(*), max(b) logformat generickv", "b=7\n")
	window := time.Unix(60, 0)
	empty := Partial{Window: window}
	part.Window = window
	for _, step := range []struct {
		part *Partial
		want string
	}{{&empty, "0 "}, {&part, "1 7"}, {&empty, "1 7"}, {&part, "2 7"}} {
		if err := c.merger.Add(step.part); err != nil {
			t.Fatal(err)
		}
		res, err := c.merger.Result(window)
		if err != nil || len(res.Rows) != 1 || res.Rows[0][0].Text+" "+res.Rows[0][1].Text != step.want {
			t.Errorf("got %v, %v; want %s", res, err, step.want)
		}
	}
	c.merger.Drop(window)
	if c.merger.groups != 0 {
		t.Errorf("%d groups are left", c.merger.groups)
	}
}

func TestBadRows(t *testing.T) {
	p := mustPlan(t, "select a, b logformat csv order by a asc")
	c := newCollect(t, p)
	row := func(cells ...string) (data []byte) {
		for _, s := range cells {
			data = AppendCell(data, []byte(s), false)
		}
		return data
	}
	add := func(n int, data []byte) error { return c.merger.AddRows(&Rows{N: n, Data: data}) }
	if err := add(1, row("2", "x")); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []Rows{{N: 1, Data: row("1")}, {N: 1, Data: row("1", "2", "3")}, {N: Uncounted, Data: nil},
		{N: 2, Data: row("1", "2", "3")}, {N: 1 << 62, Data: row("1", "2")}, {N: 1, Data: []byte{9, 9}}} {
		if err := add(bad.N, bad.Data); err == nil {
			t.Errorf("%d rows of %q: no error", bad.N, bad.Data)
		}
	}
	if err := add(1, row("1", "y")); err != nil {
		t.Fatal(err)
	}
	if got := c.lines(); got != "1,y\n2,x\n" {
		t.Errorf("got %q", got)
	}
}

// TestOrder: numbers by value, equal ones by their text, and before texts; nulls
// last either way.
func TestOrder(t *testing.T) {
	log := memFile{"a", "v=10|i=0\nv=9\nv=b\ni=3\nv=a\nv=1e1|i=5\nv=|i=6\n"}
	for order, want := range map[string]string{
		"asc":  "9,null\n10,0\n1e1,5\n,6\na,null\nb,null\nnull,3\n",
		"desc": "b,null\na,null\n,6\n1e1,5\n10,0\n9,null\nnull,3\n",
	} {
		if got := query(t, "select v, i logformat generickv order by v "+order, log); got != want {
			t.Errorf("%s: got %q, want %q", order, got, want)
		}
	}
}

// TestMatchIsRegexps: what is searched for first does not change what is found.
func TestMatchIsRegexps(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 4))
	var lines []string
	for range 2000 {
		var line strings.Builder
		for range r.IntN(8) {
			line.WriteString([]string{"a", "b", "ab", "B", "\xff", "ä", " ", "1"}[r.IntN(8)])
		}
		lines = append(lines, line.String())
	}
	log := memFile{"a", strings.Join(lines, "\n") + "\n"}
	for _, re := range []string{"ab", "^ab", "ab$", "a+b", "(ab|b)1", "(ab)+1", "(?i)ab", "a(?i)b", "a.b", "ab{2}", "b{0,2}a", "(ab)?1",
		"[ab]1", "ä", "\xef\xbf\xbd", "a|", "", "(a|b) (1)", "\\bab\\b", "ab*", "(?:a1){2}", "a.*?1b", "a(b1)*", "a(ab)?1*"} {
		want := 0
		for _, line := range lines {
			if regexp.MustCompile(re).MatchString(line) {
				want++
			}
		}
		q := fmt.Sprintf("select count(*) where $line =~ \"%s\"", strings.ReplaceAll(re, `"`, `\"`))
		if got := query(t, q, log); got != fmt.Sprintln(want) {
			t.Errorf("%s: got %s, want %d", q, got, want)
		}
	}
}
