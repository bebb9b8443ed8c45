//go:build linux

// Where all of 127.0.0.0/8 is loopback.

package cli_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// docShell is where examples are run: a folder like the checkout, a home with a
// key, the commands, and a dserver on 127.0.0.1 to 127.0.0.3.
type docShell struct {
	dir  string
	env  []string
	port string // of the server
}

// work is where examples are run.
func (d *docShell) work() string { return filepath.Join(d.dir, "work") }

// newDocShell builds the commands and starts the server, which ends with the test.
func newDocShell(t *testing.T) *docShell {
	t.Helper()
	d := &docShell{dir: t.TempDir()}
	bin := filepath.Join(d.dir, "bin")
	build := exec.Command("go", "build", "-o", bin+"/", "./cmd/...")
	build.Dir = root(t)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	home := filepath.Join(d.dir, "home")
	d.env = []string{
		"PATH=" + bin + ":" + os.Getenv("PATH"), "HOME=" + home, "TZ=UTC", "LC_ALL=C", "FANTAIL_HOSTNAME=laptop",
		"FANTAIL_KNOWNHOSTS=" + filepath.Join(home, "known_hosts"), "FANTAIL_KEY=" + filepath.Join(home, "key"),
	}
	for _, name := range []string{"GOCACHE", "GOMODCACHE", "GOPATH"} { // else they were below the home
		out, err := exec.Command("go", "env", name).Output()
		if err != nil {
			t.Fatal(err)
		}
		d.env = append(d.env, name+"="+strings.TrimSpace(string(out)))
	}
	if err := os.Mkdir(home, 0o700); err != nil {
		t.Fatal(err)
	}
	public := writeClientKey(t, filepath.Join(home, "key"))
	host := d.serve(t, public)
	d.env = append(d.env, "FANTAIL_PORT="+d.port)
	var lines strings.Builder
	for _, ip := range docAddresses() {
		fmt.Fprintln(&lines, knownhosts.Line([]string{net.JoinHostPort(ip, d.port)}, host))
	}
	if err := os.WriteFile(filepath.Join(home, "known_hosts"), []byte(lines.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return d
}

func docAddresses() []string { return []string{"127.0.0.1", "127.0.0.2", "127.0.0.3"} }

func writeClientKey(t *testing.T, path string) ssh.PublicKey {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(key, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return signer.PublicKey()
}

// serve starts dserver for the key, and gives its own.
func (d *docShell) serve(t *testing.T, client ssh.PublicKey) ssh.PublicKey {
	t.Helper()
	d.port = freePort(t)
	hostKey := filepath.Join(d.dir, "host_key")
	args := []string{"-cfg", "none", "-port", d.port, "-hostKey", hostKey, "-authorizedKeys", authorize(t, client), "-hostname", "web1"}
	for _, ip := range docAddresses() {
		args = append(args, "-bindAddress", ip)
	}
	cmd := exec.Command(filepath.Join(d.dir, "bin", "dserver"), args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	var log bytes.Buffer
	cmd.Stderr = &log
	ready, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	if _, err := ready.Read(make([]byte, 1)); err != nil { // it listens on all of them when it says so of the first
		cmd.Wait()
		t.Fatalf("dserver is not ready: %v\n%s", err, log.String())
	}
	b, err := os.ReadFile(hostKey)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.ParsePrivateKey(b)
	if err != nil {
		t.Fatal(err)
	}
	return signer.PublicKey()
}

// freePort is one that is free on all addresses, most likely for long enough.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// authorize writes a file of authorized keys where dserver trusts the folders:
// below the user's home.
func authorize(t *testing.T, key ssh.PublicKey) string {
	t.Helper()
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp(me.HomeDir, ".fantail-docs-") // 0700
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	path := filepath.Join(dir, "authorized_keys")
	if err := os.WriteFile(path, ssh.MarshalAuthorizedKey(key), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// checkout makes a folder that looks like the checkout, whose testdata/sample is
// a copy that examples may spoil.
func (d *docShell) checkout(t *testing.T) {
	t.Helper()
	work := d.work()
	if err := os.RemoveAll(work); err != nil {
		t.Fatal(err)
	}
	sample := filepath.Join("testdata", "sample")
	if err := os.CopyFS(filepath.Join(work, sample), os.DirFS(filepath.Join(root(t), sample))); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(root(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() == "testdata" {
			continue
		}
		if err := os.Symlink(filepath.Join(root(t), e.Name()), filepath.Join(work, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
}

// run runs a command, and gives all that it prints.
func (d *docShell) run(t *testing.T, name string, args ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	path := filepath.Join(d.dir, "bin", name)
	if _, err := os.Stat(path); err != nil {
		if path, err = exec.LookPath(name); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir = d.work()
	if _, err := os.Stat(cmd.Dir); err != nil {
		cmd.Dir = d.dir
	}
	cmd.Env = d.env
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		t.Errorf("%s %q has not ended", name, args)
	}
	return string(out), err
}
