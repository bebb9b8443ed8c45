package server

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// rawDial opens a connection and says nothing.
func (f *fixture) rawDial(t *testing.T) net.Conn {
	t.Helper()
	return f.rawDialFrom(t, "127.0.0.1")
}

func (f *fixture) rawDialFrom(t *testing.T, source string) net.Conn {
	t.Helper()
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(source)}}
	c, err := d.Dial("tcp", f.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// expectClosed waits until the server has closed a connection.
func expectClosed(t *testing.T, c net.Conn) {
	t.Helper()
	c.SetDeadline(time.Now().Add(5 * time.Second))
	_, err := io.Copy(io.Discard, c)
	if e, ok := err.(net.Error); ok && e.Timeout() {
		t.Error("the connection is still open")
	}
}

func TestHalfOpenConnectionsAreDropped(t *testing.T) {
	f := serve(t, func(s *Server) { s.LoginGrace = 100 * time.Millisecond })
	for name, start := range map[string]string{
		"silent":            "",
		"version only":      "SSH-2.0-x\r\n",
		"half a packet":     "SSH-2.0-x\r\n\x00\x00\x01",
		"announced a large": "SSH-2.0-x\r\n\x00\x03\xff\x00\x01",
		"no SSH":            "GET / HTTP/1.1\r\n\r\n",
	} {
		c := f.rawDial(t)
		if _, err := io.WriteString(c, start); err != nil {
			t.Fatal(name, err)
		}
		expectClosed(t, c)
	}
	f.login(t)
}

func TestStartingConnectionsAreLimited(t *testing.T) {
	f := serve(t, func(s *Server) { s.LoginGrace = time.Minute })
	var held []net.Conn
	for range maxStartingSource {
		held = append(held, f.rawDial(t))
	}
	f.waitFor(t, "full source", func(l *limits) bool { return l.total == maxStartingSource })
	expectClosed(t, f.rawDial(t))
	if !strings.Contains(f.log.String(), "10 connections from 127.0.0.1/32 are logging in, the limit is 10") {
		t.Error("the log does not say why")
	}
	other := f.rawDialFrom(t, "127.0.0.2")
	f.waitFor(t, "other source", func(l *limits) bool { return l.total == maxStartingSource+1 })
	other.Close()
	for _, c := range held {
		c.Close()
	}
	f.waitFor(t, "free source", func(l *limits) bool { return l.total == 0 })
	f.login(t)
}

func TestLimits(t *testing.T) {
	var l limits
	var release []func()
	for i := range maxStarting {
		free, err := l.start(&net.TCPAddr{IP: net.IPv4(10, 0, byte(i/5), 1)})
		if err != nil {
			t.Fatal(i, err)
		}
		release = append(release, free)
	}
	if _, err := l.start(&net.TCPAddr{IP: net.IPv4(10, 9, 9, 9)}); err == nil {
		t.Error("over the limit of all")
	}
	for _, free := range release {
		free()
		free() // once counts
	}
	if l.total != 0 || len(l.starting) != 0 {
		t.Error(l.total, l.starting)
	}
	for i := range maxStartingSource + 1 {
		_, err := l.start(&net.TCPAddr{IP: net.ParseIP("2001:db8::" + string(rune('a'+i%6)))})
		if (err != nil) != (i == maxStartingSource) {
			t.Error("one network of IPv6:", i, err)
		}
	}
}

func TestFullServerSaysSo(t *testing.T) {
	f := serve(t, func(s *Server) { s.MaxConnections = 2 })
	first := f.login(t)
	f.login(t)
	f.waitForLogins(t, 2)
	third := f.login(t)
	if _, err := third.NewSession(); err == nil || !strings.Contains(err.Error(), "too many connections") {
		t.Error(err)
	}
	first.Close()
	f.waitForLogins(t, 1)
	if err := query(t, f.login(t), "hello", new(collect)); err != nil {
		t.Error(err)
	}
}

func TestSessionsOfAConnectionAreLimited(t *testing.T) {
	f := serve(t, nil)
	c := f.login(t)
	var sessions []stream
	for range maxSessions {
		sessions = append(sessions, open(t, c))
	}
	if _, err := c.NewSession(); err == nil || !strings.Contains(err.Error(), "16 sessions on this connection, the limit is 16") {
		t.Error(err)
	}
	// Its end and the server's count of it are not the same instant.
	sessions[0].Close()
	limit := time.Now().Add(5 * time.Second)
	for {
		s, err := c.NewSession()
		if err == nil {
			s.Close()
			break
		}
		if time.Now().After(limit) {
			t.Fatal(err)
		}
	}
}

// TestSilentPeerIsCut has a peer that answers no keepalive.
func TestSilentPeerIsCut(t *testing.T) {
	f := serve(t, func(s *Server) { s.Keepalive = 20 * time.Millisecond })
	alive := f.login(t)
	nc := f.rawDial(t)
	silent, chans, reqs, err := ssh.NewClientConn(nc, f.addr, &ssh.ClientConfig{
		User: "me", Auth: []ssh.AuthMethod{ssh.PublicKeys(f.key)}, HostKeyCallback: ssh.InsecureIgnoreHostKey(),
	})
	if err != nil {
		t.Fatal(err)
	}
	silent.Wait() // its requests are not answered, as nobody reads them
	for range reqs {
	}
	for range chans {
	}
	if !strings.Contains(f.log.String(), "the peer is silent") {
		t.Error("closed for another reason")
	}
	if err := query(t, alive, "hello", new(collect)); err != nil {
		t.Error("a peer that answers:", err)
	}
}
