package exec

import (
	"math/big"
	"slices"
	"unsafe"
)

// tally counts how often values came. New ones are put at the end; once those
// are as many as the others, all are sorted and equal ones put together, so that
// adding costs the logarithm of a tally's length, and a tally needs no more than
// twice its different values.
type tally[K any] struct {
	runs   []counted[K]
	sorted int // runs[:sorted] are in order, and different
}

// counted is a value and how often it came.
type counted[K any] struct {
	value K
	n     uint64
}

// minTail is how many new values are worth sorting.
const minTail = 32

// add adds a value n times, and returns by how many bytes the tally grew.
func (t *tally[K]) add(value K, n uint64, compare func(x, y K) int) int {
	t.runs = append(t.runs, counted[K]{value, n})
	grown := int(unsafe.Sizeof(counted[K]{}))
	if len(t.runs)-t.sorted > max(t.sorted, minTail) {
		grown += t.settle(compare)
	}
	return grown
}

// settle sorts the values, puts equal ones together, and returns by how many
// bytes the tally grew, which is none or less.
func (t *tally[K]) settle(compare func(x, y K) int) int {
	if t.sorted == len(t.runs) {
		return 0
	}
	before := len(t.runs)
	slices.SortFunc(t.runs, func(x, y counted[K]) int { return compare(x.value, y.value) })
	kept := t.runs[:1]
	for _, r := range t.runs[1:] {
		if last := &kept[len(kept)-1]; compare(last.value, r.value) == 0 {
			last.n = min(last.n+r.n, maxCount)
		} else {
			kept = append(kept, r)
		}
	}
	t.runs, t.sorted = kept, len(kept)
	return (len(kept) - before) * int(unsafe.Sizeof(counted[K]{}))
}

// atShare is the nearest rank: the ceil(share·n)-th smallest of n values, or the
// smallest. The tally, which is not empty, has been settled.
func (t *tally[K]) atShare(share Number) K {
	var total uint64
	for _, r := range t.runs {
		total = min(total+r.n, maxCount)
	}
	rank := rankOf(share, total)
	for _, r := range t.runs {
		if r.n >= rank {
			return r.value
		}
		rank -= r.n
	}
	return t.runs[len(t.runs)-1].value
}

// rankOf is ceil(share·n), but at least 1. Share is from 0 to 1.
func rankOf(share Number, n uint64) uint64 {
	r := new(big.Rat).SetUint64(n)
	r.Mul(r, share.rat())
	quotient, rest := new(big.Int).QuoRem(r.Num(), r.Denom(), new(big.Int))
	rank := quotient.Uint64()
	if rest.Sign() > 0 {
		rank++
	}
	return max(rank, 1)
}
