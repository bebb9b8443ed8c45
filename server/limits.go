package server

import (
	"fmt"
	"net"
	"net/netip"
	"sync"
)

const (
	maxStarting       = 100 // connections that have not logged in
	maxStartingSource = 10  // of these from one IPv4 address or IPv6 /64
	maxSessions       = 16  // channels of one connection
)

// limits counts who is there. Whoever is let in gets a func that gives the slot
// back, and calls it once.
type limits struct {
	mu       sync.Mutex
	starting map[netip.Prefix]int // connections that have not logged in; no zeros
	logins   int                  // connections that have
	total    int                  // sum of starting
}

// start lets a new connection begin its handshake.
func (l *limits) start(from net.Addr) (release func(), err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	source := sourceOf(from)
	if l.total >= maxStarting {
		return nil, fmt.Errorf("%d connections are logging in, the limit is %d", l.total, maxStarting)
	}
	if n := l.starting[source]; n >= maxStartingSource {
		return nil, fmt.Errorf("%d connections from %v are logging in, the limit is %d", n, source, maxStartingSource)
	}
	if l.starting == nil {
		l.starting = make(map[netip.Prefix]int)
	}
	l.starting[source]++
	l.total++
	return sync.OnceFunc(func() { l.started(source) }), nil
}

func (l *limits) started(source netip.Prefix) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.total--
	if l.starting[source]--; l.starting[source] == 0 {
		delete(l.starting, source)
	}
}

// login lets a connection in that has logged in.
func (l *limits) login(limit int) (release func(), ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.logins >= limit {
		return func() {}, false
	}
	l.logins++
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.logins--
	}, true
}

// sourceOf is what one peer can have many of: ports, and in IPv6 the addresses
// of a network. All that is not TCP counts as one source.
func sourceOf(a net.Addr) netip.Prefix {
	tcp, ok := a.(*net.TCPAddr)
	if !ok {
		return netip.Prefix{}
	}
	ip := tcp.AddrPort().Addr().Unmap().WithZone("")
	bits := 64
	if ip.Is4() {
		bits = 32
	}
	p, _ := ip.Prefix(bits) // fails only for the invalid address, whose prefix is the zero one
	return p
}
