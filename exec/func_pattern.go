package exec

import "bytes"

// pattern is what lines of one kind have in common: what differs between them is
// replaced by what it is.
//
//	<uuid>  8-4-4-4-12 hexadecimal digits
//	<ip>    an IPv4 or IPv6 address
//	<hex>   0x and hexadecimal digits, or a word of 8 or more that has digits and letters
//	<num>   any other run of digits, with points and commas between them
//	<path>  two or more segments of a path, one behind the other, that are any of these
//
// It looks at nothing but its text, so that equal lines have equal patterns on
// every host, and groups by them merge.
func pattern(dst []byte, args [][]byte) ([]byte, bool) {
	s, begin := args[0], len(dst)
	ids, first := 0, 0 // path segments that are ids, up to here, and where they begin
	for i := 0; i < len(s); {
		name, n := placeholder(s, i)
		if n == 0 {
			end := i + 1
			for end < len(s) && isPlain(s[end-1], s[end]) {
				end++
			}
			if s[i] != '/' || end > i+1 {
				ids = 0
			}
			dst = append(dst, s[i:end]...)
			i = end
			continue
		}
		at := len(dst)
		dst = append(dst, name...)
		segment := i > 0 && s[i-1] == '/' && (i+n == len(s) || endsSegment(s[i+n])) && at > begin
		i += n
		switch {
		case !segment:
			ids = 0
		case ids == 0:
			ids, first = 1, at
		default:
			ids++
			dst = append(dst[:first], "<path>"...)
		}
	}
	return dst, true
}

// isPlain tells whether nothing that is replaced begins with c, nor a segment.
func isPlain(before, c byte) bool {
	return !isDigit(c) && c != '/' && c != ':' && (!isHex(c) || isWord(before))
}

func endsSegment(c byte) bool { return bytes.IndexByte([]byte("/ \t?#\"',;:)]>|&"), c) >= 0 }

func isWord(c byte) bool {
	return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c >= 0x80
}

// placeholder tells what stands at s[i:], and how long it is; 0: itself.
func placeholder(s []byte, i int) (name string, n int) {
	c, starts := s[i], i == 0 || !isWord(s[i-1])
	if !isDigit(c) && (!starts || !isHex(c) && c != ':') {
		return "", 0
	}
	if starts {
		if n := uuidLength(s[i:]); n > 0 {
			return "<uuid>", n
		}
		if n := addrLength(s[i:]); n > 0 {
			return "<ip>", n
		}
		if n := hexLength(s[i:]); n > 0 {
			return "<hex>", n
		}
	}
	if !isDigit(c) {
		return "", 0
	}
	return "<num>", numberLength(s[i:])
}

// hexRun is how many hexadecimal digits s begins with.
func hexRun(s []byte) int {
	n := 0
	for n < len(s) && isHex(s[n]) {
		n++
	}
	return n
}

// ended gives n if no word goes on there, else 0.
func ended(s []byte, n int) int {
	if n < len(s) && isWord(s[n]) {
		return 0
	}
	return n
}

func uuidLength(s []byte) int {
	at := 0
	for k, digits := range [...]int{8, 4, 4, 4, 12} {
		if k > 0 {
			if at >= len(s) || s[at] != '-' {
				return 0
			}
			at++
		}
		if hexRun(s[at:]) != digits {
			return 0
		}
		at += digits
	}
	return ended(s, at)
}

func hexLength(s []byte) int {
	if len(s) > 2 && s[0] == '0' && s[1]|0x20 == 'x' {
		if n := hexRun(s[2:]); n > 0 {
			return ended(s, 2+n)
		}
	}
	n := hexRun(s)
	if n < 8 || ended(s, n) == 0 {
		return 0
	}
	digits, letters := 0, 0
	for _, c := range s[:n] {
		if isDigit(c) {
			digits++
		} else {
			letters++
		}
	}
	if digits == 0 || letters == 0 {
		return 0
	}
	return n
}

// addrLength is how long the IP address is that s begins with.
func addrLength(s []byte) int {
	n, colons := 0, 0
	for n < len(s) && n < 46 && (isHex(s[n]) || s[n] == '.' || s[n] == ':') {
		if s[n] == ':' {
			colons++
		}
		n++
	}
	if colons < 2 {
		return v4Length(s)
	}
	for n > 0 && (s[n-1] == '.' || s[n-1] == ':' && (n < 2 || s[n-2] != ':')) {
		n--
	}
	if _, ok := parseAddr(s[:n]); !ok || ended(s, n) == 0 {
		return v4Length(s)
	}
	return n
}

func v4Length(s []byte) int {
	n, dots := 0, 0
	for n < len(s) && n < 15 && (isDigit(s[n]) || s[n] == '.' && dots < 3) {
		if s[n] == '.' {
			dots++
		}
		n++
	}
	if _, ok := parseIPv4(s[:n]); !ok || n+1 < len(s) && s[n] == '.' && isDigit(s[n+1]) {
		return 0 // what has five parts is a version
	}
	return ended(s, n)
}

func numberLength(s []byte) int {
	n := 0
	for n < len(s) && (isDigit(s[n]) || (s[n] == '.' || s[n] == ',') && n+1 < len(s) && isDigit(s[n+1])) {
		n++
	}
	return n
}
