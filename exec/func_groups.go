package exec

import (
	"slices"
	"sort"
	"time"

	"fantail/planner"
)

// overGroups is what functions that compare groups know beside the groups
// themselves.
type overGroups struct {
	window time.Time  // zero: there are none
	deltas []int      // slots of sums that are compared with those of the window before
	before [][]Number // those, for each of deltas and every group
}

// set says which groups the rows are, and which the window before had; nil: it is
// not known.
func (o *overGroups) set(window time.Time, w, before *merging, keys int) {
	o.window, o.before = window, nil
	for _, slot := range o.deltas {
		sums := make([]Number, w.table.len())
		for g := range sums {
			sums[g] = before.sum(w.table.key(int32(g)), slot-keys)
		}
		o.before = append(o.before, sums)
	}
}

// sum is the number that an aggregate has in the group with a key.
func (w *merging) sum(key []byte, agg int) Number {
	if w == nil {
		return Number{}
	}
	g, ok := w.table.find(key)
	if !ok {
		return Number{}
	}
	text, null := w.accs[agg].appendValue(nil, g)
	if null {
		return Number{}
	}
	return parseNumber(text)
}

// overSums gives a number for each group, from the sums of all groups.
type overSums struct {
	p    *program
	slot int
	f    func(sums []Number, sel []int32, out []Number)
}

// newOverGroups makes ready what compares groups; nil: the call is another one.
func newOverGroups(e *planner.Call, p *program) (calc, error) {
	v := &overSums{p: p}
	switch e.Func {
	case "ratio_to_total":
		v.f = func(sums []Number, sel []int32, out []Number) { sharesOf(sums, 1, sel, out) }
	case "percentage":
		v.f = func(sums []Number, sel []int32, out []Number) { sharesOf(sums, 100, sel, out) }
	case "percentile":
		v.f = ranksOf
	case "rate":
		seconds, err := literal(e, 1)
		if err != nil {
			return nil, err
		}
		v.f = p.over.rates(parseNumber([]byte(seconds)))
	case "delta":
		v.f = p.over.changes(int(e.Args[0].(planner.Slot)))
	default:
		return nil, nil
	}
	v.slot = int(e.Args[0].(planner.Slot))
	return v, nil
}

// calc takes the sums of all rows, also of those that having leaves out: the
// column may know the numbers of the others only.
func (v *overSums) calc(b *batch, sel []int32, out []Number) {
	c := v.p.column(b, v.slot, sel)
	sums := make([]Number, len(c.cells))
	for i := range sums {
		if !c.cells[i].IsNull() {
			sums[i] = parseNumber(b.text(c, int32(i)))
		}
	}
	v.f(sums, sel, out)
}

// sharesOf are the sums as shares of their total, times a factor.
func sharesOf(sums []Number, factor int64, sel []int32, out []Number) {
	var all sum
	for _, n := range sums {
		if n.ok {
			all.add(n)
		}
	}
	total := parseNumber(all.appendText(nil))
	for _, i := range sel {
		if out[i] = sums[i]; out[i].ok {
			out[i] = out[i].mul(newNumber(factor, 0)).div(total)
		}
	}
}

// ranksOf are the percentages of groups with a sum that is not greater.
func ranksOf(sums []Number, sel []int32, out []Number) {
	var order []Number
	for _, n := range sums {
		if n.ok {
			order = append(order, n)
		}
	}
	slices.SortFunc(order, Number.compare)
	for _, i := range sel {
		if out[i] = sums[i]; out[i].ok {
			below := sort.Search(len(order), func(k int) bool { return order[k].compare(sums[i]) > 0 })
			out[i] = newNumber(int64(below)*100, 0).div(newNumber(int64(len(order)), 0))
		}
	}
}

// rates are the sums for each second of the window.
func (o *overGroups) rates(seconds Number) func(sums []Number, sel []int32, out []Number) {
	return func(sums []Number, sel []int32, out []Number) {
		for _, i := range sel {
			if out[i] = (Number{}); sums[i].ok && !o.window.IsZero() {
				out[i] = sums[i].div(seconds)
			}
		}
	}
}

// changes are the differences from the window before.
func (o *overGroups) changes(slot int) func(sums []Number, sel []int32, out []Number) {
	k := len(o.deltas)
	o.deltas = append(o.deltas, slot)
	return func(sums []Number, sel []int32, out []Number) {
		for _, i := range sel {
			if out[i] = (Number{}); sums[i].ok && o.before != nil && o.before[k][i].ok {
				out[i] = sums[i].sub(o.before[k][i])
			}
		}
	}
}
