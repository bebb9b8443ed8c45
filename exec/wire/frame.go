package wire

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"slices"

	"github.com/klauspost/compress/zstd"
)

// opening is what each side writes first, before the byte of its version.
const opening = "fantail"

// The kinds of frames.
const (
	kindRequest = 1 + iota
	kindRows
	kindPartial
	kindNotice
	kindEnd
	compressed = 0x80 // set in a kind: the body is one zstd frame
)

const (
	room   = len(opening) + 1 + 4 + 1 // bytes before a body: opening, version, length, kind
	small  = 1 << 10                  // bytes; bodies up to here are not worth compressing
	retain = 1 << 20                  // bytes; larger buffers are not kept for the next frame
)

// frameWriter writes frames. A body is built behind room for all that precedes
// it, so that a frame is one Write and nothing is copied.
type frameWriter struct {
	w      io.Writer
	opened bool          // the opening has been written
	zip    *zstd.Encoder // nil until the first large body
	packed []byte        // the compressed body, behind room
}

// write sends b[room:] as the body of a frame; what is before it is scratch.
func (f *frameWriter) write(kind byte, b []byte) error {
	if n := len(b) - room; n >= MaxFrame {
		return fmt.Errorf("a frame of %d bytes is over the limit of %d", n+1, MaxFrame)
	}
	if packed := f.pack(b); packed != nil {
		kind, b = kind|compressed, packed
	}
	_, err := f.w.Write(f.head(kind, b))
	f.opened = true
	return err
}

// pack gives the compressed body behind room, or nil where that gains nothing.
func (f *frameWriter) pack(b []byte) []byte {
	if len(b)-room <= small {
		return nil
	}
	if f.zip == nil {
		f.zip = newZip()
	}
	packed := f.zip.EncodeAll(b[room:], slices.Grow(f.packed[:0], room)[:room])
	f.packed = keep(packed)
	if len(packed) >= len(b) {
		return nil
	}
	return packed
}

// head fills the room before the body and gives the whole frame.
func (f *frameWriter) head(kind byte, b []byte) []byte {
	var h [room]byte
	head := h[:0]
	if !f.opened {
		head = append(append(head, opening...), Version)
	}
	head = binary.AppendUvarint(head, uint64(len(b)-room+1))
	head = append(head, kind)
	start := room - len(head)
	copy(b[start:], head)
	return b[start:]
}

// frameReader reads frames.
type frameReader struct {
	r     *bufio.Reader
	unzip *zstd.Decoder // nil until the first compressed body
	raw   []byte        // the body as it came
	plain []byte        // the body when it was compressed
}

// open reads the other side's opening.
func (f *frameReader) open() error {
	var b [len(opening) + 1]byte
	if _, err := io.ReadFull(f.r, b[:]); err != nil {
		return cut(err)
	}
	e := &VersionError{Ours: Version, Sent: b[:]}
	if string(b[:len(opening)]) != opening {
		return e
	}
	if e.Theirs = int(b[len(opening)]); e.Theirs != Version {
		return e
	}
	return nil
}

// next gives the next frame; the body is valid until the next call.
func (f *frameReader) next() (kind byte, body []byte, err error) {
	n, err := readLength(f.r)
	if err != nil {
		return 0, nil, err
	}
	if kind, err = f.r.ReadByte(); err != nil {
		return 0, nil, cut(err)
	}
	if err := f.fill(n - 1); err != nil {
		return 0, nil, cut(err)
	}
	if kind&compressed == 0 {
		return kind, f.raw, nil
	}
	body, err = f.unpack()
	return kind &^ compressed, body, err
}

// readLength reads a frame's length. It takes no byte more than that needs, so
// that a length cut short is told from a bad one.
func readLength(r *bufio.Reader) (int, error) {
	var n uint64
	for shift := 0; ; shift += 7 {
		b, err := r.ReadByte()
		if err != nil {
			return 0, cut(err)
		}
		n |= uint64(b&0x7f) << shift
		if b >= 0x80 && n <= MaxFrame && shift < 28 {
			continue
		}
		if b >= 0x80 || n == 0 || n > MaxFrame {
			return 0, fmt.Errorf("a frame of %d bytes or more is outside of the limits of 1 and %d", n, MaxFrame)
		}
		return int(n), nil
	}
}

// fill reads n bytes into raw. Memory grows with what has come, not with what
// was announced.
func (f *frameReader) fill(n int) error {
	f.raw = keep(f.raw)[:0]
	for len(f.raw) < n {
		have := len(f.raw)
		step := min(n-have, retain)
		f.raw = slices.Grow(f.raw, step)[:have+step]
		if _, err := io.ReadFull(f.r, f.raw[have:]); err != nil {
			return err
		}
	}
	return nil
}

// unpack gives the contents of a compressed body.
func (f *frameReader) unpack() ([]byte, error) {
	if f.unzip == nil {
		f.unzip = newUnzip()
	}
	b, err := f.unzip.DecodeAll(f.raw, keep(f.plain)[:0])
	if err != nil {
		return nil, fmt.Errorf("decompress a frame of %d bytes, at most to %d: %w", len(f.raw)+1, MaxFrame, err)
	}
	f.plain = b
	return b, nil
}

// keep gives a buffer back for use again, unless one large frame has blown it up.
func keep(b []byte) []byte {
	if cap(b) > retain {
		return nil
	}
	return b
}

func newZip() *zstd.Encoder {
	z, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1),
		zstd.WithLowerEncoderMem(true), zstd.WithEncoderCRC(false)) // the transport has its own checksums
	if err != nil {
		panic("BUG: zstd encoder: " + err.Error())
	}
	return z
}

func newUnzip() *zstd.Decoder {
	z, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxMemory(MaxFrame))
	if err != nil {
		panic("BUG: zstd decoder: " + err.Error())
	}
	return z
}
