package wire

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"fantail/exec"
	"fantail/planner"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// recorder is a sink that keeps copies of everything.
type recorder struct {
	got  []any
	fail error // what every call returns
}

func (r *recorder) Rows(v *exec.Rows) error       { return r.keep(clone(v)) }
func (r *recorder) Partial(v *exec.Partial) error { return r.keep(clone(v)) }
func (r *recorder) Notice(v exec.Notice) error    { return r.keep(v) }

func (r *recorder) keep(v any) error {
	r.got = append(r.got, v)
	return r.fail
}

func clone[T any](v *T) *T {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	c := new(T)
	if err := json.Unmarshal(b, c); err != nil {
		panic(err)
	}
	return c
}

// encode gives the stream of a run that yields the frames, and where in it each
// frame ends.
func encode(t testing.TB, frames []any, runErr error) (stream []byte, ends []int) {
	t.Helper()
	var b bytes.Buffer
	e := NewEncoder(&b)
	for _, f := range frames {
		if err := give(e, f); err != nil {
			t.Fatal(err)
		}
		ends = append(ends, b.Len())
	}
	if err := e.End(runErr); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), ends
}

func give(sink exec.Sink, frame any) error {
	switch f := frame.(type) {
	case *exec.Rows:
		return sink.Rows(f)
	case *exec.Partial:
		return sink.Partial(f)
	case exec.Notice:
		return sink.Notice(f)
	}
	return fmt.Errorf("no frame: %T", frame)
}

func decode(stream []byte, sink exec.Sink) error {
	return Decode(bufio.NewReader(bytes.NewReader(stream)), sink)
}

func number() *rapid.Generator[int64] {
	return rapid.OneOf(rapid.Int64Range(0, 300), rapid.Int64Min(0))
}

func text() *rapid.Generator[string] { return rapid.StringN(0, 20, -1) }

// data is often long enough to be compressed, and then compressible or not.
func data() *rapid.Generator[[]byte] {
	return rapid.Custom(func(t *rapid.T) []byte {
		b := rapid.SliceOfN(rapid.Byte(), 1, 50).Draw(t, "data")
		return bytes.Repeat(b, rapid.SampledFrom([]int{1, 1, 1, 100}).Draw(t, "times"))
	})
}

func progress(t *rapid.T) exec.Progress {
	generation := rapid.Custom(func(t *rapid.T) exec.Generation {
		n := number()
		return exec.Generation{
			Dev: rapid.Uint64().Draw(t, "dev"), Ino: rapid.Uint64().Draw(t, "ino"),
			Head: rapid.Uint64().Draw(t, "head"), HeadLen: n.Draw(t, "head length"),
			Tail: rapid.Uint64().Draw(t, "tail"), TailLen: n.Draw(t, "tail length"),
			Offset: n.Draw(t, "offset"), Lines: n.Draw(t, "lines"), Done: rapid.Bool().Draw(t, "done"),
		}
	})
	position := rapid.Custom(func(t *rapid.T) exec.Position {
		return exec.Position{
			Path:        text().Draw(t, "path"),
			Generations: rapid.SliceOfN(generation, 0, 3).Draw(t, "generations"),
			State:       rapid.SliceOfN(rapid.Byte(), 0, 5).Draw(t, "state"),
		}
	})
	return exec.Progress{
		Ends:  rapid.SliceOfN(position, 0, 3).Draw(t, "ends"),
		Lines: number().Draw(t, "lines"), Bytes: number().Draw(t, "bytes"), Malformed: number().Draw(t, "malformed"),
	}
}

func rows(t *rapid.T) any {
	r := &exec.Rows{Path: text().Draw(t, "path"), Data: data().Draw(t, "data"), Progress: progress(t)}
	r.N = rapid.IntRange(0, min(len(r.Data), 20)).Draw(t, "n")
	if rapid.Bool().Draw(t, "uncounted") {
		r.N = exec.Uncounted
	} else if rapid.Bool().Draw(t, "numbered") {
		for range r.N {
			r.Info = append(r.Info, exec.RowInfo{
				Line: number().Draw(t, "line"), Offset: number().Draw(t, "offset"),
				Context: rapid.Bool().Draw(t, "context"), Break: rapid.Bool().Draw(t, "break"),
			})
		}
	}
	return r
}

func instant(t *rapid.T) time.Time {
	n := rapid.OneOf(rapid.Int64(), rapid.Just[int64](math.MinInt64)).Draw(t, "time")
	if n == math.MinInt64 {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}

func partial(t *rapid.T) any {
	group := rapid.Custom(func(t *rapid.T) exec.Group {
		return exec.Group{
			Key:    rapid.SliceOfN(rapid.Byte(), 0, 8).Draw(t, "key"),
			States: rapid.SliceOfN(data(), 0, 3).Draw(t, "states"),
		}
	})
	return &exec.Partial{
		Window: instant(t), Passed: instant(t),
		Groups: rapid.SliceOfN(group, 0, 5).Draw(t, "groups"), Progress: progress(t),
	}
}

func notice(t *rapid.T) any {
	return exec.Notice{
		Level: exec.Level(rapid.IntRange(0, 3).Draw(t, "level")),
		Path:  text().Draw(t, "path"), Text: text().Draw(t, "text"),
	}
}

func frames() *rapid.Generator[[]any] {
	return rapid.SliceOfN(rapid.OneOf(rapid.Custom(rows), rapid.Custom(partial), rapid.Custom(notice)), 0, 6)
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		want := frames().Draw(rt, "frames")
		stream, _ := encode(t, want, nil)
		var got recorder
		if err := decode(stream, &got); err != nil {
			rt.Fatal(err)
		}
		if diff := cmp.Diff(want, got.got, cmpopts.EquateEmpty()); diff != "" {
			rt.Fatal(diff)
		}
	})
}

func TestEveryCut(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		want := frames().Draw(rt, "frames")
		stream, ends := encode(t, want, nil)
		stream = stream[:min(len(stream), 5000)]
		whole := 0
		for at := range stream {
			for whole < len(ends) && ends[whole] <= at {
				whole++
			}
			var got recorder
			if err := decode(stream[:at], &got); err != io.ErrUnexpectedEOF {
				rt.Fatalf("cut at %d of %d: %v", at, len(stream), err)
			}
			if len(got.got) != whole {
				rt.Fatalf("cut at %d of %d: %d frames, want %d", at, len(stream), len(got.got), whole)
			}
			if whole > 0 && ends[whole-1] == at {
				if again, _ := encode(t, got.got, nil); !bytes.Equal(again[:at], stream[:at]) {
					rt.Fatalf("cut at %d of %d: other frames", at, len(stream))
				}
			}
		}
	})
}

func TestCutByAnError(t *testing.T) {
	reset := errors.New("connection reset")
	stream, _ := encode(t, []any{exec.Notice{Text: "hello"}}, nil)
	for _, at := range []int{0, 3, 8, 9, 12} {
		r := io.MultiReader(bytes.NewReader(stream[:at]), iotest.ErrReader(reset))
		err := Decode(bufio.NewReader(r), new(recorder))
		if !errors.Is(err, io.ErrUnexpectedEOF) || !errors.Is(err, reset) {
			t.Errorf("cut at %d: %v", at, err)
		}
	}
}

func TestEnd(t *testing.T) {
	for _, test := range []struct {
		err  error
		want string
	}{
		{errors.New("no such file"), "no such file"},
		{errors.New(""), "failed without saying why"},
		{fmt.Errorf("a %w", errors.New("b")), "a b"},
	} {
		stream, _ := encode(t, nil, test.err)
		var run *RunError
		if err := decode(stream, new(recorder)); !errors.As(err, &run) || run.Text != test.want {
			t.Errorf("%q: got %v", test.want, err)
		}
	}
	stream, _ := encode(t, nil, ErrShutdown)
	if err := decode(stream, new(recorder)); !errors.Is(err, ErrShutdown) {
		t.Error(err)
	}
	stream, _ = encode(t, nil, errors.New("server is shutting down a bit"))
	if err := decode(stream, new(recorder)); errors.Is(err, ErrShutdown) {
		t.Error(err)
	}
}

func TestSinkErrorIsReturnedAsItIs(t *testing.T) {
	for _, f := range []any{&exec.Rows{}, &exec.Partial{}, exec.Notice{}} {
		stream, _ := encode(t, []any{f, f}, nil)
		sink := recorder{fail: errors.New("full")}
		if err := decode(stream, &sink); err != sink.fail || len(sink.got) != 1 {
			t.Errorf("%T: %v after %d frames", f, err, len(sink.got))
		}
	}
}

func TestRequest(t *testing.T) {
	want := &Request{
		Query: "select count(*)", Server: "web1", Context: planner.Context{After: 3},
		Input: exec.Input{
			Globs: []string{"/var/log/*.log", "\xff" + "bad"}[:1], Follow: true, Start: exec.Start{FromEnd: true, Lines: 10},
			Resume: []exec.Position{{Path: "a", Generations: []exec.Generation{{Head: math.MaxUint64, Offset: 1 << 62}}, State: []byte{0, 1}}},
		},
	}
	var b bytes.Buffer
	if err := WriteRequest(&b, want); err != nil {
		t.Fatal(err)
	}
	stream := b.Bytes()
	got, err := ReadRequest(bufio.NewReader(bytes.NewReader(stream)))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal(diff)
	}
	for at := range stream {
		if _, err := ReadRequest(bufio.NewReader(bytes.NewReader(stream[:at]))); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatalf("cut at %d: %v", at, err)
		}
	}
}

func TestVersions(t *testing.T) {
	for _, test := range []struct{ sent, want string }{
		{"fantail\x07....", "this side speaks version 1, the other side version 7"},
		{"SSH-2.0-OpenSSH", `want fantail version 1, the other side began with "SSH-2.0-"`},
		{"fantail\x00....", `the other side began with "fantail\x00"`},
	} {
		for name, read := range map[string]func(*bufio.Reader) error{
			"server": func(r *bufio.Reader) error { _, err := ReadRequest(r); return err },
			"client": func(r *bufio.Reader) error { return Decode(r, new(recorder)) },
		} {
			err := read(bufio.NewReader(strings.NewReader(test.sent)))
			var version *VersionError
			if !errors.As(err, &version) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%s: %q: %v", name, test.sent, err)
			}
		}
	}
}

func TestHostileStreams(t *testing.T) {
	const open = "fantail\x01"
	empty := "\x00\x00\x00\x00" // progress
	for _, test := range []struct{ stream, want string }{
		{open + "\x00", "a frame of 0 bytes"},
		{open + "\x81\x80\x80\x20", "a frame of 67108865 bytes or more is outside of the limits of 1 and 67108864"},
		{open + "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "is outside of the limits"},
		{open + "\x85\x80\x80\x80\x80\x80\x80", "is outside of the limits"},
		{open + "\x01\x09", "unknown kind 9"},
		{open + "\x01\x01", "unknown kind 1"},
		{open + "\x01\x02", "decode rows: a value is cut"},
		{open + "\x03\x84{}", "decompress a frame of 3 bytes"},
		{open + "\x02\x04{", "decode notice"},
		{open + "\x03\x05\x00x", "decode end: 1 bytes too many"},
		{open + "\x02\x05\x09", "9 bytes announced, 0 left"},
		{open + "\x09\x02\x00\x00\x00\xff\xff\xff\xff\x0f", "a list of 4294967295 elements announced, 0 bytes left"},
		{open + "\x0a\x02" + empty + "\x00\x04\x01x\x00", "2 rows in 1 bytes"},
		{open + "\x0e\x02" + empty + "\x00\x04\x02xx\x01\x00\x00\x00", "info about 1 of 2 rows"},
		{open + "\x0b\x02" + empty + "\x00\x02\x01x\x00x", "decode rows: 1 bytes too many"},
		{open + "\x0d\x02" + empty + "\x00\x02\x01x\x01\x00\x00\x04", "unknown flags 0x4"},
		{open + "\x0e\x02" + empty + "\x00\x01\x02xx\x01\x00\x00\x00", "info about 1 of -1 rows"},
		{open + "\x0b\x02" + empty + "\x00\x03\x02xx\x00", "-2 rows in 2 bytes"},
		{open + "\x0b\x02\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "is too large"},
	} {
		var sink recorder
		err := decode([]byte(test.stream), &sink)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: got %v, want %s", test.stream, err, test.want)
		}
		if len(sink.got) > 0 {
			t.Errorf("%q: the sink got %v", test.stream, sink.got)
		}
	}
}

func TestLimits(t *testing.T) {
	e := NewEncoder(io.Discard)
	if err := e.Rows(&exec.Rows{N: 1, Data: make([]byte, MaxFrame)}); err == nil ||
		!strings.Contains(err.Error(), "a frame of 67108876 bytes is over the limit of 67108864") {
		t.Error(err)
	}
	if err := e.Partial(&exec.Partial{Groups: make([]exec.Group, MaxElements+1)}); err == nil ||
		!strings.Contains(err.Error(), "a frame of 4194305 elements is over the limit of 4194304") {
		t.Error(err)
	}
	for _, at := range []time.Time{time.Date(1, 1, 1, 0, 0, 0, 1, time.UTC), time.Date(2300, 1, 1, 0, 0, 0, 0, time.UTC)} {
		if err := e.Partial(&exec.Partial{Window: at}); err == nil || !strings.Contains(err.Error(), "out of range") {
			t.Error(at, err)
		}
	}
}

// TestManyElements sends what a decoder must refuse though its bytes are few.
func TestManyElements(t *testing.T) {
	b := make([]byte, room, room+20<<20)
	b = append(b, 0, 0, 0, 0, 0, 0)
	b = append(b, 0x81, 0x80, 0x80, 0x02) // 4 Mi + 1 groups
	b = append(b, make([]byte, 2*(MaxElements+1))...)
	var stream bytes.Buffer
	f := frameWriter{w: &stream}
	if err := f.write(kindPartial, b); err != nil {
		t.Fatal(err)
	}
	if err := decode(stream.Bytes(), new(recorder)); err == nil || !strings.Contains(err.Error(), "4194305 elements is over") {
		t.Fatal(err)
	}
}

// writes counts Write calls.
type writes int

func (w *writes) Write(b []byte) (int, error) { *w++; return len(b), nil }

func TestOneWriteForEachFrame(t *testing.T) {
	var w writes
	e := NewEncoder(&w)
	e.Notice(exec.Notice{Text: "a"})
	e.Rows(&exec.Rows{N: 1, Data: bytes.Repeat([]byte("x"), 1<<20)})
	e.End(nil)
	if w != 3 {
		t.Errorf("%d writes", w)
	}
}

// TestCompression: only what gets shorter by it.
func TestCompression(t *testing.T) {
	noise := make([]byte, 2*small)
	rand.NewChaCha8([32]byte{}).Read(noise)
	for _, test := range []struct {
		name string
		data []byte
		want bool
	}{
		{"short", bytes.Repeat([]byte("x"), small/2), false},
		{"lines", bytes.Repeat([]byte("a line\n"), small), true},
		{"noise", noise, false},
	} {
		stream, _ := encode(t, []any{&exec.Rows{Data: test.data}}, nil)
		head := bytes.NewReader(stream[8:])
		if _, err := binary.ReadUvarint(head); err != nil {
			t.Fatal(err)
		}
		kind, _ := head.ReadByte()
		if got := kind&compressed != 0; got != test.want {
			t.Errorf("%s: compressed %v", test.name, got)
		}
	}
}

type discard struct{}

func (discard) Rows(*exec.Rows) error       { return nil }
func (discard) Partial(*exec.Partial) error { return nil }
func (discard) Notice(exec.Notice) error    { return nil }

func rowsFrame() *exec.Rows {
	r := &exec.Rows{Path: "/var/log/syslog", N: 1000}
	for i := range r.N {
		r.Data = fmt.Appendf(r.Data, "2026-11-20 09:00:%02d host%d app: request %d served\n", i%60, i%7, i*i)
		r.Info = append(r.Info, exec.RowInfo{Line: int64(i), Offset: int64(i * 50)})
	}
	r.Ends = []exec.Position{{Path: r.Path, Generations: []exec.Generation{{Offset: 1 << 20}}}}
	return r
}

func TestNoAllocationForEachRow(t *testing.T) {
	r := rowsFrame()
	e := NewEncoder(io.Discard)
	if n := testing.AllocsPerRun(100, func() { e.Rows(r) }); n > 1 {
		t.Errorf("encode: %v allocations for each frame", n)
	}
	var frames []any
	for range 100 {
		frames = append(frames, r)
	}
	stream, _ := encode(t, frames, nil)
	// The race detector takes some of its own for each frame.
	if n := testing.AllocsPerRun(5, func() { decode(stream, discard{}) }); n > 500 {
		t.Errorf("decode: %v allocations for 100 frames of 1000 rows", n)
	}
}

func BenchmarkEncode(b *testing.B) {
	r := rowsFrame()
	b.SetBytes(int64(len(r.Data)))
	b.ReportAllocs()
	e := NewEncoder(io.Discard)
	for b.Loop() {
		e.Rows(r)
	}
}

func BenchmarkDecode(b *testing.B) {
	r := rowsFrame()
	b.SetBytes(int64(len(r.Data)))
	b.ReportAllocs()
	stream, ends := encode(b, []any{r}, nil)
	d := decoder{sink: discard{}}
	for b.Loop() {
		d.frames.r = bufio.NewReader(bytes.NewReader(stream[8:ends[0]]))
		if _, err := d.frame(); err != nil {
			b.Fatal(err)
		}
	}
}

// FuzzDecode: what a decoder accepts is what an encoder could have written.
func FuzzDecode(f *testing.F) {
	stream, _ := encode(f, []any{
		&exec.Rows{N: 300, Data: bytes.Repeat([]byte("line\n"), 300)},
		&exec.Rows{Path: "p", N: 1, Data: []byte("x"), Info: []exec.RowInfo{{Line: 1}}},
		&exec.Partial{Groups: []exec.Group{{Key: []byte("k"), States: [][]byte{{1}, {2}}}}},
		exec.Notice{Text: "x"},
	}, errors.New("e"))
	f.Add(stream)
	f.Add([]byte("fantail\x01\x0b\x02\x00\x00\x00\x00\x00\x02\x01x\x00\x02\x05\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		var first, second recorder
		decode(b, &first)
		want, _ := encode(t, first.got, nil)
		if err := decode(want, &second); err != nil {
			t.Fatal(err)
		}
		if got, _ := encode(t, second.got, nil); !bytes.Equal(got, want) {
			t.Fatalf("%q\nbecame\n%q", want, got)
		}
	})
}
