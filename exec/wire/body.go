package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
)

// body takes a frame's body apart. After the first error it gives zero values
// only, so the error is looked at once, at the end.
type body struct {
	b     []byte // what is left
	lists int    // elements that the lists so far have announced
	err   error
}

var errShort = errors.New("a value is cut")

func (p *body) fail(err error) {
	if p.err == nil {
		p.err = err
	}
	p.b = nil
}

// end is the error of the whole body.
func (p *body) end() error {
	if p.err == nil && len(p.b) > 0 {
		return fmt.Errorf("%d bytes too many", len(p.b))
	}
	return p.err
}

func (p *body) word() uint64 {
	n, size := binary.Uvarint(p.b)
	if size <= 0 {
		p.fail(errShort)
		return 0
	}
	p.b = p.b[size:]
	return n
}

// number is a word that fits an int64.
func (p *body) number() int64 {
	n := p.word()
	if n > math.MaxInt64 {
		p.fail(fmt.Errorf("the number %d is too large", n))
		return 0
	}
	return int64(n)
}

// bytes are part of the frame's buffer, or nil.
func (p *body) bytes() []byte {
	n := p.word()
	if n > uint64(len(p.b)) {
		p.fail(fmt.Errorf("%d bytes announced, %d left", n, len(p.b)))
		return nil
	}
	if n == 0 {
		return nil
	}
	b := p.b[:n:n]
	p.b = p.b[n:]
	return b
}

// text allocates only if it is not what old says already: frames of one file
// follow each other.
func (p *body) text(old string) string {
	if b := p.bytes(); string(b) != old {
		return string(b)
	}
	return old
}

// list is the number of elements of a list, each of at least so many bytes.
func (p *body) list(least int) int {
	n := p.word()
	if n > uint64(len(p.b)/least) {
		p.fail(fmt.Errorf("a list of %d elements announced, %d bytes left", n, len(p.b)))
		return 0
	}
	if p.lists += int(n); p.lists > MaxElements {
		p.fail(fmt.Errorf("a frame of %d elements is over the limit of %d", p.lists, MaxElements))
		return 0
	}
	return int(n)
}

// flags is a byte with known bits only.
func (p *body) flags(known byte) byte {
	if len(p.b) == 0 {
		p.fail(errShort)
		return 0
	}
	f := p.b[0]
	if f&^known != 0 {
		p.fail(fmt.Errorf("unknown flags %#x", f))
		return 0
	}
	p.b = p.b[1:]
	return f
}

func (p *body) int() int64 {
	n, size := binary.Varint(p.b)
	if size <= 0 {
		p.fail(errShort)
		return 0
	}
	p.b = p.b[size:]
	return n
}

func (p *body) time() time.Time {
	n := p.int()
	if n == noTime {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}

// resize gives s a length of n. Elements keep what they held before, so that
// their own buffers are used again.
func resize[T any](s []T, n int) []T {
	s = s[:cap(s)]
	if n > len(s) {
		s = slices.Grow(s, n-len(s))
	}
	return s[:n]
}
