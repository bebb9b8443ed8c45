package exec

import (
	"encoding/binary"
	"errors"
	"math/big"
	"math/bits"
)

// sum is an exact sum of Numbers: an integer of 128 bits, or a big one when that
// overflows, × 10^exp. Equal sets of numbers give equal sums in any order.
type sum struct {
	hi    int64
	lo    uint64
	exp   int16
	large *big.Int // instead of hi and lo; nil: they hold
}

func (s *sum) add(n Number) {
	if n.mant == 0 {
		return
	}
	if n.exp < s.exp {
		s.rescale(n.exp)
	}
	if mant, ok := n.scaled(s.exp); ok && s.large == nil {
		s.add64(mant)
		return
	}
	s.addBig(big.NewInt(n.mant), n.exp)
}

// add64 adds an integer at the sum's exponent.
func (s *sum) add64(mant int64) {
	lo, carry := bits.Add64(s.lo, uint64(mant), 0)
	hi := s.hi + mant>>63 + int64(carry)
	if (hi < 0) != (s.hi < 0) && (s.hi < 0) == (mant < 0) {
		s.addBig(big.NewInt(mant), s.exp)
		return
	}
	s.hi, s.lo = hi, lo
}

// addSquare adds n². A sum takes either squares or numbers, so that its exponent
// is even here.
func (s *sum) addSquare(n Number) {
	if n.mant == 0 {
		return
	}
	if 2*n.exp < s.exp {
		s.rescale(2 * n.exp)
	}
	if mant, ok := n.scaled(s.exp / 2); ok && s.large == nil {
		abs, _ := Number{mant: mant}.abs()
		hi, lo := bits.Mul64(abs, abs)
		lo, carry := bits.Add64(s.lo, lo, 0)
		if hi, over := bits.Add64(uint64(s.hi), hi, carry); over == 0 && hi < 1<<62 && s.hi >= 0 {
			s.hi, s.lo = int64(hi), lo
			return
		}
	}
	square := new(big.Int).SetInt64(n.mant)
	s.addBig(square.Mul(square, square), 2*n.exp)
}

// addBig adds mant × 10^exp, where exp is not below the sum's.
func (s *sum) addBig(mant *big.Int, exp int16) {
	total := s.int()
	total.Add(total, new(big.Int).Mul(mant, bigPow10(int(exp)-int(s.exp))))
	s.setInt(total)
}

// rescale makes exp, which is smaller, the sum's exponent.
func (s *sum) rescale(exp int16) {
	if s.hi == 0 && s.lo == 0 && s.large == nil {
		s.exp = exp
		return
	}
	total := s.int()
	total.Mul(total, bigPow10(int(s.exp)-int(exp)))
	s.exp = exp
	s.setInt(total)
}

func bigPow10(n int) *big.Int {
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
}

// int is the sum's integer.
func (s *sum) int() *big.Int {
	if s.large != nil {
		return new(big.Int).Set(s.large)
	}
	n := new(big.Int).Lsh(big.NewInt(s.hi), 64)
	return n.Add(n, new(big.Int).SetUint64(s.lo))
}

func (s *sum) setInt(n *big.Int) {
	if n.BitLen() >= 127 {
		s.hi, s.lo, s.large = 0, 0, n
		return
	}
	s.large = nil
	s.lo = new(big.Int).And(n, new(big.Int).SetUint64(1<<64-1)).Uint64()
	s.hi = new(big.Int).Rsh(n, 64).Int64()
}

// merge adds another sum.
func (s *sum) merge(o *sum) {
	if s.exp == o.exp && s.large == nil && o.large == nil {
		lo, carry := bits.Add64(s.lo, o.lo, 0)
		hi := s.hi + o.hi + int64(carry)
		if (s.hi < 0) != (o.hi < 0) || (hi < 0) == (s.hi < 0) {
			s.hi, s.lo = hi, lo
			return
		}
	}
	if o.exp < s.exp {
		s.rescale(o.exp)
	}
	s.addBig(o.int(), o.exp)
}

// appendText appends the sum as a decimal.
func (s *sum) appendText(dst []byte) []byte {
	return appendDecimal(dst, s.int(), int(s.exp))
}

func (s *sum) rat() *big.Rat {
	r := new(big.Rat).SetInt(s.int())
	return r.Mul(r, ratPow10(int(s.exp)))
}

// ratio is the sum divided by n, as the nearest float of 53 bits.
func (s *sum) ratio(n uint64) *big.Float {
	r := s.rat()
	return newFloat(r.Quo(r, new(big.Rat).SetUint64(n)))
}

// appendState appends exp varint, then the integer: its length in bytes times
// two, plus one when it is negative, as a uvarint, and its magnitude, big-endian.
func (s *sum) appendState(dst []byte) []byte {
	dst = binary.AppendVarint(dst, int64(s.exp))
	if s.large != nil {
		return appendMagnitude(dst, s.large.Bytes(), s.large.Sign() < 0)
	}
	hi, lo := uint64(s.hi), s.lo
	if s.hi < 0 {
		var borrow uint64
		lo, borrow = bits.Sub64(0, lo, 0)
		hi, _ = bits.Sub64(0, hi, borrow)
	}
	var b [16]byte
	binary.BigEndian.PutUint64(b[:], hi)
	binary.BigEndian.PutUint64(b[8:], lo)
	zeros := bits.LeadingZeros64(hi) / 8
	if hi == 0 {
		zeros += bits.LeadingZeros64(lo) / 8
	}
	return appendMagnitude(dst, b[zeros:], s.hi < 0)
}

func appendMagnitude(dst, magnitude []byte, negative bool) []byte {
	head := uint64(len(magnitude)) << 1
	if negative {
		head |= 1
	}
	return append(binary.AppendUvarint(dst, head), magnitude...)
}

var errState = errors.New("malformed state of an aggregate")

// maxSum is the longest integer of a sum that a state may hold, in bytes: all
// float exponents and 2^64 addends are well below.
const maxSum = 512

// readSum reads what appendState has written.
func readSum(state []byte) (s sum, rest []byte, err error) { return readPowers(state, 1) }

// readSquares does the same for a sum of squares.
func readSquares(state []byte) (s sum, rest []byte, err error) {
	s, rest, err = readPowers(state, 2)
	if err == nil && s.exp%2 != 0 {
		err = errState
	}
	return s, rest, err
}

// readPowers reads a sum of numbers to the power of 1 or 2.
func readPowers(state []byte, power int) (s sum, rest []byte, err error) {
	exp, k := binary.Varint(state)
	if k <= 0 || exp < int64(power)*minExp || exp > int64(power)*maxExp {
		return s, nil, errState
	}
	state = state[k:]
	head, k := binary.Uvarint(state)
	if k <= 0 || head>>1 > uint64(power)*maxSum || head>>1 > uint64(len(state)-k) {
		return s, nil, errState
	}
	magnitude, rest := state[k:k+int(head>>1)], state[k+int(head>>1):]
	s.exp = int16(exp)
	if len(magnitude) <= 15 {
		s.setSmall(magnitude, head&1 != 0)
		return s, rest, nil
	}
	n := new(big.Int).SetBytes(magnitude)
	if head&1 != 0 {
		n.Neg(n)
	}
	s.setInt(n)
	return s, rest, nil
}

// setSmall sets the integer from a magnitude that 128 bits hold.
func (s *sum) setSmall(magnitude []byte, negative bool) {
	var b [16]byte
	copy(b[16-len(magnitude):], magnitude)
	hi, lo := binary.BigEndian.Uint64(b[:]), binary.BigEndian.Uint64(b[8:])
	if negative {
		var borrow uint64
		lo, borrow = bits.Sub64(0, lo, 0)
		hi, _ = bits.Sub64(0, hi, borrow)
	}
	s.hi, s.lo = int64(hi), lo
}
