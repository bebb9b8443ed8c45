package exec

import (
	"math"
	"strconv"
)

// approx_percentile(x, share) counts numbers in 64 bins for each power of two,
// and gives the middle of the bin in which the nearest rank is: within 0.79 % of
// it. A bin is the first bits of a float, so that finding it takes no logarithm.
// What is nearer to zero than 2^-1000 counts as zero, and what is beyond the range
// of a 64-bit float as that range's end.

const (
	binShift = 52 - 6             // bits of a float that do not tell its bin
	firstBin = (1023 - 1000) << 6 // the bin of 2^-1000
	lastBin  = 2047<<6 - 2        // the greatest whose end is finite
	minFloat = 1.0 / (1 << 500) / (1 << 500)
)

func logBin(n Number) int32 {
	f := n.float()
	abs := math.Abs(f)
	if abs < minFloat {
		return 0
	}
	bin := int32(min(math.Float64bits(abs)>>binShift, lastBin)) - firstBin + 1
	if f < 0 {
		return -bin
	}
	return bin
}

// binMiddle is the middle of a bin, to five digits.
func binMiddle(bin int32) Number {
	abs := max(bin, -bin)
	if abs == 0 {
		return Number{ok: true}
	}
	at := min(uint64(abs-1)+firstBin, lastBin)
	lo, hi := math.Float64frombits(at<<binShift), math.Float64frombits((at+1)<<binShift)
	n := parseNumber(strconv.AppendFloat(nil, lo+(hi-lo)/2, 'e', 4, 64))
	if bin < 0 {
		return n.negated()
	}
	return n
}

// shareOfBins shows a tally of bins as the value at a share.
func shareOfBins(share Number) func(dst []byte, t *tally[int32]) []byte {
	return func(dst []byte, t *tally[int32]) []byte { return binMiddle(t.atShare(share)).append(dst) }
}

// float is the nearest float; beyond their range it is infinite.
func (n Number) float() float64 {
	if abs, _ := n.abs(); abs < 1<<53 && n.exp >= -18 && n.exp <= 18 {
		if n.exp < 0 {
			return float64(n.mant) / float64(pow10(-int(n.exp)))
		}
		return float64(n.mant) * float64(pow10(int(n.exp)))
	}
	digits := append(strconv.AppendInt(nil, n.mant, 10), 'e')
	f, _ := strconv.ParseFloat(string(strconv.AppendInt(digits, int64(n.exp), 10)), 64)
	return f
}
