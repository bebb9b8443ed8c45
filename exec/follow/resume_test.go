package follow

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"fantail/exec"
)

// chain is a log and what was rotated from it: text by name, the log's own "".
type chain map[string]string

func (c chain) make(t *testing.T, path string) {
	for name, text := range c {
		write(t, path+name, text)
	}
}

// TestResumeAtEveryBlock cuts a run after each of its blocks, lets the log be
// rotated meanwhile, and wants the rest from a second run.
func TestResumeAtEveryBlock(t *testing.T) {
	first, more := numbered(0, 12), numbered(12, 16)
	next, last := numbered(16, 20), numbered(20, 24)
	for name, away := range map[string]func(p string){
		"nothing": func(p string) { appendTo(t, p, more+next+last) },
		"renamed": func(p string) {
			appendTo(t, p, more)
			must(t, os.Rename(p, p+".1"))
			write(t, p, next+last)
		},
		"renamed twice": func(p string) {
			appendTo(t, p, more)
			must(t, os.Rename(p, p+".2"))
			chain{".1": next, "": last}.make(t, p)
		},
		"compressed": func(p string) {
			must(t, os.Remove(p))
			chain{".2.gz": gz(first + more), ".1": next, "": last}.make(t, p)
		},
		"by date": func(p string) {
			must(t, os.Remove(p))
			must(t, os.Rename(p+".9", p+"-20250101"))
			chain{"-20250131.gz": gz(first + more), "-20250201": next, "": last}.make(t, p)
		},
		"zstd, two of them": func(p string) {
			must(t, os.Remove(p))
			chain{".3.zst": zst(first), ".2.zst": zst(more), ".1": next, "": last}.make(t, p)
		},
		"copytruncate": func(p string) {
			appendTo(t, p, more)
			chain{".1": first + more, "": next + last}.make(t, p)
		},
		"no new file": func(p string) {
			must(t, os.Rename(p, p+".2"))
			chain{".1": more + next + last}.make(t, p)
		},
	} {
		t.Run(name, func(t *testing.T) {
			for cut := 0; cutAt(t, cut, first, first+more+next+last, away); cut++ {
			}
		})
	}
}

// cutAt resumes after a number of blocks; false: there are not so many.
func cutAt(t *testing.T, blocks int, before, all string, away func(string)) bool {
	p := write(t, inDir(t, "app.log"), before)
	write(t, p+".9", "older\n")
	opt := quick
	opt.Block, opt.CountLines = 16, true
	f := follow(t, exec.Input{Globs: []string{p}}, opt)
	take(t, f.src, &f.taken, func() bool { return len(f.blocks) > blocks || f.text[p] == before })
	if len(f.blocks) <= blocks {
		return false
	}
	got, pos := f.text[p], f.last[p]
	pos.State = []byte("state")
	f.src.Close()
	away(p)
	f = follow(t, exec.Input{Globs: []string{p}, Resume: []exec.Position{pos}, Start: exec.Start{FromEnd: true}}, opt)
	f.want(p, all[len(got):])
	if string(f.blocks[0].File.State) != "state" {
		t.Errorf("state: %q", f.blocks[0].File.State)
	}
	for _, n := range f.notices {
		if n.Level != exec.Info {
			t.Errorf("cut after %d blocks: %v", blocks, n)
		}
	}
	return true
}

// TestResumeAtEveryRotation cuts a run at every block of a log with several
// generations, each of them still open.
func TestResumeAtEveryRotation(t *testing.T) {
	p := write(t, inDir(t, "app.log"), "")
	write(t, p+".1", "before\n")
	opt := quick
	opt.Block, opt.Linger = 16, time.Hour
	f := follow(t, exec.Input{Globs: []string{p}}, opt)
	text := ""
	for i := range 5 {
		add := numbered(3*i, 3*i+3)
		text += add
		appendTo(t, p, add)
		f.want(p, text)
		for k := 9; k > 0; k-- {
			os.Rename(fmt.Sprintf("%s.%d", p, k), fmt.Sprintf("%s.%d", p, k+1))
		}
		must(t, os.Rename(p, p+".1"))
		write(t, p, "")
		take(t, f.src, &f.taken, func() bool { return strings.Count(fmt.Sprint(f.notices), "rotated") > i })
	}
	appendTo(t, p, "end\n")
	text += "end\n"
	f.want(p, text)
	if n := len(f.last[p].Generations); n != 7 {
		t.Errorf("%d generations, want the file before, five rotated ones and the newest", n)
	}
	got := ""
	for i, b := range f.blocks {
		got += string(b.Data)
		g := follow(t, exec.Input{Globs: []string{p}, Resume: []exec.Position{b.End}}, quick)
		g.want(p, text[len(got):])
		g.src.Close()
		if len(g.notices) > 0 {
			t.Errorf("block %d: %v", i, g.notices)
		}
	}
}

func TestResumeOfEmptyAndAbsent(t *testing.T) {
	for _, absent := range []bool{false, true} {
		for _, older := range []bool{false, true} {
			p := inDir(t, "app.log")
			if !absent {
				write(t, p, "")
			}
			if older {
				write(t, p+".1", "older\n")
			}
			f := follow(t, exec.Input{Globs: []string{p}}, quick)
			f.want(p, "")
			f.src.Close()
			os.Rename(p+".1", p+".3")
			chain{".2": "a\n", ".1": "b\n", "": "c\n"}.make(t, p)
			f = follow(t, exec.Input{Globs: []string{p}, Resume: f.positions()}, quick)
			f.want(p, "a\nb\nc\n")
		}
	}
}

func TestResumeNothingLeft(t *testing.T) {
	p := write(t, inDir(t, "app.log"), numbered(0, 10))
	f := follow(t, exec.Input{Globs: []string{p}}, quick)
	f.want(p, numbered(0, 10))
	f.src.Close()
	must(t, os.Remove(p))
	chain{".1": "x\n", "": "y\n"}.make(t, p)
	f = follow(t, exec.Input{Globs: []string{p}, Resume: f.positions()}, quick)
	f.want(p, "y\n")
	if !f.told(exec.Gap, "") {
		t.Errorf("notices: %v", f.notices)
	}
}

// TestCopyShorterThanRead has a copy that misses lines which were read before the
// truncation: it is not to be read again.
func TestCopyShorterThanRead(t *testing.T) {
	p := write(t, inDir(t, "app.log"), numbered(0, 1000))
	write(t, p+".1", "older\n")
	f := follow(t, exec.Input{Globs: []string{p}}, quick)
	f.want(p, numbered(0, 1000))
	f.src.Close()
	must(t, os.Rename(p+".1", p+".2"))
	chain{".1": numbered(0, 900), "": "new\n"}.make(t, p)
	f = follow(t, exec.Input{Globs: []string{p}, Resume: f.positions()}, quick)
	f.want(p, "new\n")
}

func TestResumeHistory(t *testing.T) {
	p := write(t, inDir(t, "app.log"), "now\n")
	write(t, p+".1", numbered(0, 10))
	opt := quick
	opt.Block = 16
	f := follow(t, exec.Input{Globs: []string{p + "*"}}, opt)
	take(t, f.src, &f.taken, func() bool { return f.text[p+".1"] != "" && f.text[p] != "" })
	f.src.Close()
	got := f.text[p+".1"]
	must(t, os.Rename(p+".1", p+".2"))
	must(t, os.Rename(p, p+".1"))
	write(t, p, "then\n")
	f = follow(t, exec.Input{Globs: []string{p + "*"}, Resume: f.positions()}, opt)
	f.want(p+".1", numbered(0, 10)[len(got):])
	f.want(p, "then\n")
	if len(f.order) != 2 {
		t.Errorf("got %q", f.text)
	}
}

func TestResumeHostile(t *testing.T) {
	p := write(t, inDir(t, "app.log"), "a\n")
	for _, e := range []exec.Generation{
		{Offset: -1}, {Offset: 1 << 62, HeadLen: 1 << 62}, {Offset: 1 << 62, HeadLen: headLen}, {Offset: 1, HeadLen: -5},
		{Offset: 2, HeadLen: 2, TailLen: 99},
	} {
		for _, stored := range []string{"a\n", gz("a\n")} {
			write(t, p, stored)
			f := follow(t, exec.Input{Globs: []string{p}, Resume: []exec.Position{{Path: p, Generations: []exec.Generation{e}}}}, quick)
			f.want(p, "a\n")
			scanAll(t, exec.Input{Globs: []string{p}, Resume: []exec.Position{{Path: p, Generations: []exec.Generation{e}}}}, quick)
		}
	}
}

func TestResumeWithoutMatch(t *testing.T) {
	p := write(t, inDir(t, "app.log"), numbered(0, 10))
	in := exec.Input{Globs: []string{strings.TrimSuffix(p, "app.log") + "*.log"}}
	opt := quick
	opt.Block = 16
	k := scanAll(t, in, opt)
	in.Resume = []exec.Position{k.blocks[2].End}
	rest := k.text[p][k.blocks[3].Offset:]
	must(t, os.Rename(p, p+".1"))
	if k := scanAll(t, in, opt); k.text[p] != rest {
		t.Errorf("scanned %q, want %q", k.text[p], rest)
	}
	f := follow(t, in, opt)
	f.want(p, rest)
	write(t, p, "next\n")
	f.want(p, rest+"next\n")
}

// TestCopyInProgress resumes while copytruncate is still copying.
func TestCopyInProgress(t *testing.T) {
	for _, done := range []int{50, 100} {
		p := write(t, inDir(t, "app.log"), numbered(0, 90))
		write(t, p+".1", "older\n")
		f := follow(t, exec.Input{Globs: []string{p}}, quick)
		f.want(p, numbered(0, 90))
		must(t, os.Rename(p, p+".1"))
		write(t, p, "")
		f.wantNotice(exec.Info, "rotated")
		appendTo(t, p, numbered(90, 190))
		f.want(p, numbered(0, 190))
		f.src.Close()
		must(t, os.Rename(p+".1", p+".2"))
		chain{".1": numbered(90, 90+done)}.make(t, p)
		f = follow(t, exec.Input{Globs: []string{p}, Resume: f.positions()}, quick)
		appendTo(t, p, "more\n")
		f.want(p, "more\n")
		chain{".1": numbered(90, 190) + "more\n", "": "new\n"}.make(t, p)
		f.want(p, "more\nnew\n")
	}
}

// TestResumeBeforeAllAreAnnounced cuts a run after each of its blocks, and wants
// the files that it had not come to yet from where the run was to start.
func TestResumeBeforeAllAreAnnounced(t *testing.T) {
	for cut := 1; cut <= 5; cut++ {
		dir := t.TempDir()
		paths := []string{dir + "/a.log", dir + "/b.log", dir + "/c.log"}
		for _, p := range paths {
			write(t, p, "old\n")
		}
		in := exec.Input{Globs: []string{dir + "/*.log"}, Start: exec.Start{FromEnd: true}}
		f := follow(t, in, quick)
		take(t, f.src, &f.taken, func() bool {
			if f.given == 4 && cut == 5 {
				appendTo(t, paths[1], "line\n")
			}
			return f.given == cut
		})
		f.src.Close()
		if in.Resume = f.positions(); cut >= 4 {
			write(t, dir+"/d.log", "new\n")
		}
		f = follow(t, in, quick)
		take(t, f.src, &f.taken, func() bool { return f.given >= 4 })
		for _, p := range paths {
			appendTo(t, p, "now\n")
		}
		for _, p := range paths {
			f.want(p, "now\n")
		}
		if cut >= 4 {
			f.want(dir+"/d.log", "new\n")
		} else if f.told(exec.Info, "new file") {
			t.Errorf("cut after %d: %v", cut, f.notices)
		}
	}
}

// TestResumeRotatedBeforeAnnounced: a rotated file that its log goes on with is
// not one of its own.
func TestResumeRotatedBeforeAnnounced(t *testing.T) {
	p := write(t, inDir(t, "app.log"), "old\n")
	write(t, p+".5", "older\n")
	in := exec.Input{Globs: []string{p + "*"}}
	f := follow(t, in, quick)
	take(t, f.src, &f.taken, func() bool { return f.given == 1 })
	if f.order[0] != p {
		t.Fatalf("announced %q first", f.order)
	}
	f.src.Close()
	must(t, os.Rename(p, p+".1"))
	write(t, p, "new\n")
	in.Resume = f.positions()
	f = follow(t, in, quick)
	f.want(p, "old\nnew\n")
	f.want(p+".5", "older\n")
	if text, ok := f.text[p+".1"]; ok {
		t.Errorf("%q came twice", text)
	}
}
