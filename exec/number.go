package exec

import (
	"cmp"
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

// parseNumber reads [+-]digits[.digits][e[+-]digits]. Of more digits than 63 bits
// hold it takes the 18 most significant ones, rounded half away from zero. NaN,
// Inf and hexadecimal are text.
func parseNumber(s []byte) Number {
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
		if mant >= (1<<63)/10 && (mant > (1<<63)/10 || c > 7) {
			return parseLong(s)
		}
		digits++
		mant = mant*10 + uint64(c)
		if point {
			exp--
		}
	}
	if digits == 0 {
		return Number{}
	}
	return withExponent(mant, neg, exp, s[i:])
}

// parseLong is parseNumber for more digits than a mantissa holds.
func parseLong(s []byte) Number {
	neg := s[0] == '-'
	if neg || s[0] == '+' {
		s = s[1:]
	}
	digits, exp, i := 0, 0, 0
	point, up := false, false
	var mant uint64
	for ; i < len(s); i++ {
		c := s[i] - '0'
		switch {
		case s[i] == '.' && !point:
			point = true
			continue
		case c > 9:
			return withExponent(mant+roundUp(up), neg, exp, s[i:])
		case digits < 18:
			mant = mant*10 + uint64(c)
		case digits == 18:
			up = c >= 5
		}
		if mant > 0 {
			digits++
		}
		if point {
			exp--
		}
		if digits > 18 {
			exp++
		}
	}
	return withExponent(mant+roundUp(up), neg, exp, nil)
}

func roundUp(up bool) uint64 {
	if up {
		return 1
	}
	return 0
}

// withExponent is the number that ends in rest: nothing, or an exponent.
func withExponent(mant uint64, neg bool, exp int, rest []byte) Number {
	if len(rest) > 0 {
		e, ok := parseExponent(rest)
		if !ok {
			return Number{}
		}
		exp += e
	}
	for mant != 0 && exp < minExp && mant%10 == 0 {
		mant /= 10
		exp++
	}
	if neg {
		return newNumber(-int64(mant), exp)
	}
	return newNumber(int64(mant), exp)
}

// newNumber is mant × 10^exp, if that is within the limits. There is one zero
// only, so that equal numbers look equal.
func newNumber(mant int64, exp int) Number {
	switch {
	case mant == 0:
		return Number{ok: true}
	case exp > maxExp || exp < minExp:
		return Number{}
	}
	return Number{mant: mant, exp: int16(exp), ok: true}
}

// farExp is beyond every exponent that digits of a line could make up for.
const farExp = 1 << 40

// parseExponent reads e[+-]digits.
func parseExponent(s []byte) (exp int, ok bool) {
	if s[0] != 'e' && s[0] != 'E' {
		return 0, false
	}
	s = s[1:]
	neg := len(s) > 0 && s[0] == '-'
	if neg || len(s) > 0 && s[0] == '+' {
		s = s[1:]
	}
	for _, c := range s {
		if c < '0' || c > '9' {
			return 0, false
		}
		exp = min(exp*10+int(c-'0'), farExp)
	}
	if neg {
		exp = -exp
	}
	return exp, len(s) > 0
}

// pow10 is 10^n for n up to 18.
func pow10(n int) uint64 { return powers[n] }

var powers = [19]uint64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12,
	1e13, 1e14, 1e15, 1e16, 1e17, 1e18}

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
	hi, lo := bits.Mul64(abs, pow10(d))
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
		return cmp.Compare(n.mant, m.mant)
	}
	exp := min(n.exp, m.exp)
	a, okA := n.scaled(exp)
	b, okB := m.scaled(exp)
	if okA && okB {
		return cmp.Compare(a, b)
	}
	if n.mant < 0 != (m.mant < 0) || n.mant == 0 || m.mant == 0 {
		return cmp.Compare(n.mant, m.mant)
	}
	if c := cmp.Compare(n.power(), m.power()); c != 0 {
		if n.mant < 0 {
			return -c
		}
		return c
	}
	return n.rat().Cmp(m.rat())
}

// power is the place of the first digit, where the number is not zero.
func (n Number) power() int {
	power := int(n.exp)
	for abs, _ := n.abs(); abs >= 10; abs /= 10 {
		power++
	}
	return power
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

// newFloat is the nearest float of 53 bits. Its exponent has no bounds, unlike
// that of a float64, so that a sum of the greatest numbers is none too.
func newFloat(r *big.Rat) *big.Float { return new(big.Float).SetPrec(53).SetRat(r) }

// append appends the number as text: in full, without trailing zeros.
func (n Number) append(dst []byte) []byte {
	abs, neg := n.abs()
	var buf [20]byte
	if d, ok := appendDigits(dst, strconv.AppendUint(buf[:0], abs, 10), int(n.exp), neg); ok {
		return d
	}
	return appendDecimal(dst, big.NewInt(n.mant), int(n.exp))
}

// longest is how many digits a number is printed with before it is printed as
// the nearest float, with an exponent.
const longest = 40

// appendDecimal appends mant × 10^exp.
func appendDecimal(dst []byte, mant *big.Int, exp int) []byte {
	digits := new(big.Int).Abs(mant).Append(nil, 10)
	if d, ok := appendDigits(dst, digits, exp, mant.Sign() < 0); ok {
		return d
	}
	r := new(big.Rat).SetInt(mant)
	return newFloat(r.Mul(r, ratPow10(exp))).Append(dst, 'g', -1)
}

// appendDigits appends digits × 10^exp, if that is not too long.
func appendDigits(dst, digits []byte, exp int, neg bool) ([]byte, bool) {
	for len(digits) > 1 && digits[len(digits)-1] == '0' && exp < 0 {
		digits = digits[:len(digits)-1]
		exp++
	}
	if len(digits)+max(exp, 0) > longest || -exp > longest {
		return dst, false
	}
	if neg {
		dst = append(dst, '-')
	}
	point := len(digits) + min(exp, 0)
	if point <= 0 {
		dst = append(dst, '0', '.')
		dst = appendZeros(dst, -point)
		return append(dst, digits...), true
	}
	dst = append(dst, digits[:point]...)
	if exp < 0 {
		dst = append(dst, '.')
	}
	dst = append(dst, digits[point:]...)
	return appendZeros(dst, exp), true
}

func appendZeros(dst []byte, n int) []byte {
	for range n {
		dst = append(dst, '0')
	}
	return dst
}
