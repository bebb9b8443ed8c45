package server

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"fantail/exec"
	"fantail/exec/wire"
)

// logBuffer is a log that tests look into.
type logBuffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// fixture is a server on a free port, for one user with one key.
type fixture struct {
	*Server
	addr string
	home string
	key  ssh.Signer
	log  *logBuffer
	stop func() error // ends Serve and gives its error
}

func newKey(t testing.TB) ssh.Signer {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

// serve starts a server, and stops it at the end of the test, when nobody may be
// counted any more.
func serve(t *testing.T, configure func(*Server)) *fixture {
	t.Helper()
	f := &fixture{home: t.TempDir(), key: newKey(t), log: new(logBuffer)}
	if err := os.Chmod(f.home, 0o755); err != nil {
		t.Fatal(err)
	}
	f.Server = &Server{
		HostKey: newKey(t), Grace: 2 * time.Second, run: fakeRun,
		Authorize: f.keys().Authorize,
		Log:       slog.New(slog.NewTextHandler(f.log, nil)),
	}
	if configure != nil {
		configure(f.Server)
	}
	f.authorize(t, authorizedLine(f.key))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f.addr = l.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- f.Serve(ctx, l) }()
	f.stop = sync.OnceValue(func() error { cancel(); return <-done })
	t.Cleanup(func() {
		if err := f.stop(); err != nil {
			t.Error(err)
		}
		if l := &f.limits; l.total != 0 || l.logins != 0 || len(l.starting) != 0 {
			t.Errorf("left behind: %d starting, %d logins, %v", l.total, l.logins, l.starting)
		}
		if t.Failed() {
			t.Log(f.log.String())
		}
	})
	return f
}

func (f *fixture) keys() *AuthorizedKeys {
	return &AuthorizedKeys{User: "me", UID: uint32(os.Getuid()), Home: f.home}
}

func authorizedLine(key ssh.Signer) string {
	return string(ssh.MarshalAuthorizedKey(key.PublicKey()))
}

func (f *fixture) authorize(t *testing.T, text string) {
	t.Helper()
	dir := filepath.Join(f.home, ".ssh")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "authorized_keys"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (f *fixture) dial(user string, key ssh.Signer) (*ssh.Client, error) {
	return ssh.Dial("tcp", f.addr, &ssh.ClientConfig{
		User: user, Auth: []ssh.AuthMethod{ssh.PublicKeys(key)},
		HostKeyCallback: ssh.FixedHostKey(f.HostKey.PublicKey()), Timeout: 10 * time.Second,
	})
}

func (f *fixture) login(t *testing.T) *ssh.Client {
	t.Helper()
	c, err := f.dial("me", f.key)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// stream is a session's two directions.
type stream struct {
	io.Reader
	io.WriteCloser
	*ssh.Session
}

func (s stream) Close() error { return s.Session.Close() }

func open(t *testing.T, c *ssh.Client) stream {
	t.Helper()
	s, err := c.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	in, _ := s.StdinPipe()
	out, _ := s.StdoutPipe()
	if err := s.RequestSubsystem(wire.Subsystem); err != nil {
		t.Fatal(err)
	}
	return stream{out, in, s}
}

// query runs a query, which for fakeRun is a word.
func query(t *testing.T, c *ssh.Client, text string, sink exec.Sink) error {
	t.Helper()
	s := open(t, c)
	defer s.Close()
	if err := wire.WriteRequest(s, &wire.Request{Query: text}); err != nil {
		t.Fatal(err)
	}
	return wire.Decode(bufio.NewReader(s), sink)
}

// fakeRun does what the query says.
func fakeRun(ctx context.Context, req *wire.Request, sink exec.Sink) error {
	switch req.Query {
	case "fail":
		return errors.New("no such column")
	case "panic":
		panic("a bug")
	case "wait":
		if err := sink.Notice(exec.Notice{Text: "waiting"}); err != nil {
			return err
		}
		<-ctx.Done()
		return ctx.Err()
	}
	return sink.Rows(&exec.Rows{N: 1, Data: []byte(req.Query + "\n")})
}

// collect is a sink of lines; notices go to a channel, if there is one.
type collect struct {
	bytes.Buffer
	notices chan exec.Notice
}

func (c *collect) Rows(r *exec.Rows) error { c.Write(r.Data); return nil }

func (c *collect) Partial(*exec.Partial) error { return nil }

func (c *collect) Notice(n exec.Notice) error {
	if c.notices != nil {
		c.notices <- n
	}
	return nil
}

func TestQuery(t *testing.T) {
	f := serve(t, nil)
	c := f.login(t)
	var sink collect
	if err := query(t, c, "hello", &sink); err != nil || sink.String() != "hello\n" {
		t.Errorf("%q, %v", sink.String(), err)
	}
	var run *wire.RunError
	if err := query(t, c, "fail", &sink); !errors.As(err, &run) || run.Text != "no such column" {
		t.Error(err)
	}
}

func TestPanicEndsOneSession(t *testing.T) {
	f := serve(t, nil)
	c := f.login(t)
	if err := query(t, c, "panic", new(collect)); err == nil || err.Error() != "internal error, see the server's log" {
		t.Error(err)
	}
	if !strings.Contains(f.log.String(), "a bug") || !strings.Contains(f.log.String(), "fakeRun") {
		t.Error("the log has no stack")
	}
	if err := query(t, c, "still here", new(collect)); err != nil {
		t.Error(err)
	}
}

func TestPeerGoneCancelsTheRun(t *testing.T) {
	ended := make(chan error, 1)
	f := serve(t, func(s *Server) {
		s.run = func(ctx context.Context, req *wire.Request, sink exec.Sink) error {
			err := fakeRun(ctx, req, sink)
			ended <- context.Cause(ctx)
			return err
		}
	})
	for name, leave := range map[string]func(*ssh.Client, stream){
		"session closed":    func(_ *ssh.Client, s stream) { s.Close() },
		"input closed":      func(_ *ssh.Client, s stream) { s.WriteCloser.Close() },
		"connection closed": func(c *ssh.Client, _ stream) { c.Close() },
		"more sent":         func(_ *ssh.Client, s stream) { s.Write([]byte("x")) },
	} {
		c := f.login(t)
		s := open(t, c)
		if err := wire.WriteRequest(s, &wire.Request{Query: "wait"}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Read(make([]byte, 8)); err != nil { // the run has begun
			t.Fatal(err)
		}
		leave(c, s)
		if err := <-ended; err != errGone {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestShutdown(t *testing.T) {
	f := serve(t, nil)
	waiting := &collect{notices: make(chan exec.Notice)}
	got := make(chan error)
	running, idle, mute, halfOpen := f.login(t), f.login(t), f.login(t), f.rawDial(t)
	go func() { got <- query(t, running, "wait", waiting) }()
	<-waiting.notices
	s := open(t, mute) // never sends its request
	plain, err := mute.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close() // never asks for the subsystem

	start := time.Now()
	stopped := make(chan error)
	go func() { stopped <- f.stop() }()
	if err := <-got; !errors.Is(err, wire.ErrShutdown) {
		t.Error("running:", err)
	}
	if err := wire.Decode(bufio.NewReader(s), new(collect)); !errors.Is(err, wire.ErrShutdown) {
		t.Error("mute:", err)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	if took := time.Since(start); took > time.Second {
		t.Errorf("took %v", took)
	}
	idle.Wait()
	expectClosed(t, halfOpen)
	if _, err := f.dial("me", f.key); err == nil {
		t.Error("the server still listens")
	}
}

// TestShutdownOfAStuckSession: a client that reads nothing cannot keep a server.
func TestShutdownOfAStuckSession(t *testing.T) {
	stuck := make(chan struct{})
	f := serve(t, func(s *Server) {
		s.Grace = 50 * time.Millisecond
		s.run = func(ctx context.Context, req *wire.Request, sink exec.Sink) error {
			close(stuck)
			for {
				noise := make([]byte, 64<<10)
				rand.Read(noise)
				if err := sink.Rows(&exec.Rows{N: 1, Data: noise}); err != nil {
					return err
				}
			}
		}
	})
	s := open(t, f.login(t))
	if err := wire.WriteRequest(s, &wire.Request{}); err != nil {
		t.Fatal(err)
	}
	<-stuck
	if err := f.stop(); err != nil {
		t.Error(err)
	}
}

func TestReload(t *testing.T) {
	f := serve(t, nil)
	old := f.login(t)
	f.Reload(&Server{HostKey: f.HostKey, Log: f.Log, run: fakeRun}) // without Authorize
	if _, err := f.dial("me", f.key); err == nil {
		t.Error("logged in without a right to")
	}
	if err := query(t, old, "hello", new(collect)); err != nil {
		t.Error("old connection:", err)
	}
	f.Reload(&Server{HostKey: f.HostKey, Log: f.Log, Authorize: f.Authorize, run: fakeRun})
	if err := query(t, f.login(t), "hello", new(collect)); err != nil {
		t.Error("new connection:", err)
	}
}

// TestGarbage sends what is no request. The session must end, with an error
// that tells why, and the next one must work.
func TestGarbage(t *testing.T) {
	f := serve(t, nil)
	c := f.login(t)
	for _, test := range []struct{ send, want string }{
		{".ack....", `began with ".ack...."`},
		{"cat:plain=true", `began with "cat:plai"`},
		{"map select `", `began with "map sele"`},
		{"protocol 4.1 base64 bWFw;", `began with "protocol"`},
		{"fantail\x63", "this side speaks version 1, the other side version 99"},
		{"fantail\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f", "outside of the limits"},
		{"fantail\x01\x01\x09", "a frame of kind 9"},
		{"fantail\x01\x03\x01{]", "invalid character"},
		{"fantail\x01\x03\x81{}", "decompress"},
	} {
		s := open(t, c)
		if _, err := io.WriteString(s, test.send); err != nil {
			t.Fatal(err)
		}
		err := wire.Decode(bufio.NewReader(s), new(collect))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: %v", test.send, err)
		}
		s.Close()
	}
	cut := open(t, c)
	io.WriteString(cut, "fantail\x01\x7fhalf a requ")
	cut.WriteCloser.Close()
	if err := wire.Decode(bufio.NewReader(cut), new(collect)); err == nil {
		t.Error("a cut request was served")
	}
	if err := query(t, c, "hello", new(collect)); err != nil {
		t.Error(err)
	}
}

func TestOnlyTheSubsystem(t *testing.T) {
	f := serve(t, nil)
	c := f.login(t)
	for name, ask := range map[string]func(*ssh.Session) error{
		"env":       func(s *ssh.Session) error { return s.Setenv("LD_PRELOAD", "/tmp/x") },
		"pty":       func(s *ssh.Session) error { return s.RequestPty("xterm", 24, 80, nil) },
		"subsystem": func(s *ssh.Session) error { return s.RequestSubsystem("sftp") },
		"agent": func(s *ssh.Session) error {
			ok, err := s.SendRequest("auth-agent-req@openssh.com", true, nil)
			return errors.Join(err, map[bool]error{false: errors.New("refused")}[ok])
		},
	} {
		s, err := c.NewSession()
		if err != nil {
			t.Fatal(err)
		}
		if err := ask(s); err == nil {
			t.Errorf("%s was granted", name)
		}
		if err := s.RequestSubsystem(wire.Subsystem); err != nil {
			t.Errorf("after %s: %v", name, err)
		}
		s.Close()
	}
	if _, err := c.Dial("tcp", f.addr); err == nil {
		t.Error("forwarded a connection")
	}
	if _, err := c.Listen("tcp", "127.0.0.1:0"); err == nil {
		t.Error("listens for the peer")
	}
}

// TestHumans: whoever comes with a plain ssh is told what this is. Each takes a
// connection of its own, and gives it back.
func TestHumans(t *testing.T) {
	f := serve(t, func(s *Server) { s.MaxConnections = 2 })
	for i := range 6 {
		c := f.login(t)
		s, err := c.NewSession()
		if err != nil {
			t.Fatal(i, err)
		}
		var stderr bytes.Buffer
		s.Stderr = &stderr
		run := func() error { return s.Run("ls") }
		if i%2 == 1 {
			run = func() error { return errors.Join(s.Shell(), s.Wait()) }
		}
		var exit *ssh.ExitError
		if err := run(); !errors.As(err, &exit) || exit.ExitStatus() != 1 {
			t.Error(i, err)
		}
		if !strings.Contains(stderr.String(), `there is no shell here, only the subsystem "fantail"`) {
			t.Error(i, stderr.String())
		}
		c.Close()
		f.waitForLogins(t, 0)
	}
}

// waitForLogins waits until so many connections are logged in.
func (f *fixture) waitForLogins(t *testing.T, want int) {
	t.Helper()
	f.waitFor(t, fmt.Sprint(want, " logins"), func(l *limits) bool { return l.logins == want })
}

func (f *fixture) waitFor(t *testing.T, what string, ok func(*limits) bool) {
	t.Helper()
	limit := time.NewTimer(5 * time.Second)
	defer limit.Stop()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		f.limits.mu.Lock()
		done := ok(&f.limits)
		f.limits.mu.Unlock()
		if done {
			return
		}
		select {
		case <-tick.C:
		case <-limit.C:
			t.Fatalf("no %s", what)
		}
	}
}
