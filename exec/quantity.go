package exec

import "bytes"

// parseQuantity reads a number of a unit, as a literal of the language or as
// programs log it: 250ms, 1h30m, 59m58.2s, -1.5GiB, or a number alone. The result
// counts seconds, or bytes. What has the other unit is no number.
func parseQuantity(s []byte, size bool) Number {
	if n := parseNumber(s); n.ok {
		return n
	}
	neg := len(s) > 0 && s[0] == '-'
	if neg || len(s) > 0 && s[0] == '+' {
		s = s[1:]
	}
	sum := Number{ok: true}
	for parts := 0; len(s) > 0; parts++ {
		digits, unit := cutUnit(s)
		n, u := parseNumber(s[:digits]), unitSize(s[digits:digits+unit], size)
		if digits == 0 || !n.ok || !u.ok || size && parts > 0 {
			return Number{}
		}
		if sum = sum.add(n.mul(u)); !sum.ok {
			return sum
		}
		s = s[digits+unit:]
	}
	if neg {
		sum = sum.negated()
	}
	return sum
}

// cutUnit tells how long the number is that s begins with, and the unit behind
// it. A blank may stand between a value and its unit.
func cutUnit(s []byte) (digits, unit int) {
	for digits < len(s) && (s[digits] >= '0' && s[digits] <= '9' || s[digits] == '.') {
		digits++
	}
	for digits+unit < len(s) && (s[digits+unit] < '0' || s[digits+unit] > '9') {
		unit++
	}
	return digits, unit
}

// unitSize is how many seconds or bytes a unit is. Those of sizes are decimal but
// for the ones with an i, as the standards have them.
func unitSize(unit []byte, size bool) Number {
	unit = bytes.TrimLeft(unit, " ")
	if size {
		return sizeUnit(unit)
	}
	switch string(unit) {
	case "d":
		return newNumber(86400, 0)
	case "h":
		return newNumber(3600, 0)
	case "m":
		return newNumber(60, 0)
	case "s":
		return newNumber(1, 0)
	case "ms":
		return newNumber(1, -3)
	case "us", "µs", "μs":
		return newNumber(1, -6)
	case "ns":
		return newNumber(1, -9)
	}
	return Number{}
}

func sizeUnit(unit []byte) Number {
	switch string(unit) {
	case "B":
		return newNumber(1, 0)
	case "kB", "KB":
		return newNumber(1, 3)
	case "MB":
		return newNumber(1, 6)
	case "GB":
		return newNumber(1, 9)
	case "TB":
		return newNumber(1, 12)
	case "PB":
		return newNumber(1, 15)
	case "KiB":
		return newNumber(1<<10, 0)
	case "MiB":
		return newNumber(1<<20, 0)
	case "GiB":
		return newNumber(1<<30, 0)
	case "TiB":
		return newNumber(1<<40, 0)
	case "PiB":
		return newNumber(1<<50, 0)
	}
	return Number{}
}
