package exec

import (
	"bytes"
	"slices"
)

// stringAgg is string_agg(x, separator): the values that are not null, in the
// order of their lines, see lastAgg.
//
// State: any number of stamped values, in any order.
type stringAgg struct {
	origin    string // the host of lines that are added
	separator string
	values    [][]stamped
	bytes     int
}

// stampedSize is about what a stamped value takes beside its text, in bytes.
const stampedSize = 88

func (a *stringAgg) grow(n int) { a.values = growTo(a.values, n) }
func (a *stringAgg) reset()     { a.values, a.bytes = a.values[:0], 0 }
func (a *stringAgg) size() int  { return a.bytes }

func (a *stringAgg) take(g int32, s stamped) {
	s.value = bytes.Clone(s.value)
	a.bytes += stampedSize + len(s.value)
	a.values[g] = append(a.values[g], s)
}

func (a *stringAgg) add(b *batch, arg, _ *column, sel, groups []int32) {
	s := stamp(b, a.origin)
	for k, i := range sel {
		if arg.cells[i].IsNull() {
			continue
		}
		s.offset, s.value = b.Offset+int64(b.Lines[i].Start), b.text(arg, i)
		a.take(groups[k], s)
	}
}

func (a *stringAgg) appendState(dst []byte, g int32) []byte {
	for i := range a.values[g] {
		dst = a.values[g][i].appendState(dst)
	}
	return dst
}

func (a *stringAgg) merge(g int32, state []byte) (err error) {
	var s stamped
	for len(state) > 0 {
		if state, err = s.cut(state); err != nil {
			return err
		}
		a.take(g, s)
	}
	return nil
}

func (a *stringAgg) appendValue(dst []byte, g int32) ([]byte, bool) {
	values := a.values[g]
	slices.SortFunc(values, func(s, t stamped) int { return s.compare(&t) })
	for i, s := range values {
		if i > 0 {
			dst = append(dst, a.separator...)
		}
		dst = append(dst, s.value...)
	}
	return dst, len(values) == 0
}
