package exec

import (
	"fmt"
	"strconv"
)

// A bin of histogram(x) goes from 1, 2 or 5 times a power of ten to the next of
// them; zero has its own, and negative numbers have those of their absolute
// values. Bins are told by decimal digits, so that a bound is always in the bin
// that begins with it.

// decimalBins is how many bins there are below 1.
const decimalBins = 3 * -minExp

// lastDecimal is the bin of the greatest Number.
const lastDecimal = 3*(maxExp+18) + decimalBins + 3

func decimalBin(n Number) int32 {
	abs, neg := n.abs()
	if abs == 0 {
		return 0
	}
	bin := int32(3*n.power() + decimalBins + 1)
	for abs >= 10 {
		abs /= 10
	}
	switch {
	case abs >= 5:
		bin += 2
	case abs >= 2:
		bin++
	}
	if neg {
		return -bin
	}
	return bin
}

// decimalBound is where a bin above zero begins.
func decimalBound(bin int32) Number {
	k := int(bin) - decimalBins - 1 + 3*400
	return Number{mant: [3]int64{1, 2, 5}[k%3], exp: int16(k/3 - 400), ok: true}
}

// appendHistogram appends the bins that are not empty: from..to:count, in order.
func appendHistogram(dst []byte, t *tally[int32]) []byte {
	for i, r := range t.runs {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = append(appendBin(dst, r.value), ':')
		dst = strconv.AppendUint(dst, r.n, 10)
	}
	return dst
}

func appendBin(dst []byte, bin int32) []byte {
	from, to := bin, bin+1
	if bin < 0 {
		from, to = bin-1, bin
	}
	if bin == 0 {
		return append(dst, '0')
	}
	dst = append(appendBound(dst, from), ".."...)
	return appendBound(dst, to)
}

func appendBound(dst []byte, bin int32) []byte {
	if bin < 0 {
		dst, bin = append(dst, '-'), -bin
	}
	n := decimalBound(bin)
	if n.exp > -longest && n.exp < longest {
		return n.append(dst)
	}
	return fmt.Appendf(dst, "%de%+d", n.mant, n.exp)
}
