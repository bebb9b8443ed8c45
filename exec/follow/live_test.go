package follow

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"fantail/exec"
)

func TestFollowAppended(t *testing.T) {
	p := write(t, inDir(t, "app.log"), "one\n")
	f := follow(t, exec.Input{Globs: []string{p}}, quick)
	f.want(p, "one\n")
	appendTo(t, p, "two\nthr")
	f.want(p, "one\ntwo\n")
	appendTo(t, p, "ee\n")
	f.want(p, "one\ntwo\nthree\n")
	if f.blocks[1].Arrived.IsZero() {
		t.Error("a followed block has no time of arrival")
	}
}

func TestFollowFromEnd(t *testing.T) {
	p := write(t, inDir(t, "app.log"), numbered(0, 10)+"part")
	f := follow(t, exec.Input{Globs: []string{p}, Start: exec.Start{FromEnd: true, Lines: 2}}, quick)
	f.want(p, numbered(8, 10))
	appendTo(t, p, "ial\n")
	f.want(p, numbered(8, 10)+"partial\n")
}

func TestRenameAndCreate(t *testing.T) {
	p := write(t, inDir(t, "app.log"), "a\n")
	f := follow(t, exec.Input{Globs: []string{p}}, quick)
	f.want(p, "a\n")
	old, err := os.OpenFile(p, os.O_APPEND|os.O_WRONLY, 0)
	must(t, err)
	defer old.Close()
	must(t, os.Rename(p, p+".1"))
	write(t, p, "a longer new file\n")
	f.want(p, "a\na longer new file\n")
	old.WriteString("late\nunfinished")
	f.want(p, "a\na longer new file\nlate\n")
	f.want(p, "a\na longer new file\nlate\nunfinished")
	if !f.told(exec.Info, "rotated") {
		t.Errorf("notices: %v", f.notices)
	}
	gens := f.last[p].Generations
	if len(gens) != 2 || !gens[0].Done || gens[1].Done {
		t.Errorf("position: %+v", gens)
	}
}

func TestSeveralRotationsAtOnce(t *testing.T) {
	for _, packed := range []bool{false, true} {
		p := write(t, inDir(t, "app.log"), "a\n")
		f := follow(t, exec.Input{Globs: []string{p}}, quick)
		f.want(p, "a\n")
		appendTo(t, p, "b\n")
		must(t, os.Rename(p, p+".3"))
		write(t, p+".2", "c\n")
		if packed {
			write(t, p+".2.gz", gz("c\n"))
			write(t, p+".3.gz", gz("a\nb\n"))
			must(t, os.Remove(p+".2"))
			must(t, os.Remove(p+".3"))
		}
		write(t, p+".1", "d\n")
		write(t, p, "e\n")
		f.want(p, "a\nb\nc\nd\ne\n")
	}
}

func TestTruncated(t *testing.T) {
	p := write(t, inDir(t, "app.log"), "first\nsecond\n")
	f := follow(t, exec.Input{Globs: []string{p}}, quick)
	f.want(p, "first\nsecond\n")
	must(t, os.Truncate(p, 0))
	f.wantNotice(exec.Gap, "truncated")
	appendTo(t, p, "third\n")
	f.want(p, "first\nsecond\nthird\n")
}

func TestTruncatedAndRefilled(t *testing.T) {
	p := write(t, inDir(t, "app.log"), "first\n")
	f := follow(t, exec.Input{Globs: []string{p}}, quick)
	f.want(p, "first\n")
	write(t, p, "something much longer\n")
	f.want(p, "first\nsomething much longer\n")
	if !f.told(exec.Gap, "truncated") {
		t.Errorf("notices: %v", f.notices)
	}
}

func TestCopytruncate(t *testing.T) {
	p := write(t, inDir(t, "app.log"), numbered(0, 3))
	f := follow(t, exec.Input{Globs: []string{p}}, quick)
	f.want(p, numbered(0, 3))
	// Not noticed before the truncation, for nobody reads meanwhile.
	appendTo(t, p, numbered(3, 6))
	write(t, p+".1", numbered(0, 6))
	write(t, p, numbered(6, 9))
	f.want(p, numbered(0, 9))
	if !f.told(exec.Warning, "app.log.1") {
		t.Errorf("notices: %v", f.notices)
	}
}

func TestDeletedAndCreatedAgain(t *testing.T) {
	p := write(t, inDir(t, "app.log"), "a\n")
	f := follow(t, exec.Input{Globs: []string{p}}, quick)
	f.want(p, "a\n")
	appendTo(t, p, "b\n")
	must(t, os.Remove(p))
	f.want(p, "a\nb\n")
	write(t, p, "c\n")
	f.want(p, "a\nb\nc\n")
}

func TestAbsentAtFirst(t *testing.T) {
	p := inDir(t, "app.log")
	write(t, p+".1", "old\n")
	f := follow(t, exec.Input{Globs: []string{p}, Start: exec.Start{FromEnd: true}}, quick)
	f.want(p, "")
	f.wantNotice(exec.Warning, "no such file yet")
	write(t, p, "x\n")
	f.want(p, "x\n")
}

func TestNewMatches(t *testing.T) {
	dir := t.TempDir()
	f := follow(t, exec.Input{Globs: []string{dir + "/*/*.log*"}, Start: exec.Start{FromEnd: true}}, quick)
	f.wantNotice(exec.Warning, "no such file yet")
	must(t, os.Mkdir(dir+"/sub", 0o755))
	p := write(t, dir+"/sub/a.log", "1\n")
	f.want(p, "1\n")
	must(t, os.Rename(p, p+".1"))
	write(t, p, "2\n")
	f.want(p, "1\n2\n")
	q := write(t, dir+"/sub/b.log", "3\n")
	f.want(q, "3\n")
	if len(f.order) != 2 {
		t.Errorf("a rotated file was taken for a log: %v", f.order)
	}
}

func TestRotatedMatchesAreHistory(t *testing.T) {
	p := write(t, inDir(t, "app.log"), "now\n")
	write(t, p+".1", "before\n")
	f := follow(t, exec.Input{Globs: []string{p + "*"}}, quick)
	f.want(p+".1", "before\n")
	f.want(p, "now\n")
	must(t, os.Rename(p+".1", p+".2"))
	must(t, os.Rename(p, p+".1"))
	write(t, p, "then\n")
	f.want(p, "now\nthen\n")
	if f.text[p+".1"] != "before\n" || len(f.order) != 2 {
		t.Errorf("got %q", f.text)
	}
}

func TestNextEndsWithContext(t *testing.T) {
	p := write(t, inDir(t, "app.log"), "")
	src := New(exec.Input{Globs: []string{p}, Follow: true}, OS{}, Options{Sweep: time.Hour})
	defer src.Close()
	ctx, cancel := context.WithCancel(context.Background())
	var b exec.Block
	must(t, src.Next(ctx, &b)) // where it begins
	must(t, src.Next(ctx, &b)) // that this is all there is
	time.AfterFunc(10*time.Millisecond, cancel)
	begin := time.Now()
	if err := src.Next(ctx, &b); err != context.Canceled {
		t.Errorf("got %v", err)
	}
	if d := time.Since(begin); d > 2*time.Second {
		t.Errorf("took %v", d)
	}
}

func TestWokenWithoutSweep(t *testing.T) {
	p := write(t, inDir(t, "app.log"), "a\n")
	f := follow(t, exec.Input{Globs: []string{p}}, Options{Sweep: time.Hour})
	f.want(p, "a\n")
	appendTo(t, p, "b\n")
	f.want(p, "a\nb\n")
	must(t, os.Rename(p, p+".1"))
	write(t, p, "c\n")
	f.want(p, "a\nb\nc\n")
}

func TestSweepWithoutWaking(t *testing.T) {
	p := write(t, inDir(t, "app.log"), "a\n")
	f := follow(t, exec.Input{Globs: []string{filepath.Dir(p) + "/*.log"}}, quick)
	f.want(p, "a\n")
	f.src.run.(*follower).watches.stop()
	appendTo(t, p, "b\n")
	f.want(p, "a\nb\n")
	must(t, os.Rename(p, p+".1"))
	write(t, p, "c\n")
	f.want(p, "a\nb\nc\n")
}

func TestCloseReleasesDescriptors(t *testing.T) {
	p := write(t, inDir(t, "app.log"), "a\n")
	before := descriptors(t)
	for range 3 {
		f := follow(t, exec.Input{Globs: []string{p}}, quick)
		f.want(p, "a\n")
		must(t, os.Rename(p, p+".1"))
		write(t, p, "a\n")
		f.want(p, "a\na\n")
		must(t, f.src.Close())
	}
	if after := descriptors(t); after > before {
		t.Errorf("%d descriptors before, %d after", before, after)
	}
}

func descriptors(t *testing.T) int {
	d, err := os.ReadDir("/proc/self/fd")
	must(t, err)
	return len(d)
}

func TestForsaken(t *testing.T) {
	dir := t.TempDir()
	p := write(t, dir+"/pod-1.log", "a\n")
	f := follow(t, exec.Input{Globs: []string{dir + "/*.log"}}, quick)
	f.want(p, "a\n")
	must(t, os.Remove(p))
	take(t, f.src, &f.taken, func() bool { return f.last[p].Generations[0].Done })
	q := write(t, dir+"/pod-2.log", "b\n")
	f.want(q, "b\n")
	appendTo(t, q, "c\n")
	f.want(q, "b\nc\n")
	write(t, p, "a\nd\n")
	f.want(p, "a\na\nd\n")
	if n := len(f.src.run.(*follower).logs); n != 2 {
		t.Errorf("%d logs", n)
	}
	in := exec.Input{Globs: []string{dir + "/*.log"}, Resume: f.positions()}
	must(t, os.Remove(p))
	f.src.Close()
	g := follow(t, in, quick)
	g.want(q, "")
}

// BenchmarkLatency measures from the write of a line to its block.
func BenchmarkLatency(b *testing.B) {
	p := write(b, inDir(b, "app.log"), "")
	src := New(exec.Input{Globs: []string{p}, Follow: true}, OS{}, Options{})
	defer src.Close()
	var blk exec.Block
	for range 2 { // where it begins, and that this is all there is
		must(b, src.Next(context.Background(), &blk))
	}
	w, err := os.OpenFile(p, os.O_APPEND|os.O_WRONLY, 0)
	must(b, err)
	defer w.Close()
	for _, c := range []struct {
		name string
		idle time.Duration
	}{{"back to back", 0}, {"after 20ms", 20 * time.Millisecond}} {
		b.Run(c.name, func(b *testing.B) {
			var total time.Duration
			for range b.N {
				time.Sleep(c.idle)
				begin := time.Now()
				w.WriteString("a line\n")
				must(b, src.Next(context.Background(), &blk))
				total += time.Since(begin)
			}
			b.ReportMetric(float64(total.Microseconds())/float64(b.N), "µs/line")
		})
	}
}
