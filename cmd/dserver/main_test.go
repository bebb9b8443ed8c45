package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	osexec "os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"fantail/exec"
	"fantail/exec/wire"
	"fantail/server"
)

// asMain makes the test's binary be dserver.
const asMain = "FANTAIL_TEST_DSERVER"

func TestMain(m *testing.M) {
	if os.Getenv(asMain) != "" {
		main()
	}
	os.Exit(m.Run())
}

// watched collects what a process writes, and lets tests wait for it.
type watched struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{} // closed when there is more
}

func (w *watched) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.more != nil {
		close(w.more)
		w.more = nil
	}
	return w.text.Write(p)
}

func (w *watched) state() (string, <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.more == nil {
		w.more = make(chan struct{})
	}
	return w.text.String(), w.more
}

// waitFor gives what follows the text in its line.
func (w *watched) waitFor(t *testing.T, text string) string {
	t.Helper()
	limit := time.After(10 * time.Second)
	for {
		all, more := w.state()
		if _, after, ok := strings.Cut(all, text); ok {
			if line, _, ok := strings.Cut(after, "\n"); ok {
				return strings.TrimSpace(line)
			}
		}
		select {
		case <-more:
		case <-limit:
			t.Fatalf("no %q in\n%s", text, all)
		}
	}
}

// site is a directory that StrictModes trusts, with a key, a host key and a log.
type site struct {
	me                           *user.User
	dir, key, keys, hostKey, log string
}

func newSite(t *testing.T) *site {
	t.Helper()
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp(me.HomeDir, ".fantail-test-")
	if err != nil {
		t.Skip("no directory that the key files could be in: ", err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	in := func(name string) string { return filepath.Join(dir, name) }
	s := &site{me: me, dir: dir, key: in("key"), keys: in("authorized"), hostKey: in("hostkey"), log: in("a.log")}
	signer, err := server.HostKey(s.key) // a key pair like any other
	if err != nil {
		t.Fatal(err)
	}
	s.write(t, s.keys, string(ssh.MarshalAuthorizedKey(signer.PublicKey())))
	s.write(t, s.log, "first\nsecond\n")
	return s
}

func (s *site) write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// process is a running dserver.
type process struct {
	*osexec.Cmd
	out, err watched
}

func (s *site) command(args ...string) *osexec.Cmd {
	cmd := osexec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), asMain+"=1")
	return cmd
}

// flags are for a daemon without configuration file.
func (s *site) flags() []string {
	return []string{"-cfg", "none", "-bindAddress", "127.0.0.1", "-port", "0", "-hostKey", s.hostKey, "-authorizedKeys", s.keys}
}

func (s *site) daemon(t *testing.T, args ...string) (*process, string) {
	t.Helper()
	p := &process{Cmd: s.command(args...)}
	p.Stdout, p.Stderr = &p.out, &p.err
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if p.ProcessState == nil {
			p.Process.Kill()
			p.Wait()
		}
		if t.Failed() {
			text, _ := p.err.state()
			t.Log(text)
		}
	})
	return p, p.out.waitFor(t, "listening on ")
}

func (s *site) dial(addr string) (*ssh.Client, error) {
	b, err := os.ReadFile(s.key)
	if err != nil {
		return nil, err
	}
	key, err := ssh.ParsePrivateKey(b)
	if err != nil {
		return nil, err
	}
	return ssh.Dial("tcp", addr, &ssh.ClientConfig{
		User: s.me.Username, Auth: []ssh.AuthMethod{ssh.PublicKeys(key)},
		HostKeyCallback: ssh.InsecureIgnoreHostKey(), Timeout: 10 * time.Second,
	})
}

// lines is a sink of lines, which tells when the first is there.
type lines struct {
	bytes.Buffer
	first chan struct{} // closed with the first line; nil: not
}

func (l *lines) Rows(r *exec.Rows) error {
	l.Write(r.Data)
	if l.first != nil && len(r.Data) > 0 {
		close(l.first)
		l.first = nil
	}
	return nil
}

func (l *lines) Partial(*exec.Partial) error { return nil }

func (l *lines) Notice(n exec.Notice) error { return nil }

// ask asks for the lines of the site's log.
func (s *site) ask(w io.Writer, r io.Reader, follow bool, to *lines) error {
	req := &wire.Request{Query: "select $line", Input: exec.Input{Globs: []string{s.log}, Follow: follow}}
	if err := wire.WriteRequest(w, req); err != nil {
		return err
	}
	return wire.Decode(bufio.NewReader(r), to)
}

// askCommand asks a process that speaks the protocol.
func (s *site) askCommand(t *testing.T, cmd *osexec.Cmd) {
	t.Helper()
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var got lines
	if err := s.ask(in, out, false, &got); err != nil || got.String() != "first\nsecond\n" {
		t.Errorf("%v, %q; %s", err, got.String(), stderr.String())
	}
	in.Close()
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v; %s", err, stderr.String())
	}
}

func TestStdio(t *testing.T) {
	s := newSite(t)
	s.askCommand(t, s.command("-cfg", "none", "-stdio"))
}

// openSSH is a command of the OpenSSH client.
func (s *site) openSSH(t *testing.T, addr string, args ...string) *osexec.Cmd {
	t.Helper()
	tool, err := osexec.LookPath("ssh")
	if err != nil {
		t.Skip("ssh is missing")
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	all := []string{
		"-F", "none", "-i", s.key, "-p", port, "-l", s.me.Username, "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes",
		"-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=" + filepath.Join(s.dir, "known"), "-o", "LogLevel=ERROR",
	}
	return osexec.Command(tool, append(append(all, host), args...)...)
}

func TestOpenSSHClient(t *testing.T) {
	s := newSite(t)
	_, addr := s.daemon(t, s.flags()...)
	s.askCommand(t, s.openSSH(t, addr, "-s", "fantail"))

	out, err := s.openSSH(t, addr, "ls", "/").CombinedOutput()
	var exit *osexec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 || !strings.Contains(string(out), "there is no shell here") {
		t.Errorf("ssh ls: %v, %s", err, out)
	}
	s.write(t, s.keys, "")
	out, err = s.openSSH(t, addr, "-s", "fantail").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "Permission denied (publickey)") {
		t.Errorf("removed key: %v, %s", err, out)
	}
}

// TestSSHD has OpenSSH's daemon start the session.
func TestSSHD(t *testing.T) {
	s := newSite(t)
	sshd := "/usr/sbin/sshd"
	if _, err := os.Stat(sshd); err != nil {
		t.Skip("sshd is missing")
	}
	if _, err := os.Stat("/run/sshd"); err != nil && os.Getuid() == 0 {
		t.Skip("sshd lacks its directory /run/sshd")
	}
	if _, err := server.HostKey(s.hostKey); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	_, port, _ := net.SplitHostPort(addr)
	config := filepath.Join(s.dir, "sshd_config")
	s.write(t, config, fmt.Sprintf("ListenAddress 127.0.0.1\nPort %s\nHostKey %s\nAuthorizedKeysFile %s\nPidFile none\nUsePAM no\n"+
		"Subsystem fantail env %s=1 %s -cfg none -stdio\n", port, s.hostKey, s.keys, asMain, os.Args[0]))
	cmd := osexec.Command(sshd, "-D", "-e", "-f", config)
	var log watched
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { cmd.Process.Kill(); cmd.Wait() }()
	log.waitFor(t, "Server listening on ")
	s.askCommand(t, s.openSSH(t, addr, "-s", "fantail"))
}

// TestTerminate: clients are told to resume, and the daemon exits with 0.
func TestTerminate(t *testing.T) {
	s := newSite(t)
	p, addr := s.daemon(t, s.flags()...)
	c, err := s.dial(addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	session, err := c.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	in, _ := session.StdinPipe()
	out, _ := session.StdoutPipe()
	if err := session.RequestSubsystem(wire.Subsystem); err != nil {
		t.Fatal(err)
	}
	got := &lines{first: make(chan struct{})}
	first, ended := got.first, make(chan error, 1)
	go func() { ended <- s.ask(in, out, true, got) }()
	select {
	case <-first:
	case err := <-ended:
		t.Fatal(err)
	}
	start := time.Now()
	p.Process.Signal(syscall.SIGTERM)
	if err := <-ended; !errors.Is(err, wire.ErrShutdown) {
		t.Error(err)
	}
	if err := p.Wait(); err != nil {
		t.Error(err)
	}
	if took := time.Since(start); took > 3*time.Second {
		t.Errorf("took %v", took)
	}
	if got.String() != "first\nsecond\n" {
		t.Errorf("%q", got.String())
	}
}

func TestHangup(t *testing.T) {
	s := newSite(t)
	cfg, empty := filepath.Join(s.dir, "cfg"), filepath.Join(s.dir, "empty")
	s.write(t, empty, "")
	config := func(keys string, port int) string {
		return fmt.Sprintf(`{"server": {"bindAddress": ["127.0.0.1"], "port": %d, "hostKey": %q, "authorizedKeys": %q}}`, port, s.hostKey, keys)
	}
	s.write(t, cfg, config(s.keys, 0))
	p, addr := s.daemon(t, "-cfg", cfg)
	for _, step := range []struct {
		config, log string
		in          bool
	}{
		{`{"server": {"authorizedKeyz": "x"}}`, `unknown key \"authorizedKeyz\", did you mean authorizedKeys?`, true},
		{config(empty, 0), "configuration read again", false},
		{config(s.keys, 1), "change only with a restart", true},
	} {
		s.write(t, cfg, step.config)
		p.Process.Signal(syscall.SIGHUP)
		p.err.waitFor(t, step.log)
		s.expectLogin(t, addr, step.in)
	}
}

// expectLogin dials until it is as wanted: the log comes before the change.
func (s *site) expectLogin(t *testing.T, addr string, want bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	for {
		c, err := s.dial(addr)
		if err == nil {
			c.Close()
		}
		if (err == nil) == want {
			return
		}
		if ctx.Err() != nil {
			t.Fatalf("login: %v, want %v", err, want)
		}
	}
}

func TestReadyIsNotified(t *testing.T) {
	s := newSite(t)
	path := filepath.Join(s.dir, "notify")
	l, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	t.Setenv("NOTIFY_SOCKET", path)
	p, _ := s.daemon(t, s.flags()...)
	b := make([]byte, 100)
	l.SetDeadline(time.Now().Add(10 * time.Second))
	for _, want := range []string{"READY=1", "STOPPING=1"} {
		if n, err := l.Read(b); err != nil || string(b[:n]) != want {
			t.Fatalf("%v, %q", err, b[:n])
		}
		p.Process.Signal(os.Interrupt)
	}
}
