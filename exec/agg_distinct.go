package exec

import (
	"encoding/binary"
	"strconv"
)

// groupValues are the different values of every group, and how often each of
// them came: one table of all groups' values, since a table for each group would
// cost a group of one value more than the value.
type groupValues struct {
	table  *table // by group and value
	heads  []int32
	sizes  []int32  // how many different values a group has
	next   []int32  // of value i: the number of another one of its group plus one; 0: none
	counts []uint64 // of value i
	key    []byte
}

// valueSize is about what a value takes beside its text, in bytes.
const valueSize = 40

// maxCount is where counts stay: only states that were made up reach it.
const maxCount = 1 << 62

func newGroupValues() *groupValues { return &groupValues{table: newTable()} }

func (v *groupValues) grow(n int) { v.heads, v.sizes = growTo(v.heads, n), growTo(v.sizes, n) }
func (v *groupValues) size() int  { return len(v.table.arena) + valueSize*v.table.len() }

func (v *groupValues) reset() {
	v.table.reset()
	v.heads, v.sizes, v.next, v.counts = v.heads[:0], v.sizes[:0], v.next[:0], v.counts[:0]
}

// count adds a value n times.
func (v *groupValues) count(g int32, value []byte, n uint64) {
	v.key = append(binary.LittleEndian.AppendUint32(v.key[:0], uint32(g)), value...)
	i := v.table.id(v.key)
	if int(i) == len(v.next) {
		v.next, v.counts = append(v.next, v.heads[g]), append(v.counts, 0)
		v.heads[g] = i + 1
		v.sizes[g]++
	}
	v.counts[i] = min(v.counts[i]+n, maxCount)
}

// each calls f with every value of a group.
func (v *groupValues) each(g int32, f func(value []byte, n uint64)) {
	for i := v.heads[g]; i > 0; i = v.next[i-1] {
		f(v.table.key(i - 1)[4:], v.counts[i-1])
	}
}

func (v *groupValues) add(b *batch, arg, _ *column, sel, groups []int32) {
	for k, i := range sel {
		if !arg.cells[i].IsNull() {
			v.count(groups[k], b.text(arg, i), 1)
		}
	}
}

// distinctAgg is count(distinct x), the number of different texts that x is, as
// in group by. State: the values as cells, in any order.
type distinctAgg struct{ *groupValues }

func (a *distinctAgg) appendState(dst []byte, g int32) []byte {
	a.each(g, func(value []byte, _ uint64) { dst = AppendCell(dst, value, false) })
	return dst
}

func (a *distinctAgg) merge(g int32, state []byte) error {
	for len(state) > 0 {
		value, rest, null, err := CutCell(state)
		if err != nil || null {
			return errState
		}
		a.count(g, value, 1)
		state = rest
	}
	return nil
}

func (a *distinctAgg) appendValue(dst []byte, g int32) ([]byte, bool) {
	return strconv.AppendInt(dst, int64(a.sizes[g]), 10), false
}
