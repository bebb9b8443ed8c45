package follow

import (
	"context"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"fantail/exec"
)

func TestReader(t *testing.T) {
	text := numbered(0, 500) + "rest"
	for name, in := range map[string]string{"plain": text, "gzip": gz(text), "zstd": zst(text)} {
		for _, r := range []io.Reader{strings.NewReader(in), iotest.OneByteReader(strings.NewReader(in)), iotest.DataErrReader(strings.NewReader(in))} {
			src := Reader(r, "-", Options{Block: 64, CountLines: true})
			k := &taken{}
			take(t, src, k, nil)
			if k.text["-"] != text || len(k.notices) > 0 {
				t.Errorf("%s: got %.60q, notices %v", name, k.text["-"], k.notices)
			}
			checkBlocks(t, name, k, text)
			must(t, src.Close())
		}
	}
}

func TestReaderShort(t *testing.T) {
	for _, in := range []string{"", "\n", "x", "(", "\x1f", "P*", "(b\n"} {
		k := &taken{}
		take(t, Reader(strings.NewReader(in), "-", Options{}), k, nil)
		if k.text["-"] != in || len(k.blocks) != 1 {
			t.Errorf("%q: got %q in %d blocks", in, k.text, len(k.blocks))
		}
	}
}

func TestReaderLive(t *testing.T) {
	r, w := io.Pipe()
	src := Reader(r, "-", Options{Live: true})
	defer src.Close()
	k := &taken{}
	go io.WriteString(w, "one\ntw")
	take(t, src, k, func() bool { return len(k.blocks) == 1 })
	go io.WriteString(w, "o\n")
	take(t, src, k, func() bool { return len(k.blocks) == 2 })
	if k.text["-"] != "one\ntwo\n" || k.blocks[0].Arrived.IsZero() {
		t.Errorf("got %q", k.text)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := src.Next(ctx, &exec.Block{}); err != context.Canceled {
		t.Errorf("got %v", err)
	}
	w.Close()
	take(t, src, k, nil)
	if !k.last["-"].Generations[0].Done {
		t.Error("the end is not done")
	}
}

func TestReaderCancelled(t *testing.T) {
	r, w := io.Pipe()
	src := Reader(r, "-", Options{Live: true})
	defer w.Close()
	ctx, cancel := context.WithCancel(context.Background())
	go cancel()
	if err := src.Next(ctx, &exec.Block{}); err != context.Canceled {
		t.Errorf("got %v", err)
	}
}

func TestReaderLongLine(t *testing.T) {
	text := strings.Repeat("x", 1000) + "\nend\n"
	k := &taken{}
	take(t, Reader(strings.NewReader(text), "-", Options{Block: 16, Longest: 100}), k, nil)
	if k.text["-"] != text || len(k.notices) != 1 {
		t.Errorf("got %d bytes, notices %v", len(k.text["-"]), k.notices)
	}
}
