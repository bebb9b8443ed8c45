package exec

import (
	"encoding/binary"
	"math/big"
)

// avgAgg is avg(x) over the lines in which x is a number; null where there is
// none. State: the sum and then how many numbers, uvarint; empty when none.
type avgAgg struct {
	fixedSize
	sums   []sum
	counts []uint64
}

func (a *avgAgg) grow(n int) { a.sums, a.counts = growTo(a.sums, n), growTo(a.counts, n) }
func (a *avgAgg) reset()     { a.sums, a.counts = a.sums[:0], a.counts[:0] }

func (a *avgAgg) add(b *batch, arg, _ *column, sel, groups []int32) {
	nums := b.numbers(arg, sel)
	for k, i := range sel {
		if n := nums[i]; n.ok {
			g := groups[k]
			a.sums[g].add(n)
			a.counts[g]++
		}
	}
}

func (a *avgAgg) appendState(dst []byte, g int32) []byte {
	if a.counts[g] == 0 {
		return dst
	}
	return binary.AppendUvarint(a.sums[g].appendState(dst), a.counts[g])
}

func (a *avgAgg) merge(g int32, state []byte) error {
	if len(state) == 0 {
		return nil
	}
	s, rest, err := readSum(state)
	if err != nil {
		return err
	}
	n, k := binary.Uvarint(rest)
	if k <= 0 || k != len(rest) || n == 0 || n > 1<<62 {
		return errState
	}
	a.sums[g].merge(&s)
	a.counts[g] += n
	return nil
}

func (a *avgAgg) appendValue(dst []byte, g int32) ([]byte, bool) {
	if a.counts[g] == 0 {
		return dst, true
	}
	return appendFloat(dst, a.sums[g].ratio(a.counts[g])), false
}

// appendFloat appends the shortest decimal that reads as f again, with an
// exponent where it would be longer than a reader counts digits.
func appendFloat(dst []byte, f *big.Float) []byte {
	format := byte('f')
	if e := f.MantExp(nil); f.Sign() != 0 && (e > 70 || e < -19) { // 1e21 and 1e-6, about
		format = 'g'
	}
	return f.Append(dst, format, -1)
}
