package client

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// Address is a host as the user named it.
type Address struct {
	User string // "": the Dialer's
	Host string // name or IP address, without brackets
	Port int    // 0: the Dialer's
	Name string // as written, one host of a range
}

// ParseRemotePath reads an argument as scp does: [user@]host:path is a path on
// that host, or on each of a range of hosts, and an argument without a colon, or
// with a slash before it (./a:b), is a local file: ok is false.
func ParseRemotePath(arg string) (addrs []Address, path string, ok bool, err error) {
	colon := remoteColon(arg)
	if colon <= 0 {
		return nil, "", false, nil
	}
	hosts, path := arg[:colon], arg[colon+1:]
	if path == "" {
		return nil, "", true, fmt.Errorf("%q has no path after the colon: write, for instance, %s/var/log/syslog", arg, arg)
	}
	if port, rest, ok := strings.Cut(path, ":"); ok && strings.HasPrefix(rest, "/") && strings.Trim(port, "0123456789") == "" {
		return nil, "", true, fmt.Errorf("%q: a port does not stand here: say -port %s, or -servers %s:%s and the path alone", arg, port, hosts, port)
	}
	if addrs, err = ParseHosts(hosts); err != nil {
		return nil, "", true, fmt.Errorf("%q: %w", arg, err)
	}
	return addrs, path, true, nil
}

// remoteColon is the index of the first colon that is not in brackets, when no
// slash precedes it; else -1.
func remoteColon(arg string) int {
	depth := 0
	for i, c := range arg {
		switch {
		case c == '[':
			depth++
		case c == ']':
			depth--
		case c == '/' && depth <= 0:
			return -1
		case c == ':' && depth <= 0:
			return i
		}
	}
	return -1
}

// parseAddress reads [user@]host[:port]; an IPv6 address with a port has brackets.
func parseAddress(text string) (Address, error) {
	a := Address{Name: text}
	rest := text
	if i := strings.LastIndexByte(text, '@'); i >= 0 {
		a.User, rest = text[:i], text[i+1:]
		if a.User == "" {
			return a, fmt.Errorf("%q has no user before the @", text)
		}
	}
	host, port, err := splitPort(rest)
	if err == nil {
		a.Host, a.Port, err = host, port, checkHost(host)
	}
	if err != nil {
		return a, fmt.Errorf("%q: %w", text, err)
	}
	return a, nil
}

// splitPort takes host:port apart; port is 0 when there is none.
func splitPort(text string) (host string, port int, err error) {
	if isIPv6(text) {
		return text, 0, nil
	}
	if inner, ok := strings.CutPrefix(text, "["); ok && strings.HasSuffix(inner, "]") {
		return onlyIPv6(strings.TrimSuffix(inner, "]"), 0)
	}
	if !strings.Contains(text, ":") {
		return text, 0, nil
	}
	host, digits, err := net.SplitHostPort(text)
	if err != nil {
		return "", 0, errors.New("a host is written as host, host:port or [IPv6 address]:port")
	}
	port, err = strconv.Atoi(digits)
	if err != nil || port < 1 || port > 65535 {
		return "", 0, fmt.Errorf("%q is not a port: use 1 to 65535", digits)
	}
	if text[0] == '[' {
		return onlyIPv6(host, port)
	}
	return host, port, nil
}

func onlyIPv6(host string, port int) (string, int, error) {
	if !isIPv6(host) {
		return "", 0, fmt.Errorf("%q in brackets is neither an IPv6 address nor a range of numbers", host)
	}
	return host, port, nil
}

func isIPv6(text string) bool {
	ip, err := netip.ParseAddr(text)
	return err == nil && ip.Is6()
}

// checkHost lets only through what can stand in a known_hosts line and in a
// command: everything else is a slip that no resolver would explain better.
func checkHost(host string) error {
	if isIPv6(host) {
		return nil
	}
	if host == "" {
		return errors.New("the host name is empty")
	}
	if host[0] == '-' {
		return errors.New("a host name does not begin with a dash")
	}
	for _, c := range host {
		if !isHostRune(c) {
			return fmt.Errorf("%q cannot be part of a host name", c)
		}
	}
	return nil
}

func isHostRune(c rune) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '.' || c == '-' || c == '_'
}
