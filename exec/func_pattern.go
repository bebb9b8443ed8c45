package exec

import "bytes"

// pattern is what lines of one kind have in common: what differs between them is
// replaced by what it is.
//
//	<uuid>      8-4-4-4-12 hexadecimal digits
//	<time>      a date, a time of day, or both
//	<host>      an IP address, or a name with a domain that looks like a host's
//	<mac>       six pairs of hexadecimal digits
//	<email>     a name, @, and a host
//	<path>      a file's, from the root; or ids as segments, one behind the other
//	<size>      a number and KB, MiB, ...
//	<duration>  numbers and ms, s, h, ...
//	<id>        16 or more letters and digits that change often
//	<user>      the name behind "for user", "invalid user" and such
//	<num>       any other number, with its sign, and hexadecimal ones
//
// An address and a name are one thing, since what a log has of a peer depends on
// whether it resolves; so are a decimal and a hexadecimal number, since one
// hexadecimal id in fifty has no letter in it.
//
// It looks at nothing but its text, so that equal lines have equal patterns on
// every host, and groups by them merge.
func pattern(dst []byte, args [][]byte) ([]byte, bool) {
	s := args[0]
	plain := 0              // what is before it is in dst
	idEnd, idBegin := -1, 0 // where the last segment that is an id ends in s, and begins in dst
	for i := 0; i < len(s); {
		name, n := "", 1
		switch class := patternClasses[s[i]]; {
		case class&inWord != 0:
			name, n = wordAt(s, i)
		case class&special == 0:
			i++
			continue
		case class&isSign != 0:
			name, n = signAt(s, i)
		case class&isSlash != 0:
			name, n = fileAt(s, i)
		default:
			name, n = colonAt(s, i)
		}
		if name == "" {
			i += n
			continue
		}
		dst = append(dst, s[plain:i]...)
		begin, end := len(dst), i+n
		dst = append(dst, name...)
		if i > 0 && s[i-1] == '/' && (end == len(s) || endsSegment(s[end])) {
			if idEnd == i-1 {
				begin = idBegin
				dst = append(dst[:begin], "<path>"...)
			}
			idEnd, idBegin = end, begin
		}
		i, plain = end, end
	}
	return append(dst, s[plain:]...), true
}

// What a character is, in bits: of those of a word, what it has.
const (
	hasDigit  = 1 << iota
	hasLetter // of any alphabet
	isAllHex  // a hexadecimal digit
	isSign
	isSlash
	isColon
	inWord  = hasDigit | hasLetter
	special = inWord | isSign | isSlash | isColon
)

// patternClasses has the bits of each character, above '@', which has none. It is
// a constant since a package has no variables.
const patternClasses = "@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@" +
	"@@@@@@@@@@@H@H@PEEEEEEEEEE`@@@@@" +
	"@FFFFFFBBBBBBBBBBBBBBBBBBBB@@@@@" +
	"@FFFFFFBBBBBBBBBBBBBBBBBBBB@@@@@" +
	"BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB" +
	"BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"

func endsSegment(c byte) bool { return bytes.IndexByte([]byte("/ \t?#\"',;:)]>|&"), c) >= 0 }

func isWord(c byte) bool { return patternClasses[c]&inWord != 0 }

// runOf is how long the run of letters and digits is that s begins with, and what
// is in it.
func runOf(s []byte) (n int, has byte) {
	all := byte(isAllHex)
	for n < len(s) {
		class := patternClasses[s[n]]
		if class&inWord == 0 {
			break
		}
		has |= class
		all &= class
		n++
	}
	return n, has&inWord | all
}

// digitRuns counts the runs of digits in a word.
func digitRuns(word []byte) int {
	n := 0
	for i, c := range word {
		if isDigit(c) && (i == 0 || !isDigit(word[i-1])) {
			n++
		}
	}
	return n
}

// wordAt tells what the word at s[i:] is replaced by; "": it stays, n bytes of it.
func wordAt(s []byte, i int) (name string, n int) {
	if i > 0 && isWord(s[i-1]) {
		return numberAt(s, i) // behind a part of the word
	}
	rest := s[i:]
	if i > 4 && s[i-1] == ' ' && s[i-2] == 'r' {
		if n := userLength(s, i); n > 0 {
			return "<user>", n
		}
	}
	w, has := runOf(rest)
	if w < len(rest) {
		if name, n := joinedAt(s, i, w, has); n > 0 {
			return name, n
		}
	}
	switch {
	case has&isAllHex != 0 && has&hasLetter != 0 && (w >= 8 || has&hasDigit != 0 && w >= 5) && !isQuantity(rest[:w]):
		return "<num>", w
	case has&hasDigit == 0:
		return "", w
	case w > 2 && rest[0] == '0' && rest[1]|0x20 == 'x' && hexRun(rest[2:]) == w-2:
		return "<num>", w
	case w >= 16 && digitRuns(rest[:w]) >= 3:
		return "<id>", w
	}
	return numberAt(s, i)
}

// joinedAt tells what begins at s[i:] with a word of w bytes and goes on behind it.
func joinedAt(s []byte, i, w int, has byte) (string, int) {
	rest := s[i:]
	switch c := rest[w]; {
	case c == ' ' || c == ',':
		if w > 3 || w < 3 && has&hasDigit == 0 {
			return "", 0
		}
		return "<time>", namedTimeLength(rest)
	case c == ':' && has&isAllHex != 0 && w <= 4:
		if n := clockLength(rest); n > 0 {
			return "<time>", n
		}
		if n := macLength(rest, ':'); n > 0 {
			return "<mac>", n
		}
		return "<host>", v6Length(rest)
	case c == '-' || c == '.' || c == '/' || c == '@' || c == '_' || c == '+':
		if isDigit(rest[0]) {
			if n := dateLength(rest); n > 0 {
				return "<time>", n
			}
		}
		if has&isAllHex != 0 && c == '-' {
			if n := uuidLength(rest); n > 0 {
				return "<uuid>", n
			}
			if n := macLength(rest, '-'); n > 0 {
				return "<mac>", n
			}
		}
		if c != '/' && (i == 0 || bytes.IndexByte([]byte(".-_@+"), s[i-1]) < 0) {
			return hostAt(rest)
		}
	}
	return "", 0
}

// numberAt tells what the digits at s[i:] are, or skips the letters there.
func numberAt(s []byte, i int) (string, int) {
	n := i
	for n < len(s) && isWord(s[n]) && !isDigit(s[n]) {
		n++
	}
	if n > i {
		return "", n - i
	}
	n = numberLength(s[i:])
	if n+i < len(s) && (i == 0 || !isWord(s[i-1])) {
		if unit := sizeLength(s[i+n:]); unit > 0 {
			return "<size>", n + unit
		}
		if n := durationLength(s[i:]); n > 0 {
			return "<duration>", n
		}
	}
	return "<num>", n
}

// signAt takes a sign that cannot be a hyphen with its number.
func signAt(s []byte, i int) (string, int) {
	if i+1 == len(s) || !isDigit(s[i+1]) {
		return "", 1
	}
	if i > 0 && (patternClasses[s[i-1]]&special != 0 || bytes.IndexByte([]byte(")]}>.%"), s[i-1]) >= 0) {
		return "", 1
	}
	if name, n := numberAt(s, i+1); n > 0 && (i+1+n == len(s) || !isWord(s[i+1+n])) {
		return name, n + 1
	}
	return "", 1
}

// colonAt is about IPv6 addresses that begin with colons.
func colonAt(s []byte, i int) (string, int) {
	if i+1 == len(s) || s[i+1] != ':' || i > 0 && patternClasses[s[i-1]]&special != 0 {
		return "", 1
	}
	if n := v6Length(s[i:]); n > 2 {
		return "<host>", n
	}
	return "", 2
}

// hexRun is how many hexadecimal digits s begins with.
func hexRun(s []byte) int {
	n := 0
	for n < len(s) && isHex(s[n]) {
		n++
	}
	return n
}

func digitRun(s []byte) int {
	n := 0
	for n < len(s) && isDigit(s[n]) {
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

func numberLength(s []byte) int {
	n := 0
	for n < len(s) && (isDigit(s[n]) || (s[n] == '.' || s[n] == ',') && n+1 < len(s) && isDigit(s[n+1])) {
		n++
	}
	return n
}

// sizeLength is how long the unit is behind a number: "KB", " KB".
func sizeLength(s []byte) int {
	n := 0
	if s[0] == ' ' {
		n = 1
	}
	unit := n
	if n < len(s) && bytes.IndexByte([]byte("kKMGTP"), s[n]) >= 0 {
		if n++; n < len(s) && s[n] == 'i' {
			n++
		}
	}
	if n < len(s) && s[n] == 'B' {
		return ended(s, n+1)
	}
	if unit == 0 && n == 1 && s[0] != 'k' {
		return ended(s, n) // 64M
	}
	return 0
}

// durationLength is how long the numbers with units of time are that s begins with.
func durationLength(s []byte) int {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n += numberLength(s[n:])
		rest := s[n:]
		switch {
		case len(rest) > 1 && rest[1] == 's' && (rest[0] == 'm' || rest[0] == 'u' || rest[0] == 'n'):
			n += 2
		case bytes.HasPrefix(rest, []byte("µs")):
			n += len("µs")
		case len(rest) > 0 && bytes.IndexByte([]byte("smhd"), rest[0]) >= 0:
			n++
		default:
			return 0
		}
	}
	return ended(s, n)
}

// isQuantity tells whether a word that could be hexadecimal is a length of time.
func isQuantity(s []byte) bool { return isDigit(s[0]) && durationLength(s) == len(s) }

// userLength is how long the name of a user is at s[i:], behind words that say so.
func userLength(s []byte, i int) int {
	before := s[:i-1]
	password := bytes.HasSuffix(before, []byte("password for"))
	if !password && !(bytes.HasSuffix(before, []byte("for user")) || bytes.HasSuffix(before, []byte("by user")) ||
		bytes.HasSuffix(before, []byte("as user")) || bytes.HasSuffix(before, []byte("nvalid user"))) {
		return 0
	}
	n := 0
	for i+n < len(s) && (isWord(s[i+n]) || bytes.IndexByte([]byte("._@-$"), s[i+n]) >= 0) {
		n++
	}
	if password && (bytes.HasPrefix(s[i:], []byte("invalid user")) || bytes.HasPrefix(s[i:], []byte("user "))) {
		return 0
	}
	for n > 1 && (s[i+n-1] == '.' || s[i+n-1] == '-') {
		n-- // the end of a sentence
	}
	return n
}
