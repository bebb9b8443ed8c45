package exec

import (
	"encoding/binary"
	"strconv"
)

// countAgg is count(*), the number of lines, and count(x), the number of lines
// in which x is not null. State: uvarint.
type countAgg struct {
	fixedSize
	counts []uint64
}

func (a *countAgg) grow(n int) { a.counts = growTo(a.counts, n) }
func (a *countAgg) reset()     { a.counts = a.counts[:0] }

func (a *countAgg) add(_ *batch, arg, _ *column, sel, groups []int32) {
	if arg == nil {
		for _, g := range groups {
			a.counts[g]++
		}
		return
	}
	for k, i := range sel {
		if !arg.cells[i].IsNull() {
			a.counts[groups[k]]++
		}
	}
}

func (a *countAgg) appendState(dst []byte, g int32) []byte {
	return binary.AppendUvarint(dst, a.counts[g])
}

func (a *countAgg) merge(g int32, state []byte) error {
	n, k := binary.Uvarint(state)
	if k != len(state) || k == 0 {
		return errState
	}
	a.counts[g] += n
	return nil
}

func (a *countAgg) appendValue(dst []byte, g int32) ([]byte, bool) {
	return strconv.AppendUint(dst, a.counts[g], 10), false
}
