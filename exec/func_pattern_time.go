package exec

import "bytes"

// clockLength is how long the time of day is that s begins with: 9:05:00,
// 10:15:00.123, 10:15:00Z, 10:15:00+01:00.
func clockLength(s []byte) int {
	n := digitRun(s)
	if n < 1 || n > 2 {
		return 0
	}
	for range 2 {
		if len(s) < n+3 || s[n] != ':' || digitRun(s[n+1:min(len(s), n+4)]) != 2 {
			return 0
		}
		n += 3
	}
	if n+1 < len(s) && s[n] == ':' && isDigit(s[n+1]) {
		n += 1 + digitRun(s[n+1:]) // 10:15:00:123
	}
	if n+1 < len(s) && (s[n] == '.' || s[n] == ',') && isDigit(s[n+1]) {
		n += 1 + digitRun(s[n+1:])
	}
	if n < len(s) && s[n] == ':' {
		return 0 // of more than a time
	}
	return ended(s, n+zoneLength(s[n:]))
}

// zoneLength: Z, +0100, +01:00, and behind a blank +0100, GMT, UTC.
func zoneLength(s []byte) int {
	n := 0
	if len(s) > 0 && s[0] == 'Z' {
		return 1
	}
	if len(s) > 0 && s[0] == ' ' {
		if bytes.HasPrefix(s, []byte(" GMT")) || bytes.HasPrefix(s, []byte(" UTC")) {
			return min(4, ended(s, 4))
		}
		n = 1
	}
	if len(s) < n+5 || s[n] != '+' && s[n] != '-' {
		return 0
	}
	switch {
	case digitRun(s[n+1:]) == 4:
		return n + 5
	case n == 0 && digitRun(s[1:]) == 2 && len(s) > 5 && s[3] == ':' && digitRun(s[4:]) == 2:
		return 6
	}
	return 0
}

// dateLength is how long the date, with its time if there is one, is that s begins
// with: 2026-11-20, 2026/11/20, 20/Nov/2026:10:15:00 +0100, 20261120-101500.
func dateLength(s []byte) int {
	n := 0
	switch digits := digitRun(s); {
	case digits == 4 && len(s) >= 10 && (s[4] == '-' || s[4] == '/') && s[7] == s[4] && digitRun(s[5:]) == 2 && digitRun(s[8:]) == 2:
		n = 10
	case digits <= 2 && len(s) >= digits+9 && s[digits] == '/' && s[digits+4] == '/' && isMonth(s[digits+1:]) && digitRun(s[digits+5:]) == 4:
		n = digits + 9
	case digits == 8 && len(s) >= 15 && s[8] == '-' && digitRun(s[9:]) == 6 && (s[0] == '1' || s[0] == '2') && s[9] <= '2':
		return ended(s, 15)
	default:
		return 0
	}
	if n < len(s) && bytes.IndexByte([]byte("T :_"), s[n]) >= 0 {
		if clock := clockLength(s[n+1:]); clock > 0 {
			return n + 1 + clock
		}
	}
	return ended(s, n)
}

func isMonth(s []byte) bool {
	if len(s) < 3 {
		return false
	}
	switch string(s[:3]) {
	case "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec":
		return true
	}
	return false
}

func isWeekday(s []byte) bool {
	if len(s) < 3 {
		return false
	}
	switch string(s[:3]) {
	case "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun":
		return true
	}
	return false
}

// namedTimeLength is how long the time with the name of its month is that s begins
// with: Nov 20 10:15:00, Fri Nov 20 10:15:00 2026, Fri, 20 Nov 2026 10:15:00 GMT.
func namedTimeLength(s []byte) int {
	n := 0
	if isWeekday(s) {
		n = 3
		if n < len(s) && s[n] == ',' {
			n++
		}
		n += blanks(s[n:])
	}
	year := false
	switch {
	case isMonth(s[n:]):
		n += 3
		n += blanks(s[n:])
		digits := digitRun(s[n:])
		if digits < 1 || digits > 2 {
			return 0
		}
		n += digits
	case digitRun(s[n:]) > 0 && digitRun(s[n:]) <= 2:
		n += digitRun(s[n:])
		n += blanks(s[n:])
		if !isMonth(s[n:]) {
			return 0
		}
		n += 3
		n += blanks(s[n:])
		if digitRun(s[n:]) != 4 {
			return 0
		}
		n += 4
		year = true
	default:
		return 0
	}
	n += blanks(s[n:])
	clock := clockLength(s[n:])
	if clock == 0 {
		return 0
	}
	n += clock
	if !year && n < len(s) && s[n] == ' ' && digitRun(s[n+1:]) == 4 && ended(s, n+5) > 0 {
		n += 5
	}
	return n
}

func blanks(s []byte) int {
	n := 0
	for n < len(s) && s[n] == ' ' {
		n++
	}
	return n
}
