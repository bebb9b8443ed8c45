package follow

import (
	"bufio"
	"bytes"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// contents are a file's uncompressed bytes, read in order.
type contents interface {
	// read fills p with what is at off, which is where the read before ended,
	// less what was given back since. It fills less only with an error; io.EOF
	// is the end.
	read(p []byte, off int64) (int, error)
	// unread gives back the last bytes read.
	unread(p []byte)
	close()
}

// plain are contents that are stored as they are.
type plain struct{ r io.ReaderAt }

func (c plain) read(p []byte, off int64) (int, error) {
	n, err := c.r.ReadAt(p, off)
	if n == len(p) {
		err = nil
	}
	return n, err
}

func (plain) unread([]byte) {} // read takes any offset
func (plain) close()        {}

// packed are contents that come out of a decompressor.
type packed struct {
	r    io.Reader
	end  func()
	pend []byte // given back
}

// decompress returns the contents that r holds in the format. A decompressor
// that refuses the very beginning does so at the first read.
func decompress(r io.Reader, f format) *packed {
	var err error
	switch f {
	case gzipped:
		var z *gzip.Reader
		if z, err = gzip.NewReader(bufio.NewReaderSize(r, 64<<10)); err == nil {
			return &packed{r: z, end: func() { z.Close() }}
		}
	case zstded:
		var z *zstd.Decoder
		// The window is what the zstd tool allows by default. One decoder runs
		// in its caller: more cost goroutines and, measured, speed.
		z, err = zstd.NewReader(r, zstd.WithDecoderConcurrency(1),
			zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(128<<20))
		if err == nil {
			return &packed{r: z, end: z.Close}
		}
	default:
		return &packed{r: r, end: func() {}}
	}
	return &packed{r: broken{err}, end: func() {}}
}

func (c *packed) read(p []byte, _ int64) (int, error) {
	n := copy(p, c.pend)
	c.pend = c.pend[n:]
	for n < len(p) {
		m, err := c.r.Read(p[n:])
		n += m
		if err != nil && n < len(p) {
			return n, err
		}
	}
	return n, nil
}

func (c *packed) unread(p []byte) { c.pend = append(append(c.pend[:0:0], p...), c.pend...) }
func (c *packed) close()          { c.end() }

// broken is a reader that has failed.
type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }

// format is how a file is compressed.
type format int

const (
	asIs format = iota
	gzipped
	zstded
	undecided // the bytes seen so far may become either
)

// magics are the first bytes of compressed files.
var magics = []struct {
	format format
	bytes  []byte
	low    byte // bits of the first byte that may be anything
}{
	{gzipped, []byte{0x1f, 0x8b}, 0},
	{zstded, []byte{0x28, 0xb5, 0x2f, 0xfd}, 0},
	{zstded, []byte{0x50, 0x2a, 0x4d, 0x18}, 0x0f}, // a skippable frame
}

// sniff tells a format by a file's first bytes.
func sniff(head []byte) format {
	for _, m := range magics {
		n := min(len(head), len(m.bytes))
		if n == 0 || head[0]&^m.low != m.bytes[0] || !bytes.Equal(head[1:n], m.bytes[1:n]) {
			continue
		}
		if n == len(m.bytes) {
			return m.format
		}
		return undecided
	}
	return asIs
}
