package exec

// sumAgg is sum(x) over the lines in which x is a number; null where there is
// none. State: empty, or the sum, see sum.appendState.
type sumAgg struct {
	fixedSize
	sums []sum
	any  []bool
}

func (a *sumAgg) grow(n int) { a.sums, a.any = growTo(a.sums, n), growTo(a.any, n) }
func (a *sumAgg) reset()     { a.sums, a.any = a.sums[:0], a.any[:0] }

func (a *sumAgg) add(b *batch, arg, _ *column, sel, groups []int32) {
	nums := b.numbers(arg, sel)
	for k, i := range sel {
		if n := nums[i]; n.ok {
			g := groups[k]
			a.sums[g].add(n)
			a.any[g] = true
		}
	}
}

func (a *sumAgg) appendState(dst []byte, g int32) []byte {
	if !a.any[g] {
		return dst
	}
	return a.sums[g].appendState(dst)
}

func (a *sumAgg) merge(g int32, state []byte) error {
	if len(state) == 0 {
		return nil
	}
	s, rest, err := readSum(state)
	if err != nil || len(rest) > 0 {
		return errState
	}
	a.sums[g].merge(&s)
	a.any[g] = true
	return nil
}

func (a *sumAgg) appendValue(dst []byte, g int32) ([]byte, bool) {
	if !a.any[g] {
		return dst, true
	}
	return a.sums[g].appendText(dst), false
}
