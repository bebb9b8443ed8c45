package exec

import (
	"fmt"

	"fantail/planner"
)

// The memory of a query is counted, not measured: what its groups hold, without
// the room that slices keep for more.

// The fixed sizes of a group, in bytes, about.
const (
	groupSize = 24 // in a table
	stateSize = 40 // of one aggregate, beside its size()
)

// bytesOf is how many bytes groups take.
func bytesOf(t *table, accs []accumulator) int {
	return textSize(t, accs) + t.len()*(groupSize+len(accs)*stateSize)
}

func (m *Merger) maxBytes() int {
	if m.MaxBytes > 0 {
		return m.MaxBytes
	}
	return 1 << 30
}

// tooLarge is the error of a query that needs more memory than it may have. It
// names what takes most of it, and what would take less.
func (m *Merger) tooLarge() error {
	most, which := 0, -1
	for i := range m.plan.Host.Aggs {
		size := 0
		for _, w := range m.windows {
			size += w.accs[i].size()
		}
		if size > most {
			most, which = size, i
		}
	}
	groups := "1 group"
	if n := m.groups - len(m.windows); n != 1 { // a window counts as one
		groups = fmt.Sprintf("%d groups", n)
	}
	limit := showBytes(m.maxBytes())
	if 2*most < m.bytes {
		return fmt.Errorf("%s take more than %s: narrow the query with where, or group by something coarser", groups, limit)
	}
	agg := m.plan.Host.Aggs[which]
	hint := "narrow the query with where, or group by something coarser"
	if twin := approximate(agg); twin != "" {
		hint = twin + ", or " + hint
	}
	return fmt.Errorf("%s takes more than %s for %s: %s", agg.Text, limit, groups, hint)
}

// approximate says what takes little instead of an exact aggregate; "" nothing.
func approximate(a planner.Agg) string {
	switch a.Func {
	case "count distinct":
		return "approx_distinct takes at most 16 KiB for a group"
	case "percentile":
		return fmt.Sprintf("approx_percentile(x, %s) takes a few KiB for a group", a.Param)
	}
	return ""
}

func showBytes(n int) string {
	if n >= 1<<20 {
		return fmt.Sprintf("%d MiB", n>>20)
	}
	return fmt.Sprintf("%d bytes", n)
}
