package cli

import (
	"bytes"
	"context"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"fantail/server"
)

func TestDtailhealth(t *testing.T) {
	key := filepath.Join(t.TempDir(), "key")
	signer, err := server.HostKey(key)
	if err != nil {
		t.Fatal(err)
	}
	up := listenHealth(t, func(ctx context.Context, l net.Listener) error {
		return (&server.Server{
			HostKey: signer,
			Authorize: func(user string, _ ssh.PublicKey) (*ssh.Permissions, error) {
				if user != "me" {
					return nil, net.ErrClosed
				}
				return nil, nil
			},
		}).Serve(ctx, l)
	})
	silent := listenHealth(t, func(ctx context.Context, l net.Listener) error {
		<-ctx.Done()
		return l.Close()
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	down := l.Addr().String()
	l.Close()
	for _, test := range []struct {
		args   string
		status int
		want   string
	}{
		{"", 1, "WARNING: nothing was checked, as there is no -server"},
		{"-server " + up, 0, "OK: All fine at " + up + " :-)"},
		{"-server " + up + " -user me -key " + key, 0, "OK: "},
		{"-server " + up + " -user you -key " + key, 2, "CRITICAL: " + up + ": ssh: handshake failed"},
		{"--server=" + down, 2, "connection refused"},
		{"-timeout 50ms -server " + silent, 2, "no answer within 50ms"},
		{"-server " + up + " -key " + key + "x", 3, "UNKNOWN: "},
		{"-sever x", 3, "UNKNOWN: unknown flag -sever, did you mean -server?"},
		{"x", 3, `UNKNOWN: unexpected argument "x"`},
		{"-version", 0, "protocol 1"},
		{"-help", 0, "usage: "},
	} {
		var out bytes.Buffer
		status := Dtailhealth(context.Background(), strings.Fields(test.args), nil, &out, &out)
		if status != test.status || !strings.Contains(out.String(), test.want) {
			t.Errorf("%s: status %d, want %d; got %s", test.args, status, test.status, out.String())
		}
		if n := strings.Count(out.String(), "\n"); n != 1 && test.args != "-help" {
			t.Errorf("%s: %d lines", test.args, n)
		}
	}
}

// listenHealth serves on a free port until the test ends.
func listenHealth(t *testing.T, serve func(context.Context, net.Listener) error) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return l.Addr().String()
}
