package exec

import (
	"bytes"
	"net/netip"
)

// cutURL cuts [scheme://host][/path][?query][#fragment]. Logs have both URLs and
// what stands behind the host alone.
func cutURL(s []byte) (host, path, query []byte, hasHost bool) {
	if i := bytes.IndexByte(s, '#'); i >= 0 {
		s = s[:i]
	}
	if i := bytes.IndexByte(s, '?'); i >= 0 {
		s, query = s[:i], s[i+1:]
	}
	i := bytes.Index(s, []byte("//"))
	if i != 0 && (i < 2 || s[i-1] != ':' || bytes.IndexByte(s[:i], '/') >= 0) {
		return nil, s, query, false
	}
	host = s[i+2:]
	if j := bytes.IndexByte(host, '/'); j >= 0 {
		host, path = host[:j], host[j:]
	}
	return host, path, query, true
}

// urlHost is the host without user and port.
func urlHost(dst []byte, args [][]byte) ([]byte, bool) {
	host, _, _, ok := cutURL(args[0])
	host = host[bytes.LastIndexByte(host, '@')+1:]
	if i := bytes.IndexByte(host, ']'); len(host) > 0 && host[0] == '[' && i > 0 {
		host = host[1:i]
	} else if i := bytes.IndexByte(host, ':'); i >= 0 {
		host = host[:i]
	}
	return append(dst, host...), ok && len(host) > 0
}

func urlPath(dst []byte, args [][]byte) ([]byte, bool) {
	_, path, _, _ := cutURL(args[0])
	return append(dst, path...), true
}

// urlParam is the first value of a name in the query, decoded.
func urlParam(dst []byte, args [][]byte) ([]byte, bool) {
	_, _, query, _ := cutURL(args[0])
	for len(query) > 0 {
		var pair []byte
		pair, query, _ = bytes.Cut(query, []byte{'&'})
		name, value, _ := bytes.Cut(pair, []byte{'='})
		if at := len(dst); bytes.Equal(appendDecoded(dst, name)[at:], args[1]) {
			return appendDecoded(dst, value), true
		}
	}
	return dst, false
}

// appendDecoded decodes %41 and +, and takes what is neither as it stands.
func appendDecoded(dst, s []byte) []byte {
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '+':
			c = ' '
		case c == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
			c = hexDigit(s[i+1])<<4 | hexDigit(s[i+2])
			i += 2
		}
		dst = append(dst, c)
	}
	return dst
}

func isHex(c byte) bool { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func hexDigit(c byte) byte {
	if isDigit(c) {
		return c - '0'
	}
	return (c | 0x20) - 'a' + 10
}

// ipMask is the network of so many bits that an address is in; of an IPv6
// address, as many as the third argument says.
func ipMask(dst []byte, args [][]byte) ([]byte, bool) {
	addr, ok := parseAddr(args[0])
	if !ok {
		return dst, false
	}
	bits := args[1]
	if addr.Is6() {
		if len(args) < 3 {
			return dst, false
		}
		bits = args[2]
	}
	n, ok := wholeNumber(bits)
	if !ok || n < 0 || n > int64(addr.BitLen()) {
		return dst, false
	}
	return netip.PrefixFrom(addr, int(n)).Masked().AppendTo(dst), true
}
