package exec

import "bytes"

// argAgg is arg_min(x, by) and arg_max(x, by): x of the line in which by is least
// or greatest, among those where neither is null; of several such lines, of the
// last one, see lastAgg. Numbers are compared by value. Texts count only where
// there is no number, so that a "-" here and there does not win.
//
// State: empty, or by as a cell, and the stamped x.
type argAgg struct {
	origin string // the host of lines that are added
	sign   int    // 1 arg_max, -1 arg_min
	best   []ranked
	bytes  int
}

// ranked is a stamped value and what it is chosen by.
type ranked struct {
	stamped
	by  []byte
	num Number // by; not ok where it is a text
}

func (a *argAgg) grow(n int) { a.best = growTo(a.best, n) }
func (a *argAgg) reset()     { a.best, a.bytes = a.best[:0], 0 }
func (a *argAgg) size() int  { return a.bytes }

// better tells whether r wins against another.
func (a *argAgg) better(r, old *ranked) bool {
	order := 0
	switch {
	case !old.ok || r.num.ok && !old.num.ok:
		return true
	case old.num.ok && !r.num.ok:
		return false
	case r.num.ok:
		order = r.num.compare(old.num)
	default:
		order = bytes.Compare(r.by, old.by)
	}
	if order == 0 {
		return r.compare(&old.stamped) > 0
	}
	return order*a.sign > 0
}

func (a *argAgg) take(g int32, r *ranked) {
	old := &a.best[g]
	if !a.better(r, old) {
		return
	}
	if !old.ok {
		a.bytes += stampedSize
	}
	a.bytes += len(r.value) + len(r.by) - len(old.value) - len(old.by)
	value, by := append(old.value[:0], r.value...), append(old.by[:0], r.by...)
	*old = *r
	old.value, old.by = value, by
}

func (a *argAgg) add(b *batch, arg, by *column, sel, groups []int32) {
	r := ranked{stamped: stamp(b, a.origin)}
	nums := b.numbers(by, sel)
	for k, i := range sel {
		if arg.cells[i].IsNull() || by.cells[i].IsNull() {
			continue
		}
		r.offset = b.Offset + int64(b.Lines[i].Start)
		r.value, r.by, r.num = b.text(arg, i), b.text(by, i), nums[i]
		a.take(groups[k], &r)
	}
}

func (a *argAgg) appendState(dst []byte, g int32) []byte {
	r := &a.best[g]
	if !r.ok {
		return dst
	}
	return r.appendState(AppendCell(dst, r.by, false))
}

func (a *argAgg) merge(g int32, state []byte) error {
	if len(state) == 0 {
		return nil
	}
	by, rest, null, err := CutCell(state)
	if err != nil || null {
		return errState
	}
	r := ranked{by: by, num: parseNumber(by)}
	if rest, err = r.cut(rest); err != nil || len(rest) > 0 {
		return errState
	}
	a.take(g, &r)
	return nil
}

func (a *argAgg) appendValue(dst []byte, g int32) ([]byte, bool) {
	r := &a.best[g]
	return append(dst, r.value...), !r.ok
}
