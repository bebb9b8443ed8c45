package exec

import (
	"context"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"fantail/planner"
)

// TestPanic: a bug in a source, an expression or a sink ends the run with an
// error that shows it, leaves no goroutine behind, and nothing is given after it.
func TestPanic(t *testing.T) {
	defer goleak.VerifyNone(t)
	for _, text := range []string{"select a logformat json", "select a, count(*) logformat json group by a", "select count(*) logformat json interval 1"} {
		for what, broken := range map[string]func(*planner.Plan, *liveSource, *collect) Source{
			"source": func(_ *planner.Plan, src *liveSource, _ *collect) Source {
				return sourceFunc(func(ctx context.Context, b *Block) error {
					if src.left == 900 {
						panic("broken")
					}
					return src.Next(ctx, b)
				})
			},
			"expression": func(p *planner.Plan, src *liveSource, _ *collect) Source {
				p.Host.Where = planner.Slot(5) // which is none
				return src
			},
			"sink": func(_ *planner.Plan, src *liveSource, c *collect) Source {
				called := false
				c.fail = func() error {
					if called {
						t.Error("called again")
					}
					called = true
					panic("broken")
				}
				return src
			},
		} {
			p := mustPlan(t, text)
			c := newCollect(t, p)
			src := broken(p, &liveSource{left: 1000}, c)
			ended := make(chan error, 1)
			go func() {
				ended <- Run(t.Context(), &p.Host, src, Env{Continuous: true, Workers: 4}, c)
			}()
			select {
			case err := <-ended:
				if err == nil || !strings.Contains(err.Error(), "BUG: ") || !strings.Contains(err.Error(), ".go:") {
					t.Errorf("%s, %s: %v", text, what, err)
				}
			case <-time.After(10 * time.Second):
				t.Fatalf("%s, %s: hangs", text, what)
			}
		}
	}
}

// TestNoLiteral: a call whose literal is none is refused when it is made ready.
func TestNoLiteral(t *testing.T) {
	for _, f := range []string{"date_trunc", "strftime", "regexp_extract", "regexp_replace", "json_get"} {
		p := mustPlan(t, "select a logformat json")
		p.Host.Rows = []planner.Expr{&planner.Call{Func: f, Args: []planner.Expr{planner.Slot(0), planner.Slot(0), planner.Slot(0)}}}
		err := newRun(&p.Host, &memSource{}, &Env{Workers: 1}, newCollect(t, p)).start(t.Context())
		if err == nil || !strings.Contains(err.Error(), "is no literal") {
			t.Errorf("%s: %v", f, err)
		}
	}
}

// TestAliasesAndLiterals: what a name or a literal stands for is found once.
func TestAliasesAndLiterals(t *testing.T) {
	log := memFile{"a.json", `{"url":"/b","svc":"X","at":"2026-11-20T10:11:12Z"}` + "\n" + `{"url":"/a","svc":"Y","at":"2026-11-20T11:11:12Z"}` + "\n"}
	for text, want := range map[string]string{
		"select lower(svc) as svc, count(*) logformat json group by url order by svc asc":                "/b,x,1\n/a,y,1\n",
		"select lower(svc) as svc, count(*) logformat json group by url having svc eq \"y\"":             "/a,y,1\n",
		"select date_trunc(\"hour\", last(at)) as h, count(*) logformat json group by \"hour\"":          "2026-11-20T11:00:00Z,2\n",
		"select regexp_extract(last(svc), \"(.)\", 1) as x, 1 as one logformat json group by 1, \"(.)\"": "Y,1\n",
		"select $file as f, `$file` as g, count(*) logformat json group by f, g":                         "a.json,null,2\n",
		"select distinct 5, \"t\" logformat json":                                                        "5,t\n",
		"select bucket(epoch(last(at)), 1h) as h logformat json group by 1h":                             "1795172400\n",
	} {
		if got := query(t, text, log); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

// TestLiteralIsJSON: what is shown as a number in JSON is one.
func TestLiteralIsJSON(t *testing.T) {
	got := query(t, "select 007, -007, 00.5 logformat json", memFile{"a", "{}\n"})
	for _, cell := range strings.Split(strings.TrimSpace(got), ",") {
		if !json.Valid([]byte(cell)) {
			t.Errorf("%s", cell)
		}
	}
}

// TestSharedLimits: the limits are of all workers together.
func TestSharedLimits(t *testing.T) {
	p := mustPlan(t, "select count(*) group by $line")
	for _, workers := range []int{1, 16} {
		for name, length := range map[string]int{"groups": 8, "text": 2000} {
			c := newCollect(t, p)
			src := &distinctLines{length: length, blocks: min(16<<20/(100*length), 2000)}
			if err := Run(t.Context(), &p.Host, src, Env{Workers: workers}, c); err != nil {
				t.Fatal(err)
			}
			overshoot := workers * 100
			for _, part := range c.parts {
				text := 0
				for _, g := range part.Groups {
					text += len(g.Key)
				}
				if len(part.Groups) > maxGroups+overshoot || text > maxGroupText+overshoot*(length+8) {
					t.Errorf("%s, %d workers: %d groups, %d bytes at once", name, workers, len(part.Groups), text)
				}
			}
		}
	}
}

// TestBigBlocks: of blocks with very long lines one is in a partial, and not one
// for each worker.
func TestBigBlocks(t *testing.T) {
	p := mustPlan(t, "select count(*) group by $line")
	c := newCollect(t, p)
	src := &distinctLines{length: 4 << 20, each: 1, blocks: 12}
	if err := Run(t.Context(), &p.Host, src, Env{Workers: 8}, c); err != nil {
		t.Fatal(err)
	}
	groups := 0
	for _, part := range c.parts {
		if groups += len(part.Groups); len(part.Groups) > 1 {
			t.Errorf("%d groups of 4 MiB at once", len(part.Groups))
		}
	}
	if groups != 12 {
		t.Errorf("%d groups", groups)
	}
}

// distinctLines gives blocks of lines that are all different.
type distinctLines struct {
	length int // of a line
	each   int // lines of a block; 0: 100
	blocks int // still to give
	n      int
	file   *File
}

func (s *distinctLines) Close() error { return nil }

func (s *distinctLines) Next(_ context.Context, b *Block) error {
	if s.blocks--; s.blocks < 0 {
		return io.EOF
	}
	if s.file == nil {
		s.file = &File{Path: "a"}
	}
	if s.each == 0 {
		s.each = 100
	}
	b.Data = b.Data[:0]
	for range s.each {
		at := len(b.Data)
		b.Data = append(b.Data, make([]byte, s.length)...)
		for i, n := at, s.n; i < len(b.Data); i, n = i+1, n/26 {
			b.Data[i] = byte('a' + n%26)
		}
		b.Data[len(b.Data)-1] = '\n'
		s.n++
	}
	b.File, b.Offset = s.file, int64(s.n)
	b.End = Position{Path: "a", Generations: []Generation{{Offset: int64(s.n)}}}
	return nil
}
