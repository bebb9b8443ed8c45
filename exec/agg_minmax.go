package exec

import "encoding/binary"

// extremeAgg is min(x) and max(x) over the lines in which x is a number; null
// where there is none. State: empty, or mantissa and exponent, varints.
type extremeAgg struct {
	fixedSize
	sign int // 1 max, -1 min
	best []Number
}

func (a *extremeAgg) grow(n int) { a.best = growTo(a.best, n) }
func (a *extremeAgg) reset()     { a.best = a.best[:0] }

func (a *extremeAgg) take(g int32, n Number) {
	if best := a.best[g]; !best.ok || n.compare(best)*a.sign > 0 {
		a.best[g] = n
	}
}

func (a *extremeAgg) add(b *batch, arg, _ *column, sel, groups []int32) {
	nums := b.numbers(arg, sel)
	for k, i := range sel {
		if nums[i].ok {
			a.take(groups[k], nums[i])
		}
	}
}

func (a *extremeAgg) appendState(dst []byte, g int32) []byte {
	best := a.best[g]
	if !best.ok {
		return dst
	}
	dst = binary.AppendVarint(dst, best.mant)
	return binary.AppendVarint(dst, int64(best.exp))
}

func (a *extremeAgg) merge(g int32, state []byte) error {
	if len(state) == 0 {
		return nil
	}
	mant, k := binary.Varint(state)
	if k <= 0 {
		return errState
	}
	exp, j := binary.Varint(state[k:])
	if j <= 0 || k+j != len(state) || exp < minExp || exp > maxExp {
		return errState
	}
	a.take(g, newNumber(mant, int(exp)))
	return nil
}

func (a *extremeAgg) appendValue(dst []byte, g int32) ([]byte, bool) {
	if !a.best[g].ok {
		return dst, true
	}
	return a.best[g].append(dst), false
}
