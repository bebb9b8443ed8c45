package client

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/pem"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"fantail/exec/wire"
)

// sshServer is an SSH server for tests, with dserver's subsystem.
type sshServer struct {
	addr         Address
	hostKey      ssh.Signer
	moreHostKeys []ssh.Signer                        // of other types
	logins       atomic.Int32                        // sessions that have logged in
	run          func(*wire.Encoder, *wire.Request)  // answers a request; nil: an empty, complete run
	subsystem    func(ssh.Channel)                   // takes over from run; nil: run
	refuse       bool                                // the subsystem
	session      func(ssh.NewChannel) (refused bool) // nil: accepted
	global       func(*ssh.Request)                  // answers heartbeats; nil: as x/crypto does
	work         sync.WaitGroup
}

// serve starts the server, which ends with the test.
func (s *sshServer) serve(t *testing.T, allowed ...ssh.PublicKey) *sshServer {
	t.Helper()
	return s.serveOn(t, "127.0.0.1:0", allowed...)
}

func (s *sshServer) serveOn(t *testing.T, address string, allowed ...ssh.PublicKey) *sshServer {
	t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Skipf("cannot listen on %s: %v", address, err)
	}
	if s.hostKey == nil {
		s.hostKey = newKey(t, "ed25519")
	}
	config := &ssh.ServerConfig{PublicKeyCallback: func(_ ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
		if hasAllowed(allowed, key) {
			return nil, nil
		}
		return nil, os.ErrPermission
	}}
	for _, key := range append(s.moreHostKeys, s.hostKey) {
		config.AddHostKey(key)
	}
	tcp := l.Addr().(*net.TCPAddr)
	s.addr = Address{Host: tcp.IP.String(), Port: tcp.Port, Name: "web1"}
	var conns sync.Map
	s.work.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conns.Store(conn, nil)
			s.work.Go(func() { s.serveConn(conn, config) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		conns.Range(func(c, _ any) bool { return c.(net.Conn).Close() != nil || true })
		s.work.Wait()
	})
	return s
}

func hasAllowed(allowed []ssh.PublicKey, key ssh.PublicKey) bool {
	for _, a := range allowed {
		if sameKey(a, key) {
			return true
		}
	}
	return false
}

func (s *sshServer) serveConn(conn net.Conn, config *ssh.ServerConfig) {
	defer conn.Close()
	_, channels, requests, err := ssh.NewServerConn(conn, config)
	if err != nil {
		return
	}
	s.logins.Add(1)
	s.work.Go(func() {
		for req := range requests {
			if s.global != nil {
				s.global(req)
			} else if req.WantReply {
				req.Reply(false, nil)
			}
		}
	})
	for c := range channels {
		if s.session != nil && s.session(c) {
			continue
		}
		if channel, requests, err := c.Accept(); err == nil {
			s.work.Go(func() { s.serveChannel(channel, requests) })
		}
	}
}

func (s *sshServer) serveChannel(channel ssh.Channel, requests <-chan *ssh.Request) {
	defer channel.Close()
	for req := range requests {
		var name struct{ Name string }
		if req.Type != "subsystem" || ssh.Unmarshal(req.Payload, &name) != nil || name.Name != wire.Subsystem {
			req.Reply(false, nil)
			continue
		}
		req.Reply(!s.refuse, nil)
		if s.refuse {
			continue
		}
		if s.subsystem != nil {
			s.subsystem(channel)
			continue
		}
		r, err := wire.ReadRequest(bufio.NewReader(channel))
		if err != nil {
			return
		}
		e := wire.NewEncoder(channel)
		if s.run == nil {
			e.End(nil)
		} else {
			s.run(e, r)
		}
		return
	}
}

// newKey makes a key: ed25519, ecdsa or rsa.
func newKey(t testing.TB, kind string) ssh.Signer {
	t.Helper()
	s, err := ssh.NewSignerFromKey(newPrivate(t, kind))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func newPrivate(t testing.TB, kind string) (key any) {
	t.Helper()
	var err error
	switch kind {
	case "ed25519":
		_, key, err = ed25519.GenerateKey(rand.Reader)
	case "ecdsa":
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case "rsa":
		key, err = rsa.GenerateKey(rand.Reader, 2048)
	}
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// writeKey writes a private key to a file, and gives its public half.
func writeKey(t testing.TB, path string, private any, passphrase string) ssh.PublicKey {
	t.Helper()
	var block *pem.Block
	var err error
	if passphrase == "" {
		block, err = ssh.MarshalPrivateKey(private, "")
	} else {
		block, err = ssh.MarshalPrivateKeyWithPassphrase(private, "", []byte(passphrase))
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return s.PublicKey()
}

// newDialer is a user with one key, who trusts every new host.
func newDialer(t testing.TB) (d *Dialer, public ssh.PublicKey) {
	t.Helper()
	dir := t.TempDir()
	key := filepath.Join(dir, "id_ed25519")
	public = writeKey(t, key, newPrivate(t, "ed25519"), "")
	return &Dialer{
		User:     "alice",
		Keys:     Keys{Files: []string{key}},
		HostKeys: KnownHosts{Files: []string{filepath.Join(dir, "known_hosts")}, TrustAll: true},
	}, public
}

func portOf(a Address) string { return strconv.Itoa(a.Port) }

// mustDial connects and closes again.
func mustDial(t *testing.T, d *Dialer, a Address) {
	t.Helper()
	if err := tryDial(t, d, a); err != nil {
		t.Fatal(err)
	}
}

func tryDial(t *testing.T, d *Dialer, a Address) error {
	t.Helper()
	l, err := d.dial(t.Context(), a)
	if err == nil {
		l.close()
	}
	return err
}

// wantError checks that the error says all of what it should.
func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error; want one with %q", parts)
	}
	for _, part := range parts {
		if !bytes.Contains([]byte(err.Error()), []byte(part)) {
			t.Errorf("the error %q does not say %q", err, part)
		}
	}
}

// within fails the test if f takes longer.
func within(t *testing.T, limit time.Duration, f func()) {
	t.Helper()
	start := time.Now()
	f()
	if took := time.Since(start); took > limit {
		t.Errorf("took %v, want at most %v", took, limit)
	}
}
