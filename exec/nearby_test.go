package exec

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"fantail/planner"
)

// TestContextIsGreps: rows, their numbers, offsets and gaps are what grep prints
// with -nb, -A, -B, -m and -v.
func TestContextIsGreps(t *testing.T) {
	grep, err := exec.LookPath("grep")
	if err != nil {
		t.Skip("no grep")
	}
	for seed := range rounds(3) {
		r := rand.New(rand.NewPCG(uint64(seed), 3))
		log := memFile{"a.log", ""}
		for range r.IntN(30) {
			log.data += []string{"match\n", "other\n", "\n", "other\n"}[r.IntN(4)]
		}
		for i := range 4 * 4 * 4 * 2 {
			c := planner.Context{After: i % 4, Before: i / 4 % 4, Max: i / 16 % 4, Numbered: true}
			invert := i >= 64
			want := runGrep(t, grep, c, invert, log.data)
			if got := likeGrep(t, r, c, invert, log); got != want {
				t.Fatalf("seed %d: %+v, invert %t, of %q\n got %q\nwant %q", seed, c, invert, log.data, got, want)
			}
		}
	}
}

func runGrep(t *testing.T, grep string, c planner.Context, invert bool, log string) string {
	t.Helper()
	args := []string{"-n", "-b", fmt.Sprint("-A", c.After), fmt.Sprint("-B", c.Before)}
	if c.Max > 0 {
		args = append(args, fmt.Sprint("-m", c.Max))
	}
	if invert {
		args = append(args, "-v")
	}
	cmd := exec.Command(grep, append(args, "match")...)
	cmd.Env = append(cmd.Environ(), "LC_ALL=C")
	cmd.Stdin = strings.NewReader(log)
	out, err := cmd.Output()
	if err != nil && cmd.ProcessState.ExitCode() != 1 { // nothing found
		t.Fatal(err)
	}
	return string(out)
}

// likeGrep runs a plan, and prints its rows as grep does.
func likeGrep(t *testing.T, r *rand.Rand, c planner.Context, invert bool, log memFile) string {
	t.Helper()
	op := "=~"
	if invert {
		op = "!~"
	}
	p := mustPlan(t, "select $line where $line "+op+` "match"`)
	p.Host.Context = c
	sink := newCollect(t, p)
	if err := Run(context.Background(), &p.Host, &memSource{files: []memFile{log}, cut: randomCut(r)}, Env{Workers: 2}, sink); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, rows := range sink.rows {
		for i, line := range slices.Collect(bytes.Lines(rows.Data)) {
			info := rows.Info[i]
			if info.Break && out.Len() > 0 {
				out.WriteString("--\n")
			}
			sep := ":"
			if info.Context {
				sep = "-"
			}
			fmt.Fprintf(&out, "%d%s%d%s%s", info.Line, sep, info.Offset, sep, line)
		}
	}
	return out.String()
}

// TestLongBlocks: numbers and offsets hold beyond a batch.
func TestLongBlocks(t *testing.T) {
	log := memFile{"a.log", strings.Repeat("x\n", 3*batchLines) + "here\n"}
	p := mustPlan(t, `select $lineno, $offset where $line contains "here"`)
	c := newCollect(t, p)
	if err := Run(t.Context(), &p.Host, &memSource{files: []memFile{log}, cut: func() int { return 1 << 20 }}, Env{}, c); err != nil {
		t.Fatal(err)
	}
	if got, want := c.lines(), fmt.Sprintf("%d,%d\n", 3*batchLines+1, 6*batchLines); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// blockSource gives blocks one after another, whatever their files.
type blockSource struct{ blocks []Block }

func (s *blockSource) Close() error { return nil }

func (s *blockSource) Next(ctx context.Context, b *Block) error {
	if len(s.blocks) == 0 {
		return io.EOF
	}
	*b, s.blocks = s.blocks[0], s.blocks[1:]
	b.Data = bytes.Clone(b.Data)
	return nil
}

// TestAlternatingFiles: every file has its own context, and its own head.
func TestAlternatingFiles(t *testing.T) {
	files := []*File{{Path: "a"}, {Path: "b"}}
	blocks := func(texts ...string) *blockSource {
		src, offsets := &blockSource{}, []int{0, 0}
		for i, text := range texts {
			f := i % 2
			src.blocks = append(src.blocks, Block{File: files[f], Data: []byte(text), Offset: int64(offsets[f])})
			offsets[f] += len(text)
		}
		return src
	}
	p := mustPlan(t, `select $line where $line contains "m"`)
	p.Host.Context = planner.Context{Before: 1, After: 1, Max: 2}
	c := newCollect(t, p)
	if err := Run(t.Context(), &p.Host, blocks("1\n", "A\n", "m2\n", "B\n", "3\n", "m\n", "m4\n", "C\n", "m5\nm6\n"), Env{}, c); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, rows := range c.rows {
		got[rows.Path] += string(rows.Data)
	}
	if want := "1\nm2\n3\nm4\nm5\n"; got["a"] != want || got["b"] != "B\nm\nC\n" {
		t.Errorf("got %q", got)
	}
	p = mustPlan(t, `select a, count(*) logformat csv group by a`)
	for range 20 {
		c = newCollect(t, p)
		src := blocks("", "", "a,b\n", "b,a\n", "1,2\n", "1,2\n", "1,2\n", "1,2\n")
		if err := Run(t.Context(), &p.Host, src, Env{Workers: 3}, c); err != nil {
			t.Fatal(err)
		}
		if got := c.lines(); got != "1,2\n2,2\n" {
			t.Fatalf("got %q", got)
		}
	}
}

// FuzzNearby: a state from outside does no harm.
func FuzzNearby(f *testing.F) {
	n := &nearby{matched: 1, gap: true}
	n.before.push([]byte("x"), RowInfo{Line: 1})
	f.Add(n.state(), 1, 1, 1)
	f.Add([]byte("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), 0, 0, 1)
	f.Fuzz(func(t *testing.T, state []byte, before, after, maximum int) {
		c := planner.Context{Before: before & 7, After: after & 7, Max: maximum & 7, Numbered: true}
		var n nearby
		n.restore(state, c)
		if n.before.n > c.Before {
			t.Errorf("%d lines are held", n.before.n)
		}
		var again nearby
		again.restore(n.state(), c)
		if !bytes.Equal(again.state(), n.state()) {
			t.Errorf("%x is restored as %x", n.state(), again.state())
		}
		b, _, sel := oneBatch("x", "y", "z")
		n.rows(b, n.limit(sel[1:2], c.Max), c, lineInfo(b), func([]byte, RowInfo) {})
	})
}

// TestContextLimits: what would hold too much memory is refused, and what is
// held of long lines is bounded, in memory and in a position.
func TestContextLimits(t *testing.T) {
	for c, ok := range map[planner.Context]bool{
		{Before: maxBefore}: true, {Before: maxBefore + 1}: false, {Before: -1}: false,
		{After: maxContext}: true, {After: maxContext + 1}: false, {After: -1}: false,
		{Max: maxContext}: true, {Max: maxContext + 1}: false, {Max: -1}: false,
	} {
		p := mustPlan(t, "select $line")
		p.Host.Context = c
		err := Run(t.Context(), &p.Host, &memSource{}, Env{}, newCollect(t, p))
		if (err == nil) != ok || err != nil && !strings.Contains(err.Error(), "must be between 0 and") {
			t.Errorf("%+v: %v", c, err)
		}
	}
	var n nearby
	long := bytes.Repeat([]byte("x"), 300<<10)
	for i := range 1000 {
		n.hold(long, RowInfo{Line: int64(i)}, maxBefore)
	}
	if n.before.bytes > maxHeldText || n.before.n != maxHeldText/len(long) {
		t.Errorf("%d lines of %d bytes are held", n.before.n, n.before.bytes)
	}
	n.gap = false
	var again nearby
	again.restore(n.state(), planner.Context{Before: maxBefore})
	if again.before.n != 3 || !again.gap || again.before.at(2).info.Line != 999 {
		t.Errorf("%d lines in a position of %d bytes, gap %t", again.before.n, len(n.state()), again.gap)
	}
}

// TestRing: a ring holds what a slice would.
func TestRing(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	var got ring
	var want []string
	for i := range 5000 {
		switch k := r.IntN(10); {
		case k == 0 && i%7 == 0:
			got.clear()
			want = nil
		case k < 4 && len(want) > 0:
			got.drop()
			want = want[1:]
		default:
			line := strings.Repeat("x", r.IntN(5)) + fmt.Sprint(i)
			got.push([]byte(line), RowInfo{})
			want = append(want, line)
		}
		var lines []string
		size := 0
		for h := range got.all() {
			lines = append(lines, string(h.text))
			size += len(h.text)
		}
		if !slices.Equal(lines, want) || size != got.bytes || len(lines) != got.n {
			t.Fatalf("got %q, want %q; %d bytes, %d lines", lines, want, got.bytes, got.n)
		}
	}
}

// BenchmarkHold: a line costs the same, however many are held.
func BenchmarkHold(b *testing.B) {
	for _, before := range []int{5, 5000} {
		b.Run(fmt.Sprint(before), func(b *testing.B) {
			var n nearby
			line := bytes.Repeat([]byte("x"), 100)
			for range b.N {
				n.hold(line, RowInfo{}, before)
			}
		})
	}
}
