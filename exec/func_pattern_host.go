package exec

import "bytes"

// hostAt takes an address or the name of a host, or an e-mail address, at the
// beginning of s.
func hostAt(s []byte) (string, int) {
	n := dottedLength(s)
	if n < len(s) && (s[n] == '@' || s[n] == '+') {
		if n := emailLength(s); n > 0 {
			return "<email>", n
		}
	}
	for n > 0 && !isWord(s[n-1]) {
		n-- // the end of a sentence
	}
	if !isHostName(s[:n]) {
		if n = v4Length(s); n == 0 {
			return "", 0
		}
	}
	return "<host>", n + resolvedLength(s[n:])
}

// dottedLength is how long the run of what a host's name may have is.
func dottedLength(s []byte) int {
	n := 0
	for n < len(s) && (isWord(s[n]) || s[n] == '.' || s[n] == '-' || s[n] == '_') {
		n++
	}
	return n
}

// resolvedLength is how long the name in parentheses is that follows an address in
// many logs, where they are empty if there is none.
func resolvedLength(s []byte) int {
	if len(s) < 3 || s[0] != ' ' || s[1] != '(' {
		return 0
	}
	n := 2 + dottedLength(s[2:])
	if n == len(s) || s[n] != ')' {
		return 0
	}
	if name := s[2:n]; len(name) > 0 && !isHostName(name) && v4Length(name) != len(name) {
		return 0
	}
	return n + 1
}

func emailLength(s []byte) int {
	n := 0
	for n < len(s) && (isWord(s[n]) || bytes.IndexByte([]byte("._-+"), s[n]) >= 0) {
		n++
	}
	if n == 0 || n == len(s) || s[n] != '@' {
		return 0
	}
	n++
	domain := dottedLength(s[n:])
	for domain > 0 && !isWord(s[n+domain-1]) {
		domain--
	}
	if bytes.IndexByte(s[n:n+domain], '.') <= 0 {
		return 0
	}
	return n + domain
}

// isHostName tells hosts from files (a.tar.gz), classes (org.apache.net) and
// properties (job.id), all of which have dots too. Behind the last dot is one of
// the great domains, or a country's below one of those; or a country's, where a
// digit in the name makes a host of it.
func isHostName(s []byte) bool {
	last := bytes.LastIndexByte(s, '.')
	if last <= 0 || isDomain(s[:bytes.IndexByte(s, '.')]) {
		return false
	}
	top := s[last+1:]
	if isDomain(top) {
		return true
	}
	if len(top) < 2 || len(top) > 4 || digitRun(top) > 0 {
		return false
	}
	second := bytes.LastIndexByte(s[:last], '.')
	if len(top) == 2 && second > 0 && isSecondLevel(s[second+1:last]) {
		return true
	}
	digit := false
	for _, c := range s[:last] {
		digit = digit || isDigit(c)
	}
	switch string(top) {
	case "info", "biz", "name":
		return digit
	case "gz", "xz", "so", "js", "go", "py", "rs", "md", "ts", "sh", "cc":
		return false
	}
	return digit && len(top) == 2 && second > 0
}

// isDomain knows the domains that are no usual ends of other names with dots.
func isDomain(s []byte) bool {
	switch string(s) {
	case "com", "net", "org", "edu", "gov", "mil", "arpa", "local", "localdomain", "internal", "lan":
		return true
	}
	return false
}

func isSecondLevel(s []byte) bool {
	switch string(s) {
	case "co", "ac", "com", "net", "org", "edu", "gov":
		return true
	}
	return false
}

// v4Length is how long the IPv4 address is that s begins with.
func v4Length(s []byte) int {
	n, dots := 0, 0
	for n < len(s) && n < 15 && (isDigit(s[n]) || s[n] == '.' && dots < 3) {
		if s[n] == '.' {
			dots++
		}
		n++
	}
	if dots < 3 {
		return 0
	}
	if _, ok := parseIPv4(s[:n]); !ok || n+1 < len(s) && s[n] == '.' && isDigit(s[n+1]) {
		return 0 // what has five parts is a version
	}
	return ended(s, n)
}

// v6Length is how long the IPv6 address is that s begins with, and its zone. It
// takes no string, which netip's parser would have to be given, at an allocation
// for each address.
func v6Length(s []byte) int {
	n, groups, gap := 0, 0, false
	if len(s) > 1 && s[0] == ':' && s[1] == ':' {
		n, gap = 2, true
	}
	for groups < 8 {
		if v4 := v4Length(s[n:]); v4 > 0 && groups > 0 && groups <= 6 {
			n, groups = n+v4, groups+2
			break
		}
		digits := hexRun(s[n:])
		if digits == 0 || digits > 4 {
			break
		}
		n, groups = n+digits, groups+1
		rest := s[n:]
		if len(rest) > 1 && rest[0] == ':' && isHex(rest[1]) {
			n++
		} else if len(rest) > 1 && rest[0] == ':' && rest[1] == ':' && !gap {
			n, gap = n+2, true
		} else {
			break
		}
	}
	if n > 0 && s[n-1] == ':' && (n < 2 || s[n-2] != ':') {
		n-- // of what follows
	}
	if groups == 0 || !gap && groups != 8 || gap && groups > 7 || ended(s, n) == 0 {
		return 0
	}
	if n < len(s) && s[n] == '%' {
		zone, _ := runOf(s[n+1:])
		n += 1 + zone
	}
	return n
}

// macLength is how long the hardware address is that s begins with: six parts of
// one or two digits, some of which leave a leading 0 out.
func macLength(s []byte, between byte) int {
	n := 0
	for k := range 6 {
		if k > 0 {
			if n == len(s) || s[n] != between {
				return 0
			}
			n++
		}
		digits := hexRun(s[n:])
		if digits < 1 || digits > 2 || between == '-' && digits != 2 {
			return 0
		}
		n += digits
	}
	if n < len(s) && s[n] == between {
		return 0
	}
	return ended(s, n)
}

// fileAt takes the name of a file, from the root, two levels deep or more. What is
// below other names may be the path of a URL, whose words tell what a request is.
func fileAt(s []byte, i int) (string, int) {
	if i > 0 && bytes.IndexByte([]byte(" \t\"'=([{:,<`|"), s[i-1]) < 0 {
		return "", 1
	}
	n, levels, top := 1, 1, 0
	for i+n < len(s) && bytes.IndexByte([]byte(" \t\"'<>,;:()[]{}|&?#=*`"), s[i+n]) < 0 {
		if s[i+n] == '/' {
			if levels == 1 {
				top = n
				if !isTopFolder(s[i+1 : i+n]) {
					return "", 1
				}
			}
			levels++
		}
		n++
	}
	if levels < 2 || n == top+1 || i+n < len(s) && s[i+n] == '?' {
		return "", 1
	}
	for s[i+n-1] == '.' {
		n--
	}
	return "<path>", n
}

func isTopFolder(s []byte) bool {
	switch string(s) {
	case "bin", "boot", "dev", "etc", "home", "lib", "lib64", "media", "mnt", "opt", "private", "proc", "root", "run", "sbin", "srv",
		"sys", "tmp", "udev", "usr", "var", "Applications", "Library", "System", "Users", "Volumes":
		return true
	}
	return false
}
