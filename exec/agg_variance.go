package exec

import (
	"encoding/binary"
	"math/big"
)

// varianceAgg is variance(x) and stddev(x) of a sample, over the lines in which x
// is a number; null where there are not two. Both sums that they take are exact,
// so that large values with small differences lose nothing, and no order of
// merging shows.
//
// State: empty, or the sum, the sum of the squares, and how many, uvarint.
type varianceAgg struct {
	fixedSize
	root    bool // stddev
	sums    []sum
	squares []sum
	counts  []uint64
}

func (a *varianceAgg) grow(n int) {
	a.sums, a.squares, a.counts = growTo(a.sums, n), growTo(a.squares, n), growTo(a.counts, n)
}

func (a *varianceAgg) reset() {
	a.sums, a.squares, a.counts = a.sums[:0], a.squares[:0], a.counts[:0]
}

func (a *varianceAgg) add(b *batch, arg, _ *column, sel, groups []int32) {
	nums := b.numbers(arg, sel)
	for k, i := range sel {
		if n := nums[i]; n.ok {
			g := groups[k]
			a.sums[g].add(n)
			a.squares[g].addSquare(n)
			a.counts[g]++
		}
	}
}

func (a *varianceAgg) appendState(dst []byte, g int32) []byte {
	if a.counts[g] == 0 {
		return dst
	}
	dst = a.squares[g].appendState(a.sums[g].appendState(dst))
	return binary.AppendUvarint(dst, a.counts[g])
}

func (a *varianceAgg) merge(g int32, state []byte) error {
	if len(state) == 0 {
		return nil
	}
	s, rest, err := readSum(state)
	if err != nil {
		return err
	}
	squares, rest, err := readSquares(rest)
	if err != nil {
		return err
	}
	n, k := binary.Uvarint(rest)
	if k <= 0 || k != len(rest) || n == 0 || n > 1<<62 {
		return errState
	}
	a.sums[g].merge(&s)
	a.squares[g].merge(&squares)
	a.counts[g] += n
	return nil
}

func (a *varianceAgg) appendValue(dst []byte, g int32) ([]byte, bool) {
	if a.counts[g] < 2 {
		return dst, true
	}
	v := a.variance(g)
	if v.Sign() <= 0 { // below only in states that were made up
		return append(dst, '0'), false
	}
	if !a.root {
		return appendFloat(dst, newFloat(v)), false
	}
	root := new(big.Float).SetPrec(200).SetRat(v)
	return appendFloat(dst, root.Sqrt(root).SetPrec(53)), false
}

// variance is (n·Σx² - (Σx)²) / (n·(n-1)).
func (a *varianceAgg) variance(g int32) *big.Rat {
	n := new(big.Rat).SetUint64(a.counts[g])
	sum := a.sums[g].rat()
	v := new(big.Rat).Mul(n, a.squares[g].rat())
	v.Sub(v, sum.Mul(sum, sum))
	less := new(big.Rat).Sub(n, big.NewRat(1, 1))
	return v.Quo(v, less.Mul(less, n))
}
