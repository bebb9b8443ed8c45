package exec

import (
	"cmp"
	"encoding/binary"
)

// binsAgg counts the numbers among x by bins, which have an order:
// approx_percentile(x, share) and histogram(x). Null where there is none.
//
// State: for each bin, in order: its difference from the one before, varint, and
// its count, uvarint.
type binsAgg struct {
	binOf  func(Number) int32
	most   int64                                    // the greatest number of a bin; the least is its negative
	show   func(dst []byte, t *tally[int32]) []byte // the value of a tally that is settled, and not empty
	groups []tally[int32]
	bytes  int
}

func (a *binsAgg) grow(n int) { a.groups = growTo(a.groups, n) }
func (a *binsAgg) reset()     { a.groups, a.bytes = a.groups[:0], 0 }
func (a *binsAgg) size() int  { return a.bytes }

func (a *binsAgg) add(b *batch, arg, _ *column, sel, groups []int32) {
	nums := b.numbers(arg, sel)
	for k, i := range sel {
		if n := nums[i]; n.ok {
			a.bytes += a.groups[groups[k]].add(a.binOf(n), 1, cmp.Compare[int32])
		}
	}
}

func (a *binsAgg) appendState(dst []byte, g int32) []byte {
	t := &a.groups[g]
	a.bytes += t.settle(cmp.Compare[int32])
	before := int32(0)
	for _, r := range t.runs {
		dst = binary.AppendVarint(dst, int64(r.value)-int64(before))
		dst = binary.AppendUvarint(dst, r.n)
		before = r.value
	}
	return dst
}

func (a *binsAgg) merge(g int32, state []byte) error {
	bin := int64(0)
	for len(state) > 0 {
		step, k := binary.Varint(state)
		if k <= 0 || step > 2*a.most || step < -2*a.most {
			return errState
		}
		n, j := binary.Uvarint(state[k:])
		if bin += step; j <= 0 || n == 0 || n > maxCount || bin > a.most || bin < -a.most {
			return errState
		}
		a.bytes += a.groups[g].add(int32(bin), n, cmp.Compare[int32])
		state = state[k+j:]
	}
	return nil
}

func (a *binsAgg) appendValue(dst []byte, g int32) ([]byte, bool) {
	t := &a.groups[g]
	if len(t.runs) == 0 {
		return dst, true
	}
	a.bytes += t.settle(cmp.Compare[int32])
	return a.show(dst, t), false
}
