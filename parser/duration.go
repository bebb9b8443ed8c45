package parser

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
)

// durationUnit is a unit that a duration is written in.
type durationUnit struct {
	name string
	size time.Duration
}

// durationUnits are all units, largest first.
func durationUnits() []durationUnit {
	return []durationUnit{
		{"d", 24 * time.Hour},
		{"h", time.Hour},
		{"m", time.Minute},
		{"s", time.Second},
		{"ms", time.Millisecond},
	}
}

// parseDuration reads 1h30m, 90s, or a number of seconds without unit.
func parseDuration(text string) (time.Duration, error) {
	if _, err := strconv.ParseUint(text, 10, 64); err == nil {
		text += "s"
	}
	var sum time.Duration
	for text != "" {
		digits := len(text) - len(strings.TrimLeft(text, "0123456789"))
		unit := len(text[digits:]) - len(strings.TrimLeft(text[digits:], "dhms"))
		d, err := parseTerm(text[:digits], text[digits:digits+unit])
		if err != nil || d > math.MaxInt64-sum {
			return 0, errors.New("not a duration")
		}
		sum += d
		text = text[digits+unit:]
	}
	return sum, nil
}

func parseTerm(digits, unit string) (time.Duration, error) {
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return 0, err
	}
	for _, u := range durationUnits() {
		if u.name == unit && time.Duration(n) <= math.MaxInt64/u.size {
			return time.Duration(n) * u.size, nil
		}
	}
	return 0, errors.New("not a unit, or too long")
}

// formatDuration writes what parseDuration reads; d is a positive number of
// milliseconds.
func formatDuration(d time.Duration) string {
	var b strings.Builder
	for _, u := range durationUnits() {
		if n := d / u.size; n > 0 {
			b.WriteString(strconv.FormatInt(int64(n), 10))
			b.WriteString(u.name)
			d -= n * u.size
		}
	}
	return b.String()
}
