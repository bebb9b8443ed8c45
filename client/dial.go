package client

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"
)

// Dialer makes SSH connections. It may be used by many goroutines at once; its
// fields must not change after the first use.
type Dialer struct {
	User       string        // for addresses without one
	Port       int           // for addresses without one; 0: 2222
	Keys       Keys          // who the user is
	HostKeys   KnownHosts    // who the hosts are
	Connect    time.Duration // limit for a TCP connection; 0: 10 s
	Handshake  time.Duration // limit for key exchange and login; 0: 15 s
	Concurrent int           // connections being set up at once; 0: 10 for each CPU
	Heartbeat  time.Duration // when nothing was heard for so long, ask for a sign of life; 0: 2 s
	Silence    time.Duration // when nothing was heard for so long, the connection is cut; 0: 10 s

	once     sync.Once
	slots    chan struct{} // one element for each connection being set up
	terminal sync.Mutex    // held while the user is asked something
}

// dial connects and logs in. An unknown host, and a key with a passphrase, are
// asked about in between, while no connection waits: a connection is then made
// anew. The error is a *HostError, or ctx's.
//
// The connection is watched until it ends: see Heartbeat and Silence.
func (d *Dialer) dial(ctx context.Context, a Address) (*link, error) {
	d.once.Do(d.start)
	keys, err := d.Keys.load()
	if err != nil {
		return nil, &HostError{Host: a.Name, Text: err.Error(), Err: err}
	}
	t := &attempt{dialer: d, addr: a, keys: keys, user: a.User, port: a.Port, failed: make(map[*userKey]error)}
	if t.user == "" {
		t.user = d.User
	}
	if t.port == 0 {
		t.port = d.port()
	}
	l, err := t.run(ctx)
	if err != nil && ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return l, err
}

func (d *Dialer) start() {
	n := d.Concurrent
	if n <= 0 {
		n = 10 * runtime.NumCPU()
	}
	d.slots = make(chan struct{}, n)
	d.Keys.terminal = &d.terminal
	d.HostKeys.terminal = &d.terminal
}

func (d *Dialer) port() int {
	if d.Port == 0 {
		return 2222
	}
	return d.Port
}

func (d *Dialer) handshakeTimeout() time.Duration { return orDefault(d.Handshake, 15*time.Second) }

func orDefault(d, or time.Duration) time.Duration {
	if d == 0 {
		return or
	}
	return d
}

// errTooSlow ends a handshake that takes too long.
var errTooSlow = errors.New("the handshake took too long")

// attempt is the way to one connection.
type attempt struct {
	dialer *Dialer
	addr   Address
	user   string
	port   int
	keys   []*userKey
	failed map[*userKey]error // keys that could not sign, and why

	authenticating bool // the host is trusted, and was told who we are
}

// run connects as often as there is something new to try: a host that has been
// accepted, a key that has been unlocked, or one key less.
func (t *attempt) run(ctx context.Context) (*link, error) {
	for {
		l, err := t.connect(ctx)
		var unknown *unknownHostError
		var key *keyError
		switch {
		case err == nil:
			return l, nil
		case errors.As(err, &unknown):
			if err := t.dialer.HostKeys.accept(ctx, unknown.host); err != nil {
				return nil, &HostError{Host: t.addr.Name, Text: err.Error(), Err: err}
			}
		case errors.As(err, &key) && t.failed[key.key] == nil:
			t.unlock(ctx, key)
		default:
			return nil, t.explain(err)
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
}

// unlock makes a key usable for the next connection, or leaves it out.
func (t *attempt) unlock(ctx context.Context, e *keyError) {
	if !errors.Is(e, errLocked) {
		t.failed[e.key] = e.err
		return
	}
	if err := e.key.locked.unlock(ctx); err != nil {
		t.failed[e.key] = err
	}
}

// explain makes a *HostError of anything that is none yet.
func (t *attempt) explain(err error) error {
	var host *HostError
	if errors.As(err, &host) {
		return host
	}
	e := t.dialer.handshakeError(t.addr, t.user, t.authenticating, err)
	for _, key := range t.keys {
		if why := t.failed[key]; why != nil && !strings.Contains(e.Text, why.Error()) {
			e.Text += "; " + why.Error()
		}
	}
	return e
}

// connect makes one connection. It holds a slot as long as it takes.
func (t *attempt) connect(ctx context.Context) (*link, error) {
	d := t.dialer
	select {
	case d.slots <- struct{}{}:
		defer func() { <-d.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	known, err := d.HostKeys.lookup(t.addr.Host, t.port)
	if err != nil {
		return nil, err
	}
	target := net.JoinHostPort(t.addr.Host, strconv.Itoa(t.port))
	tcp := net.Dialer{Timeout: orDefault(d.Connect, 10*time.Second)}
	conn, err := tcp.DialContext(ctx, "tcp", target)
	if err != nil {
		return nil, connectError(t.addr, t.port, err)
	}
	return t.login(ctx, &countedConn{Conn: conn}, target, known)
}

// login turns a TCP connection into a link, or closes it.
func (t *attempt) login(ctx context.Context, conn *countedConn, target string, known *known) (*link, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, t.dialer.handshakeTimeout(), errTooSlow)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	c, channels, requests, err := ssh.NewClientConn(conn, target, t.config(known))
	if !stop() && err == nil {
		c.Close()
		err = context.Cause(ctx)
	}
	if err != nil {
		conn.Close()
		if cause := context.Cause(ctx); cause != nil {
			return nil, fmt.Errorf("%w: %w", cause, err)
		}
		return nil, err
	}
	return newLink(ssh.NewClient(c, channels, requests), conn, t.dialer), nil
}

func (t *attempt) config(known *known) *ssh.ClientConfig {
	t.authenticating = false
	return &ssh.ClientConfig{
		User:              t.user,
		Auth:              []ssh.AuthMethod{ssh.PublicKeysCallback(t.signers)},
		HostKeyAlgorithms: known.algorithms(),
		HostKeyCallback: func(_ string, _ net.Addr, key ssh.PublicKey) error {
			return t.checkHost(known, key)
		},
	}
}

// signers is called when the host has been checked.
func (t *attempt) signers() ([]ssh.Signer, error) {
	t.authenticating = true
	var signers []ssh.Signer
	for _, key := range t.keys {
		if t.failed[key] == nil {
			signers = append(signers, key)
		}
	}
	return signers, nil
}

// unknownHostError is a host to ask the user about.
type unknownHostError struct{ host UnknownHost }

func (e *unknownHostError) Error() string { return errUnknownKey.Error() }

func (t *attempt) checkHost(known *known, key ssh.PublicKey) error {
	err := known.check(key)
	if errors.Is(err, errUnknownKey) {
		if cert, ok := key.(*ssh.Certificate); ok {
			key = cert.Key // a certificate without authority is a plain key
		}
		return &unknownHostError{UnknownHost{Name: t.addr.Name, Host: hostKeyName(t.addr.Host, t.port), Key: key}}
	}
	if err != nil {
		return &HostError{Host: t.addr.Name, Text: err.Error(), Err: err}
	}
	return nil
}
