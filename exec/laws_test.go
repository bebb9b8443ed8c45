package exec

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"fantail/planner"
)

// rounds is how many random cases a law is tried on.
func rounds(n int) int {
	if os.Getenv("FANTAIL_LONG") != "" {
		return 100 * n
	}
	return n
}

// randomLog is a log of n lines with few keys, odd numbers, missing fields and
// lines that are no records.
func randomLog(r *rand.Rand, n int) string {
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	var w strings.Builder
	for range n {
		switch r.IntN(12) {
		case 0:
			w.WriteString(pick("\n", "not a record\n", "INFO|x\n", "a=b|c\n"))
			continue
		case 1:
			fmt.Fprintf(&w, "INFO|20261120-101112|1|c|2|25|7|4.87|59m|MAPREDUCE:OTHER|host=a|x=%d\n", r.IntN(9))
			continue
		}
		fmt.Fprintf(&w, "%s|20261120-%02d1112|1|c|2|25|7|4.87|59m|MAPREDUCE:STATS", pick("INFO", "WARN"), r.IntN(3))
		if r.IntN(5) > 0 {
			w.WriteString("|host=" + pick("a", "b", "c", "", "a,b", "ä"))
		}
		if r.IntN(5) > 0 {
			w.WriteString("|x=" + pick("1", "0", "-0.5", "1e3", "0.1", "0.10", "9223372036854775807", "1e300", "1e-300", "NaN", "", "-7"))
		}
		if r.IntN(5) > 0 {
			fmt.Fprintf(&w, "|y=%d.%d", r.IntN(100), r.IntN(100))
		}
		w.WriteString(pick("\n", "\r\n"))
	}
	return w.String()
}

// randomFiles are some logs; their paths have an order that is not that of their
// places.
func randomFiles(r *rand.Rand) []memFile {
	var files []memFile
	for i := range 1 + r.IntN(8) {
		files = append(files, memFile{fmt.Sprintf("%c%d.log", 'a'+rune(r.IntN(26)), i), randomLog(r, r.IntN(40))})
	}
	return files
}

const allAggregates = "count(*), count(x), sum(x), sum(y), min(x), max(x), avg(x), avg(y), last(x), last(y), len(host), y, " + moreAggregates

const moreAggregates = `first(x), any(y), arg_min(x, y), arg_max(host, x), arg_max(y, host), string_agg(x, ", "), count(distinct x), count(distinct host), ` +
	`variance(x), stddev(y), median(x), p90(y), percentile(x, 0.25), topk(x, 2), histogram(x), approx_distinct(x), approx_percentile(x, 0.75)`

func lawQueries() []string {
	return []string{
		"select " + allAggregates + " from stats",
		"select host, " + allAggregates + " from stats group by host",
		"select $hour, host, " + allAggregates + " from stats group by host, $hour order by count(*)",
		"select host, sum(y) from stats where x > 0 or y is null group by host having count(*) > 1",
		"select $m, count(*), last(host) from stats set $m = maskdigits(y) where not (x == 1) group by $m rorder by $m",
		"select x, count($line) from stats group by x limit 5",
		"select count($line), last($line), len($line)",
		"select distinct host, x > 0 as positive from stats",
		"select distinct count(*) as n, host is null from stats group by host, x order by n desc limit 7 offset 1",
		"select host, y / 10 > 5 as big, count(*) from stats group by all",
		"select host, count(*) filter (where x > 0) as n, sum(x) filter (where y > 50), sum(x), last(x) filter (where host eq \"a\") from stats group by host",
		"select host, percentage(y), ratio_to_total(x), percentile(y) from stats group by host having percentage(y) > 5 order by percentile(x)",
		"select pattern($line), count(*) group by pattern($line) order by pattern($line) asc",
		"select $lineno, count(*) where $line contains \"x=\" group by $lineno",
		"select k, v, count(*), last(v) parse \"|<k>=<v>|\" group by k, v",
		"select v, sum(x) from stats parse host || y regex \"(?P<v>[a-z]\\d)\" group by v",
		"select host, count(*), last(x) logformat generickv group by host",
	}
}

// randomCut is a size for every block: from a line each to a file at once.
func randomCut(r *rand.Rand) func() int {
	most := []int{1, 100, 2000, 1 << 20}[r.IntN(4)]
	return func() int { return 1 + r.IntN(most) }
}

// runParts runs a plan over files with random cuts, workers and sizes of tables,
// and returns the partials.
func runParts(t *testing.T, r *rand.Rand, p *planner.Plan, files []memFile) []Partial {
	t.Helper()
	c := newCollect(t, p)
	run := newRun(&p.Host, &memSource{files: files, cut: randomCut(r)}, &Env{Server: "s", Workers: 1 + r.IntN(4)}, c)
	run.maxGroups = 1 + r.IntN(30)
	if err := run.start(context.Background()); err != nil {
		t.Fatal(err)
	}
	return c.parts
}

// TestMergeLaw: the results of any division of the logs among hosts, of any
// blocks, workers and tables, and in any order of partials, are equal.
func TestMergeLaw(t *testing.T) {
	for seed := range rounds(60) {
		r := rand.New(rand.NewPCG(uint64(seed), 1))
		files := randomFiles(r)
		for _, text := range lawQueries() {
			p := mustPlan(t, text)
			want := queryOn(t, "s", text, files...)
			hosts := make([][]memFile, 1+r.IntN(7))
			for _, f := range files {
				h := r.IntN(len(hosts))
				hosts[h] = append(hosts[h], f)
			}
			var parts []Partial
			for _, h := range hosts {
				parts = append(parts, runParts(t, r, p, h)...)
			}
			r.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
			all := newCollect(t, p)
			for i := range parts {
				if err := all.merger.Add(&parts[i]); err != nil {
					t.Fatal(err)
				}
			}
			if got := all.lines(); got != want {
				t.Fatalf("seed %d, %d hosts: %s\n got %q\nwant %q", seed, len(hosts), text, got, want)
			}
		}
	}
}

// TestFullTables: a table that is full is sent, and no bigger.
func TestFullTables(t *testing.T) {
	p := mustPlan(t, "select $lineno, count(*) group by $lineno")
	c := newCollect(t, p)
	src := &memSource{files: []memFile{{"a", strings.Repeat("x\n", 1000)}}, cut: func() int { return 19 }}
	run := newRun(&p.Host, src, &Env{Workers: 2}, c)
	run.maxGroups = 50
	if err := run.start(context.Background()); err != nil {
		t.Fatal(err)
	}
	if len(c.parts) < 8 {
		t.Errorf("%d partials", len(c.parts))
	}
	for _, part := range c.parts {
		if len(part.Groups) > 2*(50+10) {
			t.Errorf("%d groups at once", len(part.Groups))
		}
	}
}

var errCut = errors.New("connection lost")

// accepted is a Sink that loses its connection at a frame, and keeps what came
// before.
type accepted struct {
	*collect
	left int // frames
	ends map[string]Position
}

func (a *accepted) accept(p *Progress) error {
	if a.left--; a.left < 0 {
		return errCut
	}
	for _, end := range p.Ends {
		end.State = slices.Clone(end.State)
		a.ends[end.Path] = end
	}
	return nil
}

func (a *accepted) Rows(r *Rows) error {
	if err := a.accept(&r.Progress); err != nil {
		return err
	}
	return a.collect.Rows(r)
}

func (a *accepted) Partial(p *Partial) error {
	if err := a.accept(&p.Progress); err != nil {
		return err
	}
	return a.collect.Partial(p)
}

// shown is everything that a client got, but for where frames begin.
func (a *accepted) shown() string {
	if a.merger.plan.Host.Aggs != nil {
		return a.lines()
	}
	var out strings.Builder
	path := ""
	for _, rows := range a.rows {
		if rows.Path != path {
			path = rows.Path
			fmt.Fprintf(&out, "%s:\n", path)
		}
		if rows.Info == nil {
			out.Write(rows.Data)
			continue
		}
		for i, line := range slices.Collect(bytes.Lines(rows.Data)) {
			fmt.Fprintf(&out, "%+v %s", rows.Info[i], line)
		}
	}
	return out.String()
}

type resumeCase struct {
	query   string
	context planner.Context
}

func resumeCases() []resumeCase {
	return []resumeCase{
		{"select $line", planner.Context{}},
		{"select $line where $line contains \"a\"", planner.Context{}},
		{"select $line where $line =~ \"x=1|a\"", planner.Context{Numbered: true}},
		{"select $line where $line =~ \"x=1|ab\"", planner.Context{Before: 2, After: 1, Numbered: true}},
		{"select $line where $line =~ \"x=1|a\"", planner.Context{After: 3, Max: 4, Numbered: true}},
		{"select $line where $line =~ \"x=1\"", planner.Context{Before: 3, Max: 2}},
		{"select host, x, $lineno, $offset, $file from stats where y > 20", planner.Context{}},
		{"select host, " + allAggregates + " from stats group by host", planner.Context{}},
		{"select count(*), last(x) from stats where x is not null", planner.Context{Max: 3}},
	}
}

// TestResumeLaw: a run that is cut at any frame and resumed gives everything
// once.
func TestResumeLaw(t *testing.T) {
	for seed := range rounds(150) {
		r := rand.New(rand.NewPCG(uint64(seed), 2))
		files := randomFiles(r)
		slices.SortFunc(files, func(a, b memFile) int { return strings.Compare(a.path, b.path) })
		for _, c := range resumeCases() {
			p := mustPlan(t, c.query)
			p.Host.Context = c.context
			want := &accepted{newCollect(t, p), 1 << 30, map[string]Position{}}
			if done := runOn(t, r, p, files, want); !done {
				t.Fatal("not done")
			}
			got := &accepted{newCollect(t, p), 0, map[string]Position{}}
			for cuts := 0; ; cuts++ {
				got.left = r.IntN(4)
				if cuts > 10 { // without luck nothing would ever be accepted
					got.left = 1 << 30
				}
				if runOn(t, r, p, files, got) {
					break
				}
			}
			if got.shown() != want.shown() {
				t.Fatalf("seed %d: %s %+v\n got %q\nwant %q", seed, c.query, c.context, got.shown(), want.shown())
			}
		}
	}
}

// runOn runs a plan on what the sink has not accepted yet, and tells whether it
// came to the end.
func runOn(t *testing.T, r *rand.Rand, p *planner.Plan, files []memFile, sink *accepted) bool {
	t.Helper()
	src := &memSource{files: unread(files, sink.ends), cut: randomCut(r), resume: maps.Clone(sink.ends), between: func() error {
		if r.IntN(4) == 0 {
			return Notice{Level: Info, Text: "something"}
		}
		return nil
	}}
	run := newRun(&p.Host, src, &Env{Server: "s", Start: time.Unix(0, 0), Workers: 1 + r.IntN(4)}, sink)
	run.maxGroups = 1 + r.IntN(10)
	run.rowBytes = 1 + r.IntN(3000)
	err := run.start(context.Background())
	if err != nil && !errors.Is(err, errCut) {
		t.Fatal(err)
	}
	return err == nil
}

// unread are the files that have not been read to their ends.
func unread(files []memFile, ends map[string]Position) []memFile {
	var rest []memFile
	for _, f := range files {
		if end, ok := ends[f.path]; !ok || !end.Generations[0].Done {
			rest = append(rest, f)
		}
	}
	return rest
}
