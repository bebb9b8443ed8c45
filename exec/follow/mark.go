package follow

import (
	"bytes"
	"io"

	"fantail/exec"

	"github.com/cespare/xxhash/v2"
)

// Lengths of what a file is known by; both are part of exec.Generation's contract.
const (
	headLen = 4096
	tailLen = 256
)

// mark is a place in a file's contents, with the fingerprint of what is before
// it. It moves forward with add, at the cost of hashing the first 4 KiB once and
// of a copy of 256 bytes. The zero value is the beginning of any file.
type mark struct {
	off   int64         // uncompressed bytes
	lines int64         // newlines before off, when counted
	head  xxhash.Digest // of the first min(off, headLen) bytes; unused while off is 0
	tail  [tailLen]byte // the min(off, tailLen) bytes before off, at its end
}

// add moves the mark over p.
func (m *mark) add(p []byte, count bool) {
	if m.off == 0 {
		m.head.Reset()
	}
	if rest := headLen - m.off; rest > 0 {
		m.head.Write(p[:min(int64(len(p)), rest)])
	}
	if n := len(p); n >= tailLen {
		copy(m.tail[:], p[n-tailLen:])
	} else {
		copy(m.tail[:], m.tail[n:])
		copy(m.tail[tailLen-n:], p)
	}
	if count {
		m.lines += int64(bytes.Count(p, newline))
	}
	m.off += int64(len(p))
}

var newline = []byte{'\n'}

// before is the bytes before the mark that it remembers.
func (m *mark) before() []byte {
	return m.tail[tailLen-min(m.off, tailLen):]
}

// sum writes the mark into the position's format.
func (m *mark) sum() exec.Generation {
	if m.off == 0 {
		return exec.Generation{}
	}
	return exec.Generation{
		Head: m.head.Sum64(), HeadLen: min(m.off, headLen),
		Tail: xxhash.Sum64(m.before()), TailLen: min(m.off, tailLen),
		Offset: m.off, Lines: m.lines,
	}
}

// is tells whether e is a position at this mark.
func (m *mark) is(e exec.Generation) bool {
	s := m.sum()
	return s.Offset == e.Offset && s.Head == e.Head && s.HeadLen == e.HeadLen &&
		s.Tail == e.Tail && s.TailLen == e.TailLen
}

// markAt is the mark at off in r, with lines taken over. It reads but the ends.
func markAt(r io.ReaderAt, off, lines int64) (mark, error) {
	m := mark{lines: lines}
	head := make([]byte, min(off, headLen))
	if _, err := r.ReadAt(head, 0); err != nil {
		return m, err
	}
	m.add(head, false)
	if off > headLen {
		if _, err := r.ReadAt(m.tail[:], off-tailLen); err != nil {
			return m, err
		}
	}
	m.off = off
	return m, nil
}

// holds tells whether the bytes before the mark are still those in r.
func (m *mark) holds(r io.ReaderAt) bool {
	want := m.before()
	var buf [tailLen]byte
	got := buf[:len(want)]
	_, err := r.ReadAt(got, m.off-int64(len(want)))
	return (err == nil || err == io.EOF) && bytes.Equal(got, want)
}
