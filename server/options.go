package server

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

// permissions gives what the options before a key in an authorized_keys file
// allow. One that we cannot honour refuses the key: it restricts something.
func permissions(options []string, now time.Time) (*ssh.Permissions, error) {
	perms := &ssh.Permissions{CriticalOptions: map[string]string{}, Extensions: map[string]string{}}
	for _, o := range options {
		name, value, _ := strings.Cut(o, "=")
		if err := apply(perms, strings.ToLower(name), unquote(value), now); err != nil {
			return nil, err
		}
	}
	return perms, nil
}

func apply(perms *ssh.Permissions, name, value string, now time.Time) error {
	switch name {
	case "restrict", "no-pty", "no-port-forwarding", "no-agent-forwarding", "no-x11-forwarding", "no-user-rc",
		"pty", "port-forwarding", "agent-forwarding", "x11-forwarding", "user-rc", "permitopen", "permitlisten":
		return nil // about what nobody can do here
	case "no-touch-required":
		perms.Extensions[name] = ""
		return nil
	case "from":
		return applyFrom(perms, value)
	case "expiry-time":
		end, err := expiry(value)
		if err == nil && !now.Before(end) {
			err = fmt.Errorf("the key has expired (expiry-time=%q)", value)
		}
		return err
	}
	return fmt.Errorf("the option %q cannot be honoured here", name)
}

// applyFrom takes addresses and networks. Names and wildcards need a resolver
// and sshd's matching, so such a key is refused. Two options must both hold,
// which is refused too.
func applyFrom(perms *ssh.Permissions, list string) error {
	const option = "source-address"
	if _, twice := perms.CriticalOptions[option]; twice {
		return fmt.Errorf("the option %q stands twice", "from")
	}
	for item := range strings.SplitSeq(list, ",") {
		_, err := netip.ParseAddr(item)
		if _, err2 := netip.ParsePrefix(item); err != nil && err2 != nil {
			return fmt.Errorf("from=%q cannot be honoured here: %q is neither an address nor a network", list, item)
		}
	}
	perms.CriticalOptions[option] = list
	return nil
}

// expiry reads YYYYMMDD[HHMM[SS]], in local time, or in UTC with a Z behind.
func expiry(value string) (time.Time, error) {
	digits, utc := strings.CutSuffix(value, "Z")
	zone := time.Local
	if utc {
		zone = time.UTC
	}
	const layout = "20060102150405"
	switch len(digits) {
	case 8, 12, 14:
		t, err := time.ParseInLocation(layout[:len(digits)], digits, zone)
		if err != nil {
			return t, fmt.Errorf("expiry-time=%q: %w", value, err)
		}
		return t, nil
	}
	return time.Time{}, fmt.Errorf("expiry-time=%q: want YYYYMMDD[HHMM[SS]][Z]", value)
}

// unquote takes the quotes off an option's value, and the backslash before
// quotes within.
func unquote(s string) string {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return s
	}
	return strings.ReplaceAll(s[1:len(s)-1], `\"`, `"`)
}
