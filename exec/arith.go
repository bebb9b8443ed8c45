package exec

import (
	"math/big"
	"math/bits"
	"strconv"
)

// Arithmetic on Numbers is exact as long as 63 bits hold the result's digits;
// beyond that the 18 most significant ones are kept. Quotients are rounded to the
// nearest float of 53 bits. What is beyond the limits of an exponent is no number.

func (n Number) abs() (mant uint64, neg bool) {
	if n.mant < 0 {
		return uint64(-n.mant), true
	}
	return uint64(n.mant), false
}

func (n Number) negated() Number {
	n.mant = -n.mant
	return n
}

func (n Number) absolute() Number {
	n.mant = max(n.mant, -n.mant)
	return n
}

func (n Number) add(m Number) Number {
	exp := min(n.exp, m.exp)
	a, okA := n.scaled(exp)
	b, okB := m.scaled(exp)
	if sum := a + b; okA && okB && (sum > a) == (b > 0) && sum != -1<<63 {
		return newNumber(sum, int(exp))
	}
	return rounded(new(big.Int).Add(n.bigAt(exp), m.bigAt(exp)), int(exp))
}

func (n Number) sub(m Number) Number { return n.add(m.negated()) }

func (n Number) mul(m Number) Number {
	a, negA := n.abs()
	b, negB := m.abs()
	hi, lo := bits.Mul64(a, b)
	exp := int(n.exp) + int(m.exp)
	if hi != 0 || lo > 1<<63-1 {
		return rounded(new(big.Int).Mul(big.NewInt(n.mant), big.NewInt(m.mant)), exp)
	}
	if negA != negB {
		return newNumber(-int64(lo), exp)
	}
	return newNumber(int64(lo), exp)
}

// div is no number when m is zero.
func (n Number) div(m Number) Number {
	if m.mant == 0 {
		return Number{}
	}
	exp := min(n.exp, m.exp)
	a, okA := n.scaled(exp)
	b, okB := m.scaled(exp)
	var buf [40]byte
	if const53 := int64(1 << 53); okA && okB && max(a, -a) < const53 && max(b, -b) < const53 {
		return parseNumber(strconv.AppendFloat(buf[:0], float64(a)/float64(b), 'e', -1, 64))
	}
	r := n.rat()
	return parseNumber(newFloat(r.Quo(r, m.rat())).Append(buf[:0], 'e', -1))
}

// mod has the sign of n, and is no number when m is zero.
func (n Number) mod(m Number) Number {
	if m.mant == 0 {
		return Number{}
	}
	exp := min(n.exp, m.exp)
	a, okA := n.scaled(exp)
	b, okB := m.scaled(exp)
	if okA && okB {
		return newNumber(a%b, int(exp))
	}
	return rounded(new(big.Int).Rem(n.bigAt(exp), m.bigAt(exp)), int(exp))
}

// whole gives the integer below n, or its own integer part towards zero, at a
// power of ten: at 0 the ones, at -2 the hundredths.
func (n Number) whole(exp int, toward func(mant, unit int64) int64) Number {
	d := exp - int(n.exp)
	switch {
	case d <= 0 || n.mant == 0:
		return n
	case d == 19:
		return newNumber(toward(n.mant/10, int64(pow10(18))), exp)
	case d > 18:
		return newNumber(toward(sign(n.mant), 100), exp)
	}
	return newNumber(toward(n.mant, int64(pow10(d))), exp)
}

func sign(n int64) int64 {
	if n < 0 {
		return -1
	}
	return 1
}

func truncate(mant, unit int64) int64 { return mant / unit }

func floor(mant, unit int64) int64 {
	if mant%unit < 0 {
		return mant/unit - 1
	}
	return mant / unit
}

func ceil(mant, unit int64) int64 { return -floor(-mant, unit) }

// halfUp rounds to the nearest, and halves away from zero.
func halfUp(mant, unit int64) int64 {
	rest := mant % unit
	if uint64(max(rest, -rest)) >= uint64(unit)-uint64(unit)/2 {
		return mant/unit + sign(mant)
	}
	return mant / unit
}

// bigAt is the mantissa that n has at an exponent that is no greater.
func (n Number) bigAt(exp int16) *big.Int {
	if n.mant == 0 {
		return new(big.Int)
	}
	return new(big.Int).Mul(big.NewInt(n.mant), bigPow10(int(n.exp)-int(exp)))
}

// rounded is the Number nearest to mant × 10^exp.
func rounded(mant *big.Int, exp int) Number {
	digits := append(mant.Append(nil, 10), 'e')
	return parseNumber(strconv.AppendInt(digits, int64(exp), 10))
}
