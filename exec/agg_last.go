package exec

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"strconv"
	"strings"
)

// lastAgg is last(x), the value of the last line in which x is not null, and
// len(x), that value's length in bytes; first(x), that of the first one; and
// any(x), which is the same as first(x), for any choice that every merge agrees
// on costs as much. Last is by arrival, host, file and offset, in this order; in
// files that are only scanned there is no arrival, and host, file and offset
// decide.
//
// State: empty, or a stamped value.
type lastAgg struct {
	origin string // the host of lines that are added
	sign   int    // 1 last, -1 first
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
	if c := cmp.Compare(s.offset, t.offset); c != 0 {
		return c
	}
	return bytes.Compare(s.value, t.value) // of states that were made up
}

// appendState appends arrival varint in nanoseconds, host and path as cells,
// offset uvarint, and the value as a cell.
func (s *stamped) appendState(dst []byte) []byte {
	dst = binary.AppendVarint(dst, s.arrived)
	dst = AppendCell(dst, []byte(s.host), false)
	dst = AppendCell(dst, []byte(s.path), false)
	dst = binary.AppendUvarint(dst, uint64(s.offset))
	return AppendCell(dst, s.value, false)
}

// cut reads what appendState has written. The value is a part of state.
func (s *stamped) cut(state []byte) (rest []byte, err error) {
	var k int
	if s.arrived, k = binary.Varint(state); k <= 0 {
		return nil, errState
	}
	host, rest, null1, err1 := CutCell(state[k:])
	path, rest, null2, err2 := CutCell(rest)
	offset, k := binary.Uvarint(rest)
	if null1 || null2 || err1 != nil || err2 != nil || k <= 0 {
		return nil, errState
	}
	value, rest, null3, err3 := CutCell(rest[k:])
	if null3 || err3 != nil {
		return nil, errState
	}
	if s.host != string(host) { // else as the one before, whose memory is shared
		s.host = string(host)
	}
	if s.path != string(path) {
		s.path = string(path)
	}
	s.offset, s.value, s.ok = int64(offset), value, true
	return rest, nil
}

// stamp is the place of a batch's lines but for their offset.
func stamp(b *batch, origin string) stamped {
	return stamped{arrived: b.arrived, host: origin, path: b.file.Path, ok: true}
}

func (a *lastAgg) grow(n int) { a.last = growTo(a.last, n) }
func (a *lastAgg) reset()     { a.last, a.bytes = a.last[:0], 0 }
func (a *lastAgg) size() int  { return a.bytes }

// take keeps the later of two values, or the earlier one.
func (a *lastAgg) take(g int32, s *stamped) {
	old := &a.last[g]
	if old.ok && s.compare(old)*a.sign <= 0 {
		return
	}
	if !old.ok {
		a.bytes += stampedSize
	}
	a.bytes += len(s.value) - len(old.value)
	value := append(old.value[:0], s.value...)
	*old = *s
	old.value = value
}

// add begins with the line that is likely to be kept, so that a group copies one
// value, not all.
func (a *lastAgg) add(b *batch, arg, _ *column, sel, groups []int32) {
	s := stamp(b, a.origin)
	for k := range sel {
		if a.sign > 0 {
			k = len(sel) - 1 - k
		}
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
	if s := &a.last[g]; s.ok {
		return s.appendState(dst)
	}
	return dst
}

func (a *lastAgg) merge(g int32, state []byte) error {
	if len(state) == 0 {
		return nil
	}
	var s stamped
	rest, err := s.cut(state)
	if err != nil || len(rest) > 0 {
		return errState
	}
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
