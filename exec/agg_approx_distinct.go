package exec

import (
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
	"strconv"
)

// sketchAgg is approx_distinct(x): HyperLogLog with 2^14 registers and the
// estimator of Ertl (arXiv:1702.01284), which needs no correction by tables: its
// standard error is 0.81 %. A value is a function of the registers alone, and
// those are a function of the set of values.
//
// A register is the greatest number of zeros, plus one, that the rest of a hash
// begins with, of the hashes that begin with its number. A group with few values
// keeps them as a list: number << 6 | register.
//
// State: empty; or 1 and the list, sorted, as uvarint differences; or 2 and all
// registers, a byte each.
type sketchAgg struct {
	groups []sketch
	bytes  int
}

type sketch struct {
	list   []uint32
	sorted int    // list[:sorted] is in order, with a register once
	all    []byte // instead of list; nil: it holds
}

const (
	registerBits = 14
	registers    = 1 << registerBits
	maxRegister  = 64 - registerBits + 1
	maxList      = registers / 8 // then all registers take as little
)

func (a *sketchAgg) grow(n int) { a.groups = growTo(a.groups, n) }
func (a *sketchAgg) reset()     { a.groups, a.bytes = a.groups[:0], 0 }
func (a *sketchAgg) size() int  { return a.bytes }

func (a *sketchAgg) add(b *batch, arg, _ *column, sel, groups []int32) {
	for k, i := range sel {
		if arg.cells[i].IsNull() {
			continue
		}
		hash := hash64(b.text(arg, i))
		rest := hash<<registerBits | 1<<(registerBits-1)
		a.take(groups[k], uint32(hash>>(64-registerBits)), byte(bits.LeadingZeros64(rest)+1))
	}
}

// take raises a register.
func (a *sketchAgg) take(g int32, register uint32, to byte) {
	s := &a.groups[g]
	before := s.size()
	s.take(register, to)
	a.bytes += s.size() - before
}

// settled is a group's sketch with a list that is in order.
func (a *sketchAgg) settled(g int32) *sketch {
	s := &a.groups[g]
	before := s.size()
	s.settle()
	a.bytes += s.size() - before
	return s
}

func (s *sketch) size() int { return 4*len(s.list) + len(s.all) }

func (s *sketch) take(register uint32, to byte) {
	if s.all != nil {
		s.all[register] = max(s.all[register], to)
		return
	}
	s.list = append(s.list, register<<6|uint32(to))
	if len(s.list)-s.sorted <= max(s.sorted, minTail) {
		return
	}
	if s.settle(); len(s.list) <= maxList {
		return
	}
	s.all = make([]byte, registers)
	for _, e := range s.list {
		s.all[e>>6] = byte(e & 63)
	}
	s.list, s.sorted = nil, 0
}

// settle sorts the list, and keeps of every register the greatest.
func (s *sketch) settle() {
	if s.sorted == len(s.list) {
		return
	}
	slices.Sort(s.list)
	kept := s.list[:0]
	for i, e := range s.list {
		if i+1 == len(s.list) || s.list[i+1]>>6 != e>>6 {
			kept = append(kept, e)
		}
	}
	s.list, s.sorted = kept, len(kept)
}

func (a *sketchAgg) appendState(dst []byte, g int32) []byte {
	s := a.settled(g)
	if s.all != nil {
		return append(append(dst, 2), s.all...)
	}
	if len(s.list) == 0 {
		return dst
	}
	dst = append(dst, 1)
	before := uint32(0)
	for _, e := range s.list {
		dst = binary.AppendUvarint(dst, uint64(e-before))
		before = e
	}
	return dst
}

func (a *sketchAgg) merge(g int32, state []byte) error {
	switch {
	case len(state) == 0:
		return nil
	case state[0] == 1:
		return a.mergeList(g, state[1:])
	case state[0] != 2 || len(state) != 1+registers:
		return errState
	}
	for i, to := range state[1:] {
		if to > maxRegister {
			return errState
		}
		if to > 0 {
			a.take(g, uint32(i), to)
		}
	}
	return nil
}

func (a *sketchAgg) mergeList(g int32, list []byte) error {
	e := uint64(0)
	for len(list) > 0 {
		step, k := binary.Uvarint(list)
		if k <= 0 || step > registers<<6 {
			return errState
		}
		if e += step; e >= registers<<6 || e&63 == 0 || e&63 > maxRegister {
			return errState
		}
		a.take(g, uint32(e>>6), byte(e&63))
		list = list[k:]
	}
	return nil
}

func (a *sketchAgg) appendValue(dst []byte, g int32) ([]byte, bool) {
	return strconv.AppendInt(dst, int64(math.Round(a.settled(g).estimate())), 10), false
}

// estimate is how many different values there were. The list is in order.
func (s *sketch) estimate() float64 {
	var counts [maxRegister + 1]float64 // of registers, by what they hold
	for _, e := range s.list {
		counts[e&63]++
	}
	for _, to := range s.all {
		counts[to]++
	}
	if s.all == nil {
		counts[0] = registers - float64(len(s.list))
	}
	z := registers * tau(1-counts[maxRegister]/registers)
	for k := maxRegister - 1; k >= 1; k-- {
		z = (z + counts[k]) / 2
	}
	z += registers * sigma(counts[0]/registers)
	return registers * registers / (2 * math.Ln2 * z)
}

// sigma is x + Σ x^(2^k)·2^(k-1): what the registers that are zero add.
func sigma(x float64) float64 {
	if x == 1 {
		return math.Inf(1)
	}
	for y, z := 1.0, x; ; y += y {
		x *= x
		before := z
		if z += x * y; z == before {
			return z
		}
	}
}

// tau is (1 - x - Σ (1-x^(2^-k))²·2^-k) / 3: what the registers that are full add.
func tau(x float64) float64 {
	if x == 0 || x == 1 {
		return 0
	}
	for y, z := 1.0, 1-x; ; {
		x = math.Sqrt(x)
		before := z
		y /= 2
		if z -= (1 - x) * (1 - x) * y; z == before {
			return z / 3
		}
	}
}
