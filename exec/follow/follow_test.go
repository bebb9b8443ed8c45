package follow

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fantail/exec"

	"github.com/klauspost/compress/zstd"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// write makes a file; append adds to it.
func write(t testing.TB, path, text string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func appendTo(t testing.TB, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o644)
	if err == nil {
		_, err = f.WriteString(text)
		f.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func gz(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	io.WriteString(w, text)
	w.Close()
	return b.String()
}

func zst(text string) string {
	w, _ := zstd.NewWriter(nil)
	defer w.Close()
	return string(w.EncodeAll([]byte(text), nil))
}

// taken is what a source gave until it ended.
type taken struct {
	text    map[string]string // by path
	order   []string          // paths, as they first came
	notices []exec.Notice
	last    map[string]exec.Position
	blocks  []exec.Block // of files, with copied Data
	given   int          // blocks, of files or not
}

func (k *taken) add(b *exec.Block) {
	if k.text == nil {
		k.text, k.last = map[string]string{}, map[string]exec.Position{}
	}
	p := b.File.Path
	k.given++
	if p == exec.Announced {
		k.last[p] = b.End
		return
	}
	if _, ok := k.text[p]; !ok {
		k.order = append(k.order, p)
	}
	k.text[p] += string(b.Data)
	k.last[p] = b.End
	c := *b
	c.Data = bytes.Clone(b.Data)
	k.blocks = append(k.blocks, c)
}

func (k *taken) positions() []exec.Position {
	var all []exec.Position
	for _, p := range k.last {
		all = append(all, p)
	}
	return all
}

func (k *taken) told(level exec.Level, part string) bool {
	for _, n := range k.notices {
		if n.Level == level && strings.Contains(n.Error(), part) {
			return true
		}
	}
	return false
}

// take reads src until done says so, its end, or a deadline, which is an error.
func take(t testing.TB, src exec.Source, k *taken, done func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	var b exec.Block
	for done == nil || !done() {
		err := src.Next(ctx, &b)
		var n exec.Notice
		switch {
		case errors.As(err, &n):
			k.notices = append(k.notices, n)
		case err == io.EOF:
			if done != nil {
				t.Fatal("ended early")
			}
			return
		case err != nil:
			t.Fatalf("next: %v; so far %.300q, notices %.300v", err, k.text, k.notices)
		default:
			k.add(&b)
		}
	}
}

func scanAll(t testing.TB, in exec.Input, opt Options) *taken {
	t.Helper()
	src := New(in, OS{}, opt)
	defer src.Close()
	k := &taken{}
	take(t, src, k, nil)
	return k
}

// tail is a follower under test.
type tail struct {
	t   testing.TB
	src *Source
	taken
}

var quick = Options{Linger: 60 * time.Millisecond, Sweep: 20 * time.Millisecond}

func follow(t testing.TB, in exec.Input, opt Options) *tail {
	in.Follow = true
	f := &tail{t: t, src: New(in, OS{}, opt)}
	t.Cleanup(func() { f.src.Close() })
	return f
}

// want waits until the path's text is what is wanted.
func (f *tail) want(path, text string) {
	f.t.Helper()
	take(f.t, f.src, &f.taken, func() bool {
		_, seen := f.text[path]
		return seen && len(f.text[path]) >= len(text)
	})
	if got := f.text[path]; got != text {
		f.t.Fatalf("got %q, want %q", got, text)
	}
}

func (f *tail) wantNotice(level exec.Level, part string) {
	f.t.Helper()
	take(f.t, f.src, &f.taken, func() bool { return f.told(level, part) })
}

func numbered(from, to int) string {
	var b strings.Builder
	for i := from; i < to; i++ {
		fmt.Fprintf(&b, "line %d\n", i)
	}
	return b.String()
}

func inDir(t testing.TB, name string) string { return filepath.Join(t.TempDir(), name) }
