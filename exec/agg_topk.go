package exec

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math"
	"slices"
	"strconv"
)

// topkAgg is topk(x, n), the n most frequent values with exact counts, as text:
// value:count, value:count. Of equally frequent ones the smaller text comes first.
//
// State: each value as a cell with its count, uvarint, in any order.
type topkAgg struct {
	*groupValues
	n int
}

func newTopk(n string) *topkAgg {
	limit, err := strconv.Atoi(n)
	if err != nil { // more than there can be
		limit = math.MaxInt32
	}
	return &topkAgg{groupValues: newGroupValues(), n: limit}
}

func (a *topkAgg) appendState(dst []byte, g int32) []byte {
	a.each(g, func(value []byte, n uint64) {
		dst = binary.AppendUvarint(AppendCell(dst, value, false), n)
	})
	return dst
}

func (a *topkAgg) merge(g int32, state []byte) error {
	for len(state) > 0 {
		value, rest, null, err := CutCell(state)
		n, k := binary.Uvarint(rest)
		if err != nil || null || k <= 0 || n == 0 || n > maxCount {
			return errState
		}
		a.count(g, value, n)
		state = rest[k:]
	}
	return nil
}

func (a *topkAgg) appendValue(dst []byte, g int32) ([]byte, bool) {
	var all []counted[[]byte]
	a.each(g, func(value []byte, n uint64) { all = append(all, counted[[]byte]{value, n}) })
	slices.SortFunc(all, func(x, y counted[[]byte]) int {
		return cmp.Or(cmp.Compare(y.n, x.n), bytes.Compare(x.value, y.value))
	})
	for i, c := range all[:min(len(all), a.n)] {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = append(append(dst, c.value...), ':')
		dst = strconv.AppendUint(dst, c.n, 10)
	}
	return dst, len(all) == 0
}
