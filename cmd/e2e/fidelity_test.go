package e2e

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// contents are files whose bytes are easily damaged on the way.
func contents() map[string]string {
	lines := func(s string, n int) string { return strings.Repeat(s+"\n", n) }
	return map[string]string{
		"delimiter":     "€ 1\n¬ 2\nì 3\n한 4\nЬ 5\nall: € ¬ ì 한 Ь\n",
		"raw-delimiter": "a\xacb\n\xac\n\xacREMOTE|web1|100|1|a.log|x\n",
		"dots":          ".\n..\n.hidden\nplain\n.\n",
		"control":       "one\n.syn close connection\ntwo\n.ack close connection\nthree\n",
		"long-lines":    strings.Repeat("x", 3<<20) + "\nshort\n" + strings.Repeat("€", 1<<20) + "\n" + strings.Repeat("y", 32768) + "\n",
		"longest-line":  "before\n" + strings.Repeat("0123456789", 4<<20) + "\nafter\n",
		"no-newline":    "one\ntwo",
		"only-one":      "one",
		"nul":           "a\x00b\n\x00\n\x00\x00c\n",
		"escape":        "\x1b[31mred\x1b[0m\n\x1b]0;title\x07\n",
		"crlf":          "a\r\nb\r\n\r\n\rc\n\r\n",
		"invalid":       "\xff\xfe\n\xc3\x28\n\xed\xa0\x80\nok\n\x80",
		"empty-lines":   "\n\na\n\n\nb\n\n",
		"only-newline":  "\n",
		"empty":         "",
		"many":          lines("the quick brown fox jumps over the lazy dog", 50_000),
		"gzip-in-name":  "not compressed, whatever its name says\n",
	}
}

// writeContents writes each content into a file, and gives their paths.
func writeContents(t *testing.T, all map[string]string) map[string]string {
	t.Helper()
	dir := t.TempDir()
	paths := map[string]string{}
	for name, text := range all {
		paths[name] = filepath.Join(dir, name)
		if name == "gzip-in-name" {
			paths[name] += ".gz"
		}
		write(t, paths[name], text)
	}
	return paths
}

// ways are here and over SSH: a path becomes an argument.
func ways(f *fleet) map[string]func(path string) string {
	return map[string]func(string) string{
		"local": func(path string) string { return path },
		"ssh":   f.hosts[0].at,
	}
}

// sameBytes compares without flooding the log.
func sameBytes(t *testing.T, r result, want string) {
	t.Helper()
	if r.stdout != want {
		at := 0
		for at < min(len(want), len(r.stdout)) && want[at] == r.stdout[at] {
			at++
		}
		t.Errorf("%d bytes, want %d; the first difference is at %d: %q, want %q", len(r.stdout), len(want), at,
			short(r.stdout[at:min(at+60, len(r.stdout))]), short(want[at:min(at+60, len(want))]))
	}
	if r.stderr != "" || r.status != 0 {
		t.Errorf("status %d, %s", r.status, short(r.stderr))
	}
}

// terminated is text as grep gives it: its last line has a newline.
func terminated(s string) string {
	if s != "" && !strings.HasSuffix(s, "\n") {
		s += "\n"
	}
	return s
}

// TestBytes: what comes out is what is in the file.
func TestBytes(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 1)
	all := contents()
	paths := writeContents(t, all)
	for way, arg := range ways(f) {
		for name, want := range all {
			t.Run(way+"/"+name, func(t *testing.T) {
				sameBytes(t, f.run("dcat", "-plain", arg(paths[name])), want)
				if want == "" || name == "longest-line" {
					return // nothing matches; lines over the limit are given in pieces
				}
				sameBytes(t, f.run("dgrep", "-plain", "", arg(paths[name])), terminated(want))
			})
		}
	}
	for name, want := range all {
		t.Run("stdin/"+name, func(t *testing.T) {
			sameBytes(t, f.feed(strings.NewReader(want), "dcat", "-plain"), want)
		})
	}
}

// TestTooLong: a line over the limit comes in pieces, and the user is told.
func TestTooLong(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 1)
	text := contents()["longest-line"]
	path := filepath.Join(t.TempDir(), "long")
	write(t, path, text)
	for way, arg := range ways(f) {
		t.Run(way, func(t *testing.T) {
			r := f.run("dgrep", "", arg(path))
			if strings.ReplaceAll(r.stdout, "\n", "") != strings.ReplaceAll(text, "\n", "") || r.status != 0 ||
				!strings.Contains(r.stderr, path+": a line is longer than the limit") {
				t.Error(r)
			}
		})
	}
}

// TestBytesFollowed: dtail gives the same bytes, as far as there are whole lines.
func TestBytesFollowed(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 1)
	all := contents()
	paths := writeContents(t, all)
	for way, arg := range ways(f) {
		for name, text := range all {
			want := text[:strings.LastIndexByte(text, '\n')+1]
			if want == "" {
				continue
			}
			t.Run(way+"/"+name, func(t *testing.T) {
				p := f.start("dtail", "-plain", "-n", "+1", arg(paths[name]))
				waitUntil(t, "all of it is here", func() bool { return p.stdout.size() >= len(want) })
				p.signal(syscall.SIGINT)
				status := p.wait()
				sameBytes(t, result{p.stdout.String(), p.stderr.String(), status - 130}, want)
			})
		}
	}
}

func (o *output) size() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Len()
}

// TestSeveralFiles: one behind the other, as cat gives them.
func TestSeveralFiles(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 1)
	all := contents()
	paths := writeContents(t, all)
	for way, arg := range ways(f) {
		t.Run(way, func(t *testing.T) {
			args, want := []string{"dcat", "-plain"}, ""
			for _, name := range []string{"delimiter", "empty", "dots", "long-lines", "nul", "control", "crlf", "many", "invalid"} {
				args, want = append(args, arg(paths[name])), want+all[name]
			}
			sameBytes(t, f.run(args...), want)
		})
		t.Run(way+"/unterminated", func(t *testing.T) {
			sameBytes(t, f.run("dcat", "-plain", arg(paths["no-newline"]), arg(paths["dots"]), arg(paths["only-one"])),
				all["no-newline"]+all["dots"]+all["only-one"])
		})
		t.Run(way+"/pattern", func(t *testing.T) {
			dir := t.TempDir()
			for _, name := range []string{"a.log", "b.log", "c.txt"} {
				write(t, filepath.Join(dir, name), name+"\n")
			}
			sameBytes(t, f.run("dcat", "-plain", arg(filepath.Join(dir, "*.log"))), "a.log\nb.log\n")
		})
	}
}

// TestSeveralHosts: each host's lines are whole and in their order.
func TestSeveralHosts(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 3)
	dir := t.TempDir()
	var args []string
	want := map[string]string{}
	for i, h := range f.hosts {
		mark := string(rune('a' + i))
		var b strings.Builder
		for n := range 30_000 {
			b.WriteString(mark + strings.Repeat(mark, n%100) + "\n")
		}
		if i == 1 {
			b.WriteString(mark + "end") // without a newline: others may follow
		}
		path := filepath.Join(dir, mark)
		write(t, path, b.String())
		want[mark] = terminated(b.String())
		args = append(args, h.at(path))
	}
	r := f.run(append([]string{"dcat", "-plain"}, args...)...)
	got := map[string]*strings.Builder{"a": {}, "b": {}, "c": {}}
	for line := range strings.Lines(terminated(r.stdout)) {
		if b := got[line[:1]]; b != nil {
			b.WriteString(line)
		} else {
			t.Fatalf("%q is no host's line", short(line))
		}
	}
	for mark := range want {
		if got := got[mark].String(); got != want[mark] {
			t.Errorf("host %s: %d bytes, want %d", mark, len(got), len(want[mark]))
		}
	}
	if r.status != 0 || r.stderr != "" {
		t.Error(r)
	}
}

// TestCompressed: a compressed file is its contents.
func TestCompressed(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 1)
	dir := t.TempDir()
	text := ""
	for name, c := range contents() {
		if len(c) < 1<<20 || name == "many" {
			text += terminated(c)
		}
	}
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	z.Write([]byte(text))
	z.Close()
	enc, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	zstded := enc.EncodeAll([]byte(text), nil)
	two := append(append([]byte(nil), zipped.Bytes()...), zipped.Bytes()...)
	for _, c := range []struct {
		name, data, want string
	}{
		{"a.log.gz", zipped.String(), text},
		{"b.log.zst", string(zstded), text},
		{"no-suffix", zipped.String(), text},
		{"members.gz", string(two), text + text},
	} {
		path := filepath.Join(dir, c.name)
		write(t, path, c.data)
		for way, arg := range ways(f) {
			t.Run(way+"/"+c.name, func(t *testing.T) {
				sameBytes(t, f.run("dcat", "-plain", arg(path)), c.want)
				sameBytes(t, f.run("dgrep", "-quiet", "-c", "quick", arg(path)), lineCount(c.want, "quick")+"\n")
			})
		}
	}
	for _, c := range []struct{ name, data string }{
		{"cut.gz", zipped.String()[:zipped.Len()/2]},
		{"cut.zst", string(zstded[:len(zstded)/2])},
	} {
		path := filepath.Join(dir, c.name)
		write(t, path, c.data)
		for way, arg := range ways(f) {
			t.Run(way+"/"+c.name, func(t *testing.T) {
				r := f.run("dcat", "-plain", arg(path))
				if !strings.HasPrefix(text, r.stdout) || strings.Count(r.stderr, "\n") != 1 || !strings.Contains(r.stderr, "cut off") || r.status == 0 {
					t.Error(r)
				}
			})
		}
	}
}

func lineCount(text, word string) string {
	n := 0
	for line := range strings.Lines(text) {
		if strings.Contains(line, word) {
			n++
		}
	}
	return strconv.Itoa(n)
}

// TestSpecialFiles: only regular files are logs.
func TestSpecialFiles(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 1)
	dir := t.TempDir()
	fifo, socket := filepath.Join(dir, "fifo"), filepath.Join(dir, "socket")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err == nil {
		err = syscall.Bind(fd, &syscall.SockaddrUnix{Name: socket})
	}
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(fd)
	link := filepath.Join(dir, "link")
	if err := os.Symlink("/dev/zero", link); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/dev/null", "/dev/zero", fifo, socket, link} {
		for way, arg := range ways(f) {
			t.Run(way+path, func(t *testing.T) {
				r := f.run("dcat", "-plain", arg(path))
				if r.stdout != "" || r.status != 2 || strings.Count(r.stderr, "\n") != 1 || !strings.HasSuffix(r.stderr, path+": not a regular file\n") {
					t.Error(r)
				}
			})
		}
	}
}
