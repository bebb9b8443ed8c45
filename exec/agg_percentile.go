package exec

import "encoding/binary"

// percentileAgg is percentile(x, share), and with a share of their own median,
// p50, p90, p95 and p99: exactly the nearest rank, over the lines in which x is a
// number; null where there is none. Logs repeat their values, of which it keeps
// the different ones and how often they came.
//
// State: for each value, in order: the exponent's difference from the one before,
// varint, times two, plus one if a count follows; the mantissa, varint, and where
// the exponent is that of the one before its difference; and the count, uvarint,
// unless it is 1.
type percentileAgg struct {
	share  Number
	groups []tally[Number]
	bytes  int
}

func (a *percentileAgg) grow(n int) { a.groups = growTo(a.groups, n) }
func (a *percentileAgg) reset()     { a.groups, a.bytes = a.groups[:0], 0 }
func (a *percentileAgg) size() int  { return a.bytes }

func (a *percentileAgg) add(b *batch, arg, _ *column, sel, groups []int32) {
	nums := b.numbers(arg, sel)
	for k, i := range sel {
		if n := nums[i]; n.ok {
			a.bytes += a.groups[groups[k]].add(n, 1, Number.compare)
		}
	}
}

func (a *percentileAgg) appendState(dst []byte, g int32) []byte {
	t := &a.groups[g]
	a.bytes += t.settle(Number.compare)
	var before Number
	for _, r := range t.runs {
		step, mant := int64(r.value.exp)-int64(before.exp), r.value.mant
		if step == 0 {
			mant -= before.mant // may wrap around, and back
		}
		head := step << 1
		if r.n != 1 {
			head |= 1
		}
		dst = binary.AppendVarint(binary.AppendVarint(dst, head), mant)
		if r.n != 1 {
			dst = binary.AppendUvarint(dst, r.n)
		}
		before = r.value
	}
	return dst
}

func (a *percentileAgg) merge(g int32, state []byte) error {
	var before Number
	for len(state) > 0 {
		r, rest, err := cutCounted(state, before)
		if err != nil {
			return err
		}
		a.bytes += a.groups[g].add(r.value, r.n, Number.compare)
		before, state = r.value, rest
	}
	return nil
}

// cutCounted reads a value of a state and its count.
func cutCounted(state []byte, before Number) (r counted[Number], rest []byte, err error) {
	head, k := binary.Varint(state)
	if k <= 0 {
		return r, nil, errState
	}
	mant, j := binary.Varint(state[k:])
	exp := head>>1 + int64(before.exp)
	if j <= 0 || exp < minExp || exp > maxExp {
		return r, nil, errState
	}
	if head>>1 == 0 {
		mant += before.mant
	}
	if mant == -1<<63 || mant == 0 && exp != 0 {
		return r, nil, errState
	}
	r.value, r.n, state = newNumber(mant, int(exp)), 1, state[k+j:]
	if head&1 != 0 {
		if r.n, k = binary.Uvarint(state); k <= 0 || r.n == 0 || r.n > maxCount {
			return r, nil, errState
		}
		state = state[k:]
	}
	return r, state, nil
}

func (a *percentileAgg) appendValue(dst []byte, g int32) ([]byte, bool) {
	t := &a.groups[g]
	if len(t.runs) == 0 {
		return dst, true
	}
	a.bytes += t.settle(Number.compare)
	return t.atShare(a.share).append(dst), false
}
