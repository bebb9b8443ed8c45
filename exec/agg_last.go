package exec

import (
	"cmp"
	"encoding/binary"
	"strconv"
	"strings"
)

// lastAgg is last(x), the value of the last line in which x is not null, and
// len(x), that value's length in bytes. Last is by arrival, host, file and
// offset, in this order, so that every merge agrees; in files that are only
// scanned there is no arrival, and host, file and offset decide.
//
// State: empty, or arrival varint in nanoseconds, host and path as cells, offset
// uvarint, and the value as a cell.
type lastAgg struct {
	origin string // the host of lines that are added
	length bool   // len(x)
	last   []stamped
	bytes  int
}

// stamped is a value and its place in the order of all lines.
type stamped struct {
	arrived int64 // nanoseconds since 1970; 0: only scanned
	host    string
	path    string
	offset  int64 // bytes
	value   []byte
	ok      bool
}

func (s *stamped) compare(t *stamped) int {
	if c := cmp.Compare(s.arrived, t.arrived); c != 0 {
		return c
	}
	if c := strings.Compare(s.host, t.host); c != 0 {
		return c
	}
	if c := strings.Compare(s.path, t.path); c != 0 {
		return c
	}
	return cmp.Compare(s.offset, t.offset)
}

func (a *lastAgg) grow(n int) { a.last = growTo(a.last, n) }
func (a *lastAgg) reset()     { a.last, a.bytes = a.last[:0], 0 }
func (a *lastAgg) size() int  { return a.bytes }

// take keeps the later of two values.
func (a *lastAgg) take(g int32, s *stamped) {
	old := &a.last[g]
	if old.ok && s.compare(old) <= 0 {
		return
	}
	a.bytes += len(s.value) - len(old.value)
	value := append(old.value[:0], s.value...)
	*old = *s
	old.value = value
}

func (a *lastAgg) add(b *batch, arg *column, sel, groups []int32) {
	s := stamped{arrived: b.arrived, host: a.origin, path: b.file.Path, ok: true}
	for k := len(sel) - 1; k >= 0; k-- { // from the last line on, so that a group copies one value, not all
		i := sel[k]
		if arg.cells[i].IsNull() {
			continue
		}
		s.offset = b.Offset + int64(b.Lines[i].Start)
		s.value = b.text(arg, i)
		a.take(groups[k], &s)
	}
}

func (a *lastAgg) appendState(dst []byte, g int32) []byte {
	s := &a.last[g]
	if !s.ok {
		return dst
	}
	dst = binary.AppendVarint(dst, s.arrived)
	dst = AppendCell(dst, []byte(s.host), false)
	dst = AppendCell(dst, []byte(s.path), false)
	dst = binary.AppendUvarint(dst, uint64(s.offset))
	return AppendCell(dst, s.value, false)
}

func (a *lastAgg) merge(g int32, state []byte) error {
	if len(state) == 0 {
		return nil
	}
	s := stamped{ok: true}
	var k int
	if s.arrived, k = binary.Varint(state); k <= 0 {
		return errState
	}
	host, rest, null1, err1 := CutCell(state[k:])
	path, rest, null2, err2 := CutCell(rest)
	offset, k := binary.Uvarint(rest)
	if null1 || null2 || err1 != nil || err2 != nil || k <= 0 {
		return errState
	}
	value, rest, null3, err3 := CutCell(rest[k:])
	if null3 || err3 != nil || len(rest) > 0 {
		return errState
	}
	s.host, s.path, s.offset, s.value = string(host), string(path), int64(offset), value
	a.take(g, &s)
	return nil
}

func (a *lastAgg) appendValue(dst []byte, g int32) ([]byte, bool) {
	s := &a.last[g]
	switch {
	case !s.ok:
		return dst, true
	case a.length:
		return strconv.AppendInt(dst, int64(len(s.value)), 10), false
	}
	return append(dst, s.value...), false
}
