package exec

import "net/netip"

// networkCond is x << "10.0.0.0/8": true for an IP address in the network, and
// unknown for what is no address.
type networkCond struct {
	x   value
	net netip.Prefix
}

func (c *networkCond) eval(b *batch, sel []int32, out []truth) {
	x := c.x.eval(b, sel)
	for _, i := range sel {
		out[i] = unknown
		if x.cells[i].IsNull() {
			continue
		}
		if addr, ok := parseAddr(b.text(x, i)); ok {
			out[i] = truthOf(c.net.Contains(addr))
		}
	}
}

// parseAddr reads an IP address. An IPv4 address that is written as an IPv6 one
// is that IPv4 address.
func parseAddr(s []byte) (netip.Addr, bool) {
	if a, ok := parseIPv4(s); ok {
		return netip.AddrFrom4(a), true
	}
	if len(s) < 2 || len(s) > 64 {
		return netip.Addr{}, false
	}
	for _, c := range s {
		if c == ':' { // netip takes a string, which has to be made: for nothing else
			a, err := netip.ParseAddr(string(s))
			return a.Unmap().WithZone(""), err == nil
		}
	}
	return netip.Addr{}, false
}

// parseIPv4 reads four decimal numbers up to 255, without leading zeros.
func parseIPv4(s []byte) (a [4]byte, ok bool) {
	part, digits, n := 0, 0, 0
	for _, c := range s {
		switch {
		case c >= '0' && c <= '9':
			if n = n*10 + int(c-'0'); n > 255 || digits > 0 && n < 10 {
				return a, false
			}
			digits++
		case c == '.' && digits > 0 && part < 3:
			a[part] = byte(n)
			part, digits, n = part+1, 0, 0
		default:
			return a, false
		}
	}
	a[part] = byte(n)
	return a, part == 3 && digits > 0
}
