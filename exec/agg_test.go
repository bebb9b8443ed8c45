package exec

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"fantail/exec/format"
	"fantail/planner"
)

// aggregates are all aggregates, with the literal that some take.
func aggregates() []string {
	return []string{"count", "sum", "min", "max", "avg", "last", "len", "first", "any", "variance", "stddev", "arg_min", "arg_max",
		"string_agg;,", "count distinct", "topk;2", "percentile;0.5", "percentile;1", "histogram", "approx_percentile;0.9", "approx_distinct"}
}

// newNamed makes an aggregate by a name of aggregates.
func newNamed(name, origin string) accumulator {
	f, param, _ := strings.Cut(name, ";")
	return newAccumulator(planner.Agg{Func: f, Param: param}, origin)
}

// oneBatch is a batch with a single column of the given values.
func oneBatch(values ...string) (*batch, *column, []int32) {
	b := &batch{file: &File{Path: "a.log"}}
	c := &column{}
	var sel []int32
	for i, v := range values {
		at := uint32(len(b.Text))
		b.Text = append(b.Text, v...)
		b.Lines = append(b.Lines, format.Span{Start: at, End: uint32(len(b.Text))})
		sel = append(sel, int32(i))
	}
	c.cells = slices.Clone(b.Lines)
	return b, c, sel
}

// stateOf is the state of an aggregate over values.
func stateOf(name string, values ...string) []byte {
	acc := newNamed(name, "host")
	acc.grow(1)
	b, c, sel := oneBatch(values...)
	acc.add(b, c, c, sel, make([]int32, len(sel)))
	return acc.appendState(nil, 0)
}

// merged is the value of the states merged, and their state.
func merged(t *testing.T, name string, states ...[]byte) (value, state string) {
	t.Helper()
	acc := newNamed(name, "")
	acc.grow(1)
	for _, s := range states {
		if err := acc.merge(0, s); err != nil {
			t.Fatalf("%s: %x: %v", name, s, err)
		}
	}
	v, null := acc.appendValue(nil, 0)
	if null {
		v = []byte("null")
	}
	return string(v), string(acc.appendState(nil, 0))
}

func TestValues(t *testing.T) {
	tests := []struct {
		name   string
		values []string
		want   string
	}{
		{"sum", []string{"0.1", "0.2"}, "0.3"}, {"sum", []string{"x"}, "null"}, {"sum", []string{"1", "x", "-1"}, "0"},
		{"sum", []string{"1e308", "9e308"}, "1e+309"}, {"sum", []string{"1e300", "1e-300", "-1e300"}, "1e-300"},
		{"avg", []string{"9e308", "9e308"}, "9e+308"}, {"avg", []string{"1", "2", "x"}, "1.5"}, {"avg", []string{"x"}, "null"},
		{"avg", []string{"1", "1", "2"}, "1.3333333333333333"}, {"avg", []string{"-0.0000001"}, "-1e-07"}, {"avg", []string{"0"}, "0"},
		{"min", []string{"2", "10", "x"}, "2"}, {"max", []string{"2", "10", "x"}, "10"}, {"max", []string{"-5"}, "-5"},
		{"max", []string{"0e5", "0.00"}, "0"}, {"min", nil, "null"},
		{"last", []string{"1", "", "x"}, "x"}, {"last", []string{"1", ""}, ""}, {"len", []string{"äö"}, "4"}, {"len", nil, "null"},
		{"count", []string{"", "1"}, "2"},
		{"first", []string{"x", "", "1"}, "x"}, {"first", nil, "null"}, {"any", []string{"b", "a"}, "b"},
		{"arg_min", []string{"10", "9", "-", "9.0"}, "9.0"}, {"arg_max", []string{"9", "10", "z", "1e1"}, "1e1"},
		{"arg_max", []string{"b", "c", "a"}, "c"}, {"arg_min", []string{"b", "c", "a", ""}, ""}, {"arg_min", nil, "null"},
		{"string_agg;, ", []string{"b", "a", "", "b"}, "b, a, , b"}, {"string_agg;,", nil, "null"}, {"string_agg;", []string{"a", "b"}, "ab"},
		{"variance", []string{"2", "4", "4", "4", "5", "5", "7", "9"}, "4.571428571428571"}, {"variance", []string{"1", "x"}, "null"},
		{"stddev", []string{"2", "4", "4", "4", "5", "5", "7", "9"}, "2.138089935299395"}, {"stddev", []string{"0.1", "0.1", "0.10"}, "0"},
		{"variance", []string{"1000000000000000.1", "1000000000000000.3"}, "0.02"}, {"variance", []string{"1e300", "-1e300"}, "2e+600"},
		{"count distinct", []string{"a", "b", "a", "", "A"}, "4"}, {"count distinct", nil, "0"},
		{"topk;2", []string{"c", "b", "a", "a", "b", "d"}, "a:2, b:2"}, {"topk;0", []string{"a"}, ""}, {"topk;9", nil, "null"},
		{"topk;99999999999999999999", []string{"a"}, "a:1"},
		{"percentile;0.5", []string{"1", "2", "3", "4"}, "2"}, {"percentile;0.5", []string{"1", "2", "x", "10"}, "2"}, {"percentile;0", []string{"7", "5"}, "5"},
		{"percentile;1", []string{"7", "5"}, "7"}, {"percentile;0.99", nil, "null"}, {"percentile;0.501", []string{"0.10", "-3", "1e3", "0.1"}, "0.1"},
		{"percentile;0.5000000000000000000000000001", []string{"1", "2"}, "1"}, {"percentile;0.50000000000000001", []string{"1", "2"}, "2"},
		{"histogram", []string{"0", "1", "1.99", "2", "4.9", "5", "10", "-1", "-2.5", "0.05", "x"}, "-5..-2:1, -2..-1:1, 0:1, 0.05..0.1:1, 1..2:2, 2..5:2, 5..10:1, 10..20:1"},
		{"histogram", []string{"9223372036854775807e308", "1e-324"}, "1e-324..2e-324:1, 5e+326..1e+327:1"}, {"histogram", nil, "null"},
		{"approx_percentile;0.5", []string{"0", "0", "1"}, "0"}, {"approx_percentile;0.5", []string{"100", "-100", "-1"}, "-1.0078"}, {"approx_percentile;0.5", nil, "null"},
		{"approx_distinct", nil, "0"}, {"approx_distinct", []string{"a", "b", "a", "c"}, "3"},
	}
	for _, tt := range tests {
		if got, _ := merged(t, tt.name, stateOf(tt.name, tt.values...)); got != tt.want {
			t.Errorf("%s of %q: got %s, want %s", tt.name, tt.values, got, tt.want)
		}
	}
}

// FuzzState: no state makes an aggregate panic or grow beyond bounds, and the
// order of merging does not show.
func FuzzState(f *testing.F) {
	extreme := binary.AppendUvarint(binary.AppendVarint(nil, maxExp), maxSum<<1)
	extreme = append(extreme, bytes.Repeat([]byte{255}, maxSum)...)
	f.Add(extreme, stateOf("sum", "1e-324"), stateOf("sum", "-9e308"))
	for _, name := range aggregates() {
		f.Add(stateOf(name, "1", "2.5"), stateOf(name, "-1e300", "0.00"), stateOf(name))
		f.Add(stateOf(name, "9223372036854775807", "9223372036854775807"), []byte{0}, []byte("\xff\xff"))
	}
	f.Fuzz(func(t *testing.T, x, y, z []byte) {
		for _, name := range aggregates() {
			fuzzStates(t, name, x, y, z)
		}
	})
}

func fuzzStates(t *testing.T, name string, states ...[]byte) {
	states = slices.DeleteFunc(slices.Clone(states), func(s []byte) bool {
		acc := newNamed(name, "")
		acc.grow(1)
		return acc.merge(0, s) != nil
	})
	forward, state := merged(t, name, states...)
	slices.Reverse(states)
	backward, _ := merged(t, name, states...)
	if forward != backward {
		t.Errorf("%s: %s, the other way round %s", name, forward, backward)
	}
	length := 0
	for _, s := range states {
		length += len(s)
	}
	if len(state) > registers+2*length+2048 || len(forward) > 64+32*length {
		t.Errorf("%s: a state of %d bytes, a value of %d", name, len(state), len(forward))
	}
}

// TestHonestStates: what can be added to a sum makes states that can be read.
func TestHonestStates(t *testing.T) {
	var s sum
	for range 1 << 10 {
		s.add(parseNumber([]byte("9223372036854775807e308")))
		s.add(parseNumber([]byte("1e-324")))
	}
	for range 54 { // 2^64 addends
		s.merge(&s)
	}
	if _, _, err := readSum(s.appendState(nil)); err != nil || len(s.appendState(nil)) > 300 {
		t.Errorf("%d bytes: %v", len(s.appendState(nil)), err)
	}
}
