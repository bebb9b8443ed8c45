package client

import (
	"context"
	"errors"
	"net"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

func TestDialIPv6(t *testing.T) {
	d, key := newDialer(t)
	s := new(sshServer).serveOn(t, "[::1]:0", key)
	addrs, err := ParseServers("[::1]:"+portOf(s.addr), noFile)
	if err != nil {
		t.Fatal(err)
	}
	mustDial(t, d, addrs[0])
	mustDial(t, d, addrs[0])
}

func TestDialDefaults(t *testing.T) {
	d, key := newDialer(t)
	s := new(sshServer).serve(t, key)
	d.Port = s.addr.Port
	c, err := d.Dial(t.Context(), Address{Host: "127.0.0.1", Name: "here"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if c.User() != "alice" {
		t.Errorf("logged in as %q, want the Dialer's user", c.User())
	}
}

func TestDialDeadHost(t *testing.T) {
	d, _ := newDialer(t)
	port := freePort(t)
	err := tryDial(t, d, Address{Host: "127.0.0.1", Port: port, Name: "web1"})
	wantError(t, err, "web1: connection refused (is dserver running on port "+strconv.Itoa(port)+"?)")
	if !errors.Is(err, ErrUnreachable) {
		t.Errorf("%v is not ErrUnreachable", err)
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func TestDialNoSuchHost(t *testing.T) {
	err := connectError(Address{Name: "web1"}, 2222, &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", IsNotFound: true}})
	if err.Error() != "web1: no such host" || !errors.Is(err, ErrNoSuchHost) {
		t.Errorf("got %q", err)
	}
	err = connectError(Address{Name: "web1"}, 2222, &net.DNSError{Err: "server misbehaving", IsTemporary: true})
	if err.Error() != "web1: look up the host: server misbehaving" || !errors.Is(err, ErrUnreachable) {
		t.Errorf("got %q", err)
	}
}

// silentHost accepts connections and says what it is told to, and nothing else.
func silentHost(t *testing.T, says string) Address {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var work sync.WaitGroup
	done := make(chan struct{})
	work.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			c.Write([]byte(says))
			work.Go(func() {
				<-done
				c.Close()
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		close(done)
		work.Wait()
	})
	return Address{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, Name: "web1"}
}

func TestDialFrozenHost(t *testing.T) {
	for _, says := range []string{"", "SSH-2.0-frozen\r\n"} {
		d, _ := newDialer(t)
		d.Handshake = 100 * time.Millisecond
		a := silentHost(t, says)
		within(t, 2*time.Second, func() {
			err := tryDial(t, d, a)
			wantError(t, err, "web1: connected, but", "within 100ms", "frozen")
			if !errors.Is(err, ErrUnreachable) {
				t.Errorf("%v is not ErrUnreachable", err)
			}
		})
	}
}

func TestDialNotSSH(t *testing.T) {
	d, _ := newDialer(t)
	a := silentHost(t, "HTTP/1.1 400 Bad Request\r\n"+string(make([]byte, 70_000)))
	wantError(t, tryDial(t, d, a), "web1: what answers there is not an SSH server")
}

func TestDialCancelled(t *testing.T) {
	d, _ := newDialer(t)
	ctx, cancel := context.WithCancel(t.Context())
	a := silentHost(t, "")
	time.AfterFunc(50*time.Millisecond, cancel)
	within(t, 2*time.Second, func() {
		if _, err := d.Dial(ctx, a); err != context.Canceled {
			t.Errorf("got %v, want ctx's error", err)
		}
	})
}

// A frozen host holds its slot only as long as its handshake may take.
func TestDialConcurrent(t *testing.T) {
	d, key := newDialer(t)
	d.Concurrent = 2
	d.Handshake = 2 * time.Second // as long as the others may take on a machine that is busy
	frozen := silentHost(t, "")
	s := new(sshServer).serve(t, key)
	var work sync.WaitGroup
	for range 2 {
		work.Go(func() { tryDial(t, d, frozen) })
	}
	for range 20 {
		work.Go(func() {
			if err := tryDial(t, d, s.addr); err != nil {
				t.Error(err)
			}
		})
	}
	work.Wait()
	if n := len(d.slots); n != 0 || cap(d.slots) != 2 {
		t.Errorf("%d of %d slots are taken, want 0 of 2", n, cap(d.slots))
	}
}

func TestHeartbeatFindsDeadHost(t *testing.T) {
	d, key := newDialer(t)
	d.Heartbeat, d.Silence = 20*time.Millisecond, 100*time.Millisecond
	s := &sshServer{global: func(*ssh.Request) {}} // never answers
	s.serve(t, key)
	c, err := d.Dial(t.Context(), s.addr)
	if err != nil {
		t.Fatal(err)
	}
	within(t, 2*time.Second, func() {
		if err := c.Wait(); err == nil {
			t.Error("the connection ended well")
		}
	})
}

func TestHeartbeatKeepsLivingHost(t *testing.T) {
	d, key := newDialer(t)
	d.Heartbeat, d.Silence = 10*time.Millisecond, 200*time.Millisecond
	beats := make(chan struct{}, 100)
	s := &sshServer{global: func(r *ssh.Request) {
		r.Reply(false, nil)
		beats <- struct{}{}
	}}
	s.serve(t, key)
	l, err := d.dial(t.Context(), s.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer l.close()
	for range 20 {
		<-beats
	}
	if l.silent.Load() {
		t.Error("a host that answers counts as dead")
	}
}

// A server with several host keys shows the one that is known.
func TestDialPrefersKnownKeyType(t *testing.T) {
	s := &sshServer{moreHostKeys: []ssh.Signer{newKey(t, "ecdsa"), newKey(t, "rsa")}}
	d, key := newDialer(t)
	s.serve(t, key)
	d.HostKeys.TrustAll = false
	for _, hostKey := range append(s.moreHostKeys, s.hostKey) {
		writeKnown(t, d, knownText(s.addr, hostKey.PublicKey()))
		d.HostKeys.db = nil
		mustDial(t, d, s.addr)
	}
}

func writeKnown(t *testing.T, d *Dialer, text string) {
	t.Helper()
	if err := os.WriteFile(d.HostKeys.Files[0], []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Dial gives the connection alone.
func (d *Dialer) Dial(ctx context.Context, a Address) (*ssh.Client, error) {
	l, err := d.dial(ctx, a)
	if err != nil {
		return nil, err
	}
	return l.client, nil
}
