package exec

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"fantail/exec/format"
	"fantail/planner"
)

// instant is a point in time as a log wrote it.
type instant struct {
	unix   Number // seconds since 1970; of a time without a zone, as if it were UTC
	offset int    // of the zone that it was written in, in seconds east
	zoned  bool   // it was written with a zone
}

// parseInstant reads 2026-11-20T10:15:00.5Z, with a blank for the T, a comma for
// the point, or without the zone; 20261120-101500; 20/Nov/2026:10:15:00 +0100; and
// seconds since 1970, or as many digits of milli-, micro- or nanoseconds.
func parseInstant(s []byte) (t instant, ok bool) {
	if n := parseNumber(s); n.ok {
		unix := epochSeconds(n)
		return instant{unix: unix, zoned: true}, unix.ok && unix.absolute().compare(newNumber(1, 12)) < 0
	}
	var year, month, day int
	rest := s
	dateOK := true
	digits := func(n int) (v int) {
		if len(rest) < n {
			dateOK = false
			return 0
		}
		for _, c := range rest[:n] {
			dateOK = dateOK && isDigit(c)
			v = v*10 + int(c-'0')
		}
		rest = rest[n:]
		return v
	}
	skip := func(any string) {
		if len(rest) == 0 || strings.IndexByte(any, rest[0]) < 0 {
			dateOK = false
			return
		}
		rest = rest[1:]
	}
	sep := true // digits of the clock have colons between them
	switch {
	case len(s) > 11 && s[2] == '/':
		day = digits(2)
		skip("/")
		month = monthNamed(rest)
		rest = rest[3:]
		skip("/")
		year = digits(4)
		skip(":")
	case len(s) >= 15 && s[8] == '-':
		year, month, day = digits(4), digits(2), digits(2)
		skip("-")
		sep = false
	default:
		year = digits(4)
		skip("-")
		month = digits(2)
		skip("-")
		day = digits(2)
		skip("T ")
	}
	var clock [3]int
	for i := range clock {
		if i > 0 && sep {
			skip(":")
		}
		clock[i] = digits(2)
	}
	if !dateOK || month < 1 || month > 12 || day < 1 || day > 31 || clock[0] > 23 || clock[1] > 59 || clock[2] > 60 {
		return t, false
	}
	unix := time.Date(year, time.Month(month), day, clock[0], clock[1], clock[2], 0, time.UTC).Unix()
	fraction, rest := cutFraction(rest)
	t.unix = newNumber(unix, 0).add(fraction)
	return t.inZone(rest)
}

// epochSeconds takes a number for seconds, or for what its size makes likely: a
// year beyond 5000 is one of a smaller unit.
func epochSeconds(n Number) Number {
	for _, limit := range []int{17, 14, 11} {
		if n.absolute().compare(newNumber(1, limit)) >= 0 {
			return n.mul(newNumber(1, -(limit - 8)))
		}
	}
	return n
}

func monthNamed(s []byte) int {
	if len(s) < 3 {
		return 0
	}
	i := strings.Index("JanFebMarAprMayJunJulAugSepOctNovDec", string(s[:3]))
	if i < 0 || i%3 != 0 {
		return 0
	}
	return i/3 + 1
}

func cutFraction(s []byte) (Number, []byte) {
	n := 1
	for len(s) > 0 && (s[0] == '.' || s[0] == ',') && n < len(s) && n < 10 && isDigit(s[n]) {
		n++
	}
	if n == 1 {
		return Number{ok: true}, s
	}
	digits := parseNumber(s[1:n])
	rest := s[n:]
	for len(rest) > 0 && isDigit(rest[0]) {
		rest = rest[1:]
	}
	return digits.mul(newNumber(1, -(n - 1))), rest
}

// inZone takes the zone behind a time: nothing, Z, +0100 or +01:00.
func (t instant) inZone(s []byte) (instant, bool) {
	if len(s) > 0 && s[0] == ' ' {
		s = s[1:]
	}
	switch {
	case len(s) == 0:
		return t, true
	case string(s) == "Z":
		t.zoned = true
		return t, true
	case len(s) == 6 && s[3] == ':':
		s = append([]byte{}, s[0], s[1], s[2], s[4], s[5])
	}
	if len(s) != 5 || s[0] != '+' && s[0] != '-' {
		return t, false
	}
	n, ok := wholeNumber(s)
	t.offset, t.zoned = int(n/100*3600+n%100*60), true
	t.unix = t.unix.sub(newNumber(int64(t.offset), 0))
	return t, ok
}

// local is the time on the clock of its zone, and how to write it.
func (t instant) local() time.Time {
	seconds := t.unix.whole(0, floor)
	whole, _ := seconds.scaled(0)
	rest, _ := t.unix.sub(seconds).scaled(-9)
	return time.Unix(whole, rest).In(time.UTC).Add(time.Duration(t.offset) * time.Second)
}

// appendLocal writes what local gives, as RFC 3339 does.
func (t instant) appendLocal(dst []byte, at time.Time) []byte {
	dst = at.AppendFormat(dst, "2006-01-02T15:04:05")
	switch {
	case !t.zoned:
		return dst
	case t.offset == 0:
		return append(dst, 'Z')
	}
	offset, sign := t.offset/60, byte('+')
	if offset < 0 {
		offset, sign = -offset, '-'
	}
	return fmt.Appendf(append(dst, sign), "%02d:%02d", offset/60, offset%60)
}

// epoch is a time's seconds since 1970.
func epoch(dst []byte, args [][]byte) ([]byte, bool) {
	t, ok := parseInstant(args[0])
	if !ok || !t.unix.ok {
		return dst, false
	}
	return t.unix.append(dst), true
}

// dateTrunc is the beginning of the second, minute, hour, day, week, month or
// year that a time is in, on the clock of its zone.
func dateTrunc(e *planner.Call) (rowFunc, error) {
	unit, err := literal(e, 0)
	if err != nil {
		return nil, err
	}
	if _, ok := truncTime(time.Time{}, unit); !ok {
		return nil, fmt.Errorf("unknown unit of time %q", unit)
	}
	return func(dst []byte, args [][]byte) ([]byte, bool) {
		t, ok := parseInstant(args[1])
		if !ok {
			return dst, false
		}
		at, _ := truncTime(t.local(), unit)
		return t.appendLocal(dst, at), true
	}, nil
}

func truncTime(t time.Time, unit string) (time.Time, bool) {
	y, m, d := t.Date()
	switch unit {
	case "second":
		return t.Truncate(time.Second), true
	case "minute":
		return t.Truncate(time.Minute), true
	case "hour":
		return t.Truncate(time.Hour), true
	case "day":
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC), true
	case "week":
		return time.Date(y, m, d-(int(t.Weekday())+6)%7, 0, 0, 0, 0, time.UTC), true
	case "month":
		return time.Date(y, m, 1, 0, 0, 0, 0, time.UTC), true
	case "year":
		return time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC), true
	}
	return t, false
}

// strftime writes a time on the clock of its zone: %Y %m %d %H %M %S %j %w %s %%.
func strftime(e *planner.Call) (rowFunc, error) {
	layout, err := literal(e, 0)
	return func(dst []byte, args [][]byte) ([]byte, bool) {
		t, ok := parseInstant(args[1])
		if !ok {
			return dst, false
		}
		at := t.local()
		for i := 0; i < len(layout); i++ {
			if layout[i] != '%' || i+1 == len(layout) {
				dst = append(dst, layout[i])
				continue
			}
			i++
			dst = appendTimePart(dst, layout[i], at, t)
		}
		return dst, true
	}, err
}

func appendTimePart(dst []byte, part byte, at time.Time, t instant) []byte {
	switch part {
	case 'Y':
		return at.AppendFormat(dst, "2006")
	case 'm':
		return at.AppendFormat(dst, "01")
	case 'd':
		return at.AppendFormat(dst, "02")
	case 'H':
		return at.AppendFormat(dst, "15")
	case 'M':
		return at.AppendFormat(dst, "04")
	case 'S':
		return at.AppendFormat(dst, "05")
	case 'j':
		return at.AppendFormat(dst, "002")
	case 'w':
		return strconv.AppendInt(dst, int64(at.Weekday()), 10)
	case 's':
		return t.unix.whole(0, floor).append(dst)
	case '%':
		return append(dst, '%')
	}
	return append(dst, '%', part)
}

// timeBucket is bucket(x, 5m): of a length of time the greatest multiple below
// it, of an instant the last one on the clock of UTC, written as RFC 3339 does.
type timeBucket struct {
	x     value
	width Number
	col   column
}

func (v *timeBucket) eval(b *batch, sel []int32) *column {
	x := v.x.eval(b, sel)
	b.size(&v.col)
	for _, i := range sel {
		v.col.cells[i] = format.Null()
		if x.cells[i].IsNull() {
			continue
		}
		at := uint32(len(b.Text))
		if text, ok := v.appendValue(b.Text, b.text(x, i)); ok {
			b.Text = text
			v.col.cells[i] = format.Span{Start: at, End: uint32(len(b.Text))}
		}
	}
	return &v.col
}

func (v *timeBucket) appendValue(dst, s []byte) ([]byte, bool) {
	if n := parseQuantity(s, false); n.ok {
		n = n.bucket(v.width)
		return n.append(dst), n.ok
	}
	t, ok := parseInstant(s)
	if t.unix = t.unix.bucket(v.width); !ok || !t.unix.ok {
		return dst, false
	}
	return t.appendLocal(dst, t.local()), true
}
