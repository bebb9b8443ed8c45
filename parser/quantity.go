package parser

import (
	"strings"
	"unicode"
)

// Unit is what a number counts.
type Unit string

// The units of numbers with a unit, whatever they are written in.
const (
	Seconds Unit = "s"
	Bytes   Unit = "B"
)

// Unit is the number's unit; "" if it was written without one.
func (e *Number) Unit() Unit { return unitOf(e.Text) }

// unitOf gives the unit of a word such as 250ms, 1h30m or 1.5GiB, or "".
func unitOf(word string) Unit {
	unit := Unit("")
	for parts := 0; word != ""; parts++ {
		digits := len(word) - len(strings.TrimLeft(word, "0123456789."))
		if !isNumber(word[:digits]) {
			return ""
		}
		word = word[digits:]
		end := strings.IndexFunc(word, unicode.IsDigit)
		if end < 0 {
			end = len(word)
		}
		u := unitNamed(word[:end])
		if u == "" || parts > 0 && (u == Bytes || unit == Bytes) {
			return ""
		}
		unit, word = u, word[end:]
	}
	return unit
}

func unitNamed(name string) Unit {
	switch name {
	case "d", "h", "m", "s", "ms", "us", "µs", "μs", "ns":
		return Seconds
	case "B", "kB", "KB", "MB", "GB", "TB", "PB", "KiB", "MiB", "GiB", "TiB", "PiB":
		return Bytes
	}
	return ""
}
