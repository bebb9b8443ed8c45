package exec

import (
	"math/big"
	"math/bits"
	"strconv"
)

// Number is a decimal: mant × 10^exp. Log lines hold decimals, so that sums of
// them are exact, and equal whatever the order they are added in, as binary
// floating point cannot be.
//
// The zero value is not a number.
type Number struct {
	mant int64
	exp  int16
	ok   bool
}

// The limits of an exponent: those of a 64-bit float, so that no text of a few
// bytes stands for a number of a million digits.
const (
	maxExp = 308
	minExp = -324
)

// parseNumber reads [+-]digits[.digits][e[+-]digits]. Of more digits than fit
// into 63 bits the last ones are rounded away. NaN, Inf and hexadecimal are text.
func parseNumber(s []byte) (n Number) {
	i, neg := 0, false
	if len(s) > 0 && (s[0] == '-' || s[0] == '+') {
		neg = s[0] == '-'
		i = 1
	}
	digits, exp := 0, 0
	point := false
	var mant uint64
	for ; i < len(s); i++ {
		c := s[i] - '0'
		if c > 9 {
			if s[i] != '.' || point {
				break
			}
			point = true
			continue
		}
		digits++
		switch {
		case mant < (1<<63)/10 || mant == (1<<63)/10 && c <= 7:
			mant = mant*10 + uint64(c)
			if point {
				exp--
			}
		default:
			return parseLong(s)
		}
	}
	if digits == 0 {
		return Number{}
	}
	if i < len(s) {
		e, ok := parseExponent(s[i:])
		if !ok {
			return Number{}
		}
		exp += e
	}
	return makeNumber(mant, neg, exp)
}

func makeNumber(mant uint64, neg bool, exp int) Number {
	for mant != 0 && exp < minExp && mant%10 == 0 {
		mant /= 10
		exp++
	}
	if exp > maxExp || exp < minExp {
		if mant != 0 {
			return Number{}
		}
		exp = 0
	}
	n := Number{mant: int64(mant), exp: int16(exp), ok: true}
	if neg {
		n.mant = -n.mant
	}
	return n
}

// parseExponent reads e[+-]digits.
func parseExponent(s []byte) (exp int, ok bool) {
	if s[0] != 'e' && s[0] != 'E' || len(s) > 6 {
		return 0, false
	}
	exp, err := strconv.Atoi(string(s[1:]))
	return exp, err == nil
}

// longestNumber is the longest text that is read as a number, in bytes.
const longestNumber = 1 << 10

// parseLong reads a number of more digits than a mantissa holds: it is that of
// the nearest 18 digits.
func parseLong(s []byte) Number {
	if len(s) > longestNumber {
		return Number{}
	}
	f, _, err := big.ParseFloat(string(s), 10, 256, big.ToNearestEven)
	if err != nil || f.IsInf() {
		return Number{}
	}
	for _, c := range s {
		if c|0x20 >= 'a' && c|0x20 <= 'z' && c|0x20 != 'e' || c == '_' {
			return Number{}
		}
	}
	return parseNumber(f.Append(nil, 'e', 17))
}

// intNumber is n as a Number.
func intNumber(n int64) Number { return Number{mant: n, ok: true} }

func pow10(n int) int64 {
	p := int64(1)
	for range n {
		p *= 10
	}
	return p
}

// scaled is the mantissa that n has at a smaller exponent, if 63 bits hold it.
func (n Number) scaled(exp int16) (mant int64, ok bool) {
	d := int(n.exp) - int(exp)
	if d == 0 || n.mant == 0 {
		return n.mant, true
	}
	if d > 18 {
		return 0, false
	}
	abs, neg := uint64(n.mant), n.mant < 0
	if neg {
		abs = -abs
	}
	hi, lo := bits.Mul64(abs, uint64(pow10(d)))
	if hi != 0 || lo > 1<<63-1 {
		return 0, false
	}
	if neg {
		return -int64(lo), true
	}
	return int64(lo), true
}

// compare orders two numbers: -1, 0 or 1.
func (n Number) compare(m Number) int {
	if n.exp == m.exp {
		return compareInts(n.mant, m.mant)
	}
	exp := min(n.exp, m.exp)
	a, okA := n.scaled(exp)
	b, okB := m.scaled(exp)
	if okA && okB {
		return compareInts(a, b)
	}
	return n.rat().Cmp(m.rat())
}

func compareInts(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func (n Number) rat() *big.Rat {
	r := new(big.Rat).SetInt64(n.mant)
	return r.Mul(r, ratPow10(int(n.exp)))
}

func ratPow10(exp int) *big.Rat {
	p := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(exp, -exp))), nil)
	if exp < 0 {
		return new(big.Rat).SetFrac(big.NewInt(1), p)
	}
	return new(big.Rat).SetInt(p)
}

// append appends the number as text: in full, without trailing zeros.
func (n Number) append(dst []byte) []byte {
	return appendDecimal(dst, big.NewInt(n.mant), int(n.exp))
}

// longest is how many digits a number is printed with before it is printed as
// the nearest float, with an exponent.
const longest = 40

// appendDecimal appends mant × 10^exp.
func appendDecimal(dst []byte, mant *big.Int, exp int) []byte {
	digits := new(big.Int).Abs(mant).Append(nil, 10)
	for len(digits) > 1 && digits[len(digits)-1] == '0' && exp < 0 {
		digits = digits[:len(digits)-1]
		exp++
	}
	if len(digits)+max(exp, 0) > longest || -exp > longest {
		f, _ := new(big.Rat).Mul(new(big.Rat).SetInt(mant), ratPow10(exp)).Float64()
		return strconv.AppendFloat(dst, f, 'g', -1, 64)
	}
	if mant.Sign() < 0 {
		dst = append(dst, '-')
	}
	for range exp {
		digits = append(digits, '0')
	}
	if exp >= 0 {
		return append(dst, digits...)
	}
	point := len(digits) + exp
	if point <= 0 {
		dst = append(dst, '0', '.')
		for range -point {
			dst = append(dst, '0')
		}
		return append(dst, digits...)
	}
	dst = append(dst, digits[:point]...)
	dst = append(dst, '.')
	return append(dst, digits[point:]...)
}
