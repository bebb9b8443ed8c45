package exec

import (
	"fmt"

	"fantail/planner"
)

// accumulator is one aggregate of all groups. Its merge is associative and
// commutative, and merging the states of two sets of lines gives the state of
// both: neither cuts nor order show in a value.
type accumulator interface {
	// grow makes room for groups 0 to n-1; new ones have seen no line.
	grow(n int)
	// add takes the selected lines: line sel[k] belongs to groups[k]. Arg is nil
	// for an aggregate without argument, by for one without a second.
	add(b *batch, arg, by *column, sel, groups []int32)
	// appendState appends a group's state.
	appendState(dst []byte, group int32) []byte
	// merge adds a state, which may come from anywhere.
	merge(group int32, state []byte) error
	// appendValue appends a group's value.
	appendValue(dst []byte, group int32) (text []byte, null bool)
	// size is about how many bytes the groups hold, beyond a fixed size each.
	size() int
	// reset forgets every group and keeps the memory.
	reset()
}

// newAccumulators makes the plan's aggregates. Origin is the host that lines
// which are added come from.
func newAccumulators(aggs []planner.Agg, origin string) ([]accumulator, error) {
	var accs []accumulator
	for _, a := range aggs {
		acc := newAccumulator(a, origin)
		if acc == nil {
			return nil, fmt.Errorf("BUG: unknown aggregate %q", a.Func)
		}
		accs = append(accs, acc)
	}
	return accs, nil
}

func newAccumulator(a planner.Agg, origin string) accumulator {
	switch a.Func {
	case "count":
		return &countAgg{}
	case "sum":
		return &sumAgg{}
	case "min":
		return &extremeAgg{sign: -1}
	case "max":
		return &extremeAgg{sign: 1}
	case "avg":
		return &avgAgg{}
	case "last":
		return &lastAgg{origin: origin, sign: 1}
	case "first", "any":
		return &lastAgg{origin: origin, sign: -1}
	case "len":
		return &lastAgg{origin: origin, sign: 1, length: true}
	case "arg_min":
		return &argAgg{origin: origin, sign: -1}
	case "arg_max":
		return &argAgg{origin: origin, sign: 1}
	case "string_agg":
		return &stringAgg{origin: origin, separator: a.Param}
	case "variance", "stddev":
		return &varianceAgg{root: a.Func == "stddev"}
	case "count distinct":
		return &distinctAgg{newGroupValues()}
	case "topk":
		return newTopk(a.Param)
	case "percentile":
		return &percentileAgg{share: parseNumber([]byte(a.Param))}
	case "approx_percentile":
		return &binsAgg{binOf: logBin, most: lastBin - firstBin + 1, show: shareOfBins(parseNumber([]byte(a.Param)))}
	case "histogram":
		return &binsAgg{binOf: decimalBin, most: lastDecimal, show: appendHistogram}
	case "approx_distinct":
		return &sketchAgg{}
	}
	return nil
}

// growTo makes s n elements long; new ones are zero.
func growTo[T any](s []T, n int) []T {
	for len(s) < n {
		s = append(s, *new(T))
	}
	return s
}

// fixedSize is for aggregates that hold no text.
type fixedSize struct{}

func (fixedSize) size() int { return 0 }
