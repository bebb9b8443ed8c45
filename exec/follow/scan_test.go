package follow

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"

	"fantail/exec"
)

func TestScanContents(t *testing.T) {
	text := numbered(0, 1000)
	long := strings.Repeat("y", 300) + "\n" + text
	for _, c := range []struct{ name, stored, want string }{
		{"plain", text, text},
		{"no newline at the end", text + "rest", text + "rest"},
		{"empty", "", ""},
		{"only a newline", "\n", "\n"},
		{"long line", long, long},
		{"gzip", gz(text), text},
		{"gzip, two members", gz("a\n") + gz("b\n"), "a\nb\n"},
		{"gzip of nothing", gz(""), ""},
		{"zstd", zst(text), text},
		{"zstd, two frames", zst("a\n") + zst("b"), "a\nb"},
		{"zstd after a skippable frame", "\x52\x2a\x4d\x18\x03\x00\x00\x00abc" + zst(text), text},
	} {
		for _, block := range []int{1, 16, 4096, 0} {
			p := write(t, inDir(t, "file"), c.stored)
			k := scanAll(t, exec.Input{Globs: []string{p}}, Options{Block: block, CountLines: true})
			if k.text[p] != c.want || len(k.notices) > 0 {
				t.Errorf("%s, blocks of %d: got %.80q, notices %v", c.name, block, k.text[p], k.notices)
			}
			checkBlocks(t, c.name, k, c.want)
		}
	}
}

// checkBlocks holds blocks to their contract.
func checkBlocks(t *testing.T, name string, k *taken, text string) {
	t.Helper()
	var off, lines int64
	for i, b := range k.blocks {
		if b.Offset != off || b.Line != lines {
			t.Fatalf("%s: block %d: offset %d, line %d; want %d, %d", name, i, b.Offset, b.Line, off, lines)
		}
		off += int64(len(b.Data))
		lines += int64(bytes.Count(b.Data, newline))
		e := b.End.Generations[0]
		var m mark
		m.add([]byte(text[:off]), true)
		if !m.is(e) || e.Lines != lines || e.Done != (i == len(k.blocks)-1) {
			t.Fatalf("%s: block %d ends at %+v, want %+v", name, i, e, m.sum())
		}
		if off < int64(len(text)) && b.Data[len(b.Data)-1] != '\n' {
			t.Fatalf("%s: block %d ends in a line", name, i)
		}
	}
}

func TestScanLongLine(t *testing.T) {
	text := "short\n" + strings.Repeat("x", 1000) + "\nend\n"
	p := write(t, inDir(t, "f"), text)
	k := scanAll(t, exec.Input{Globs: []string{p}}, Options{Block: 16, Longest: 100})
	if k.text[p] != text {
		t.Errorf("got %q", k.text[p])
	}
	if len(k.notices) != 1 || k.notices[0].Level != exec.Warning {
		t.Errorf("notices: %v", k.notices)
	}
	for _, b := range k.blocks {
		if len(b.Data) > 100 {
			t.Errorf("a piece of %d bytes", len(b.Data))
		}
	}
}

func TestScanDamaged(t *testing.T) {
	text := numbered(0, 5000)
	packed := gz(text)
	p := write(t, inDir(t, "f.gz"), packed[:len(packed)/2])
	k := scanAll(t, exec.Input{Globs: []string{p}}, Options{})
	if got := k.text[p]; len(got) < 1000 || !strings.HasPrefix(text, got) {
		t.Errorf("got %d bytes: %.60q", len(got), got)
	}
	if !k.told(exec.Failure, "cut off") {
		t.Errorf("notices: %v", k.notices)
	}
	for _, stored := range []string{"\x1f\x8b", "\x1f\x8bxxxxxxxxxxx", "\x28\xb5\x2f\xfd\xff\xff\xff"} {
		write(t, p, stored)
		if k := scanAll(t, exec.Input{Globs: []string{p}}, Options{}); len(k.notices) != 1 {
			t.Errorf("%q: notices %v", stored, k.notices)
		}
	}
}

func TestScanGlobs(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"b.log", "a.log", "c d,e.log", "x[1].log", "x1.log"} {
		write(t, filepath.Join(dir, name), name+"\n")
	}
	must(t, os.Mkdir(dir+"/dir.log", 0o755))
	must(t, syscall.Mkfifo(dir+"/fifo.log", 0o644))
	k := scanAll(t, exec.Input{Globs: []string{
		dir + "/c d,e.log", dir + "/*.log", dir + "/x[1].log", dir + "/nothing*", dir + "/missing", dir + "/[",
	}}, Options{})
	var order []string
	for _, p := range k.order {
		order = append(order, filepath.Base(p))
	}
	want := []string{"c d,e.log", "a.log", "b.log", "x1.log", "x[1].log"}
	if !reflect.DeepEqual(order, want) {
		t.Errorf("got %q, want %q", order, want)
	}
	for _, text := range []string{"dir.log: is a directory", "fifo.log: not a regular file", "nothing*: no such file", "missing: no such file", "syntax error"} {
		if !k.told(exec.Failure, text) {
			t.Errorf("%q was not told: %v", text, k.notices)
		}
	}
}

// refusing is an Opener that may open nothing.
type refusing struct{ OS }

func (refusing) Open(path string) (*os.File, error) { return nil, pathError(path, os.ErrPermission) }

func TestScanRefused(t *testing.T) {
	src := New(exec.Input{Globs: []string{"/etc/passwd"}}, refusing{}, Options{})
	defer src.Close()
	k := &taken{}
	take(t, src, k, nil)
	if !k.told(exec.Failure, "permission denied") || len(k.blocks) > 0 {
		t.Errorf("got %v", k.notices)
	}
}

func TestScanStart(t *testing.T) {
	for _, c := range []struct {
		text  string
		start exec.Start
		want  string
	}{
		{"a\nb\nc\n", exec.Start{Lines: 1}, "b\nc\n"},
		{"a\nb\nc\n", exec.Start{Lines: 9}, ""},
		{"a\nb\nc\n", exec.Start{FromEnd: true, Lines: 2}, "b\nc\n"},
		{"a\nb\nc", exec.Start{FromEnd: true, Lines: 2}, "b\nc"},
		{"a\nb\nc", exec.Start{FromEnd: true}, ""},
		{"a\nb\nc\n", exec.Start{FromEnd: true}, ""},
		{"a\nb\nc\n", exec.Start{FromEnd: true, Lines: 3}, "a\nb\nc\n"},
		{"a\nb\nc\n", exec.Start{FromEnd: true, Lines: 99}, "a\nb\nc\n"},
		{"\n\n\n", exec.Start{FromEnd: true, Lines: 1}, "\n"},
		{numbered(0, 20000), exec.Start{FromEnd: true, Lines: 15000}, numbered(5000, 20000)},
		{numbered(0, 20000), exec.Start{Lines: 15000}, numbered(15000, 20000)},
		{"", exec.Start{FromEnd: true, Lines: 1}, ""},
	} {
		for _, stored := range []string{c.text, gz(c.text), zst(c.text)} {
			for _, count := range []bool{false, true} {
				p := write(t, inDir(t, "f"), stored)
				k := scanAll(t, exec.Input{Globs: []string{p}, Start: c.start}, Options{Block: 16 + len(c.text)/8, CountLines: count})
				if k.text[p] != c.want {
					t.Errorf("%.20q %+v count %v: got %.40q, want %.40q", c.text, c.start, count, k.text[p], c.want)
				}
				skipped := int64(strings.Count(c.text[:len(c.text)-len(c.want)], "\n"))
				if b := k.blocks[0]; b.Offset != int64(len(c.text)-len(c.want)) || count && b.Line != skipped {
					t.Errorf("%.20q %+v count %v: begins at %d, line %d", c.text, c.start, count, b.Offset, b.Line)
				}
			}
		}
	}
}

func TestScanEndsWithGrowingFile(t *testing.T) {
	p := write(t, inDir(t, "f"), numbered(0, 10))
	src := New(exec.Input{Globs: []string{p}}, OS{}, Options{Block: 16})
	defer src.Close()
	k := &taken{}
	take(t, src, k, func() bool { return len(k.blocks) > 0 })
	appendTo(t, p, "more\n")
	take(t, src, k, nil)
	if k.text[p] != numbered(0, 10) {
		t.Errorf("got %q", k.text[p])
	}
}

func TestScanResume(t *testing.T) {
	text := numbered(0, 40) + "rest"
	for _, stored := range []string{text, gz(text)} {
		whole := scanAll(t, exec.Input{Globs: []string{write(t, inDir(t, "f"), stored)}}, Options{Block: 32})
		for cut, b := range whole.blocks {
			for _, rotate := range []string{"", ".1", ".1.gz"} {
				p := write(t, inDir(t, "f"), stored)
				if rotate != "" {
					must(t, os.Rename(p, p+rotate))
					write(t, p, "something else\n")
				}
				pos := b.End
				pos.Path, pos.State = p, []byte("state")
				k := scanAll(t, exec.Input{Globs: []string{p}, Resume: []exec.Position{pos}, Start: exec.Start{FromEnd: true}}, Options{Block: 32})
				want := text[b.Offset+int64(len(b.Data)):]
				if k.text[p] != want || len(k.notices) > 0 {
					t.Fatalf("cut after block %d: got %q, want %q, notices %v", cut, k.text[p], want, k.notices)
				}
				if want != "" && string(k.blocks[0].File.State) != "state" {
					t.Errorf("state: %q", k.blocks[0].File.State)
				}
			}
		}
	}
}

func TestScanResumeGone(t *testing.T) {
	p := write(t, inDir(t, "f"), numbered(0, 40))
	k := scanAll(t, exec.Input{Globs: []string{p}}, Options{Block: 32})
	write(t, p, "something else\n")
	pos := k.blocks[0].End
	k = scanAll(t, exec.Input{Globs: []string{p}, Resume: []exec.Position{pos}}, Options{})
	if !k.told(exec.Gap, "gone") || len(k.blocks) > 0 {
		t.Errorf("got %v", k)
	}
}

func TestScanHead(t *testing.T) {
	big := strings.Repeat("0123456789abcde\n", 8192)
	for _, c := range []struct{ text, head string }{
		{"a,b\n1,2\n", "a,b\n1,2\n"}, {"a\nrest", "a\n"}, {"rest", "rest"}, {big, big[:64<<10]},
		{big[:70000] + "\n", big[:64<<10]},
	} {
		for _, stored := range []string{c.text, gz(c.text)} {
			p := write(t, inDir(t, "f"), stored)
			k := scanAll(t, exec.Input{Globs: []string{p}, Start: exec.Start{FromEnd: true}}, Options{})
			if got := string(k.blocks[0].File.Head); got != c.head {
				t.Errorf("%.20q: head of %d bytes, want %d", c.text, len(got), len(c.head))
			}
		}
	}
}

func BenchmarkScan(b *testing.B) {
	p := write(b, inDir(b, "big"), strings.Repeat(numbered(0, 10000), 1000))
	st, _ := os.Stat(p)
	b.Run("pread", func(b *testing.B) {
		b.SetBytes(st.Size())
		f, _ := os.Open(p)
		defer f.Close()
		buf := make([]byte, 256<<10)
		for range b.N {
			for off := int64(0); off < st.Size(); {
				n, _ := f.ReadAt(buf, off)
				off += int64(n)
			}
		}
	})
	for name, opt := range map[string]Options{"follow": {}, "follow, lines counted": {CountLines: true}} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(st.Size())
			b.ReportAllocs()
			var blk exec.Block
			for range b.N {
				src := New(exec.Input{Globs: []string{p}}, OS{}, opt)
				for src.Next(context.Background(), &blk) == nil {
				}
				src.Close()
			}
		})
	}
}

func BenchmarkScanGzip(b *testing.B) {
	text := strings.Repeat(numbered(0, 10000), 100)
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	io.WriteString(w, text)
	w.Close()
	p := write(b, inDir(b, "big.gz"), z.String())
	b.SetBytes(int64(len(text)))
	var blk exec.Block
	for range b.N {
		src := New(exec.Input{Globs: []string{p}}, OS{}, Options{})
		for src.Next(context.Background(), &blk) == nil {
		}
		src.Close()
	}
}

// TestScanTruncated: what a file loses while it is read is told.
func TestScanTruncated(t *testing.T) {
	for keep, lost := range map[int64]string{0: "90", 20: "80", 40: "60"} {
		p := write(t, inDir(t, "app.log"), strings.Repeat("123456789\n", 10))
		opt := quick
		opt.Block = 16
		src := New(exec.Input{Globs: []string{p}}, OS{}, opt)
		k := &taken{}
		take(t, src, k, func() bool { return len(k.blocks) == 1 })
		must(t, os.Truncate(p, keep))
		take(t, src, k, nil)
		src.Close()
		if !k.told(exec.Gap, "truncated while it was read: its last "+lost+" bytes are lost") {
			t.Errorf("cut to %d: %v", keep, k.notices)
		}
		if !k.last[p].Generations[0].Done {
			t.Errorf("cut to %d: not done", keep)
		}
	}
	if k := scanAll(t, exec.Input{Globs: []string{write(t, inDir(t, "app.log"), "1\n2")}}, quick); len(k.notices) > 0 {
		t.Errorf("%v", k.notices)
	}
}
