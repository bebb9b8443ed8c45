package client

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"fantail/exec/wire"
)

// serveEnv makes the test binary a server's side of a session, see
// TestServeSubsystem.
const serveEnv = "FANTAIL_TEST_SUBSYSTEM"

// TestServeSubsystem is what sshd starts as its subsystem.
func TestServeSubsystem(t *testing.T) {
	if os.Getenv(serveEnv) == "" {
		t.Skip("for sshd only")
	}
	r, err := wire.ReadRequest(bufio.NewReader(os.Stdin))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	counting(5000, 10)(wire.NewEncoder(os.Stdout), r)
	os.Exit(0)
}

// startSSHD starts OpenSSH's server with the test binary as its subsystem.
func startSSHD(t *testing.T, allowed ...ssh.PublicKey) Address {
	t.Helper()
	sshd, err := exec.LookPath("/usr/sbin/sshd")
	if err != nil {
		t.Skip("sshd is missing")
	}
	if err := os.MkdirAll("/run/sshd", 0o755); err != nil { // as its init script does
		t.Skipf("sshd cannot run: %v", err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	writeKey(t, filepath.Join(dir, "host_ed25519"), newPrivate(t, "ed25519"), "")
	writeKey(t, filepath.Join(dir, "host_rsa"), newPrivate(t, "rsa"), "")
	var keys strings.Builder
	for _, key := range allowed {
		keys.Write(ssh.MarshalAuthorizedKey(key))
	}
	if err := os.WriteFile(filepath.Join(dir, "keys"), []byte(keys.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	port := freePort(t)
	config := fmt.Sprintf("ListenAddress 127.0.0.1\nPort %d\nHostKey %[2]s/host_ed25519\nHostKey %[2]s/host_rsa\n"+
		"AuthorizedKeysFile %[2]s/keys\nStrictModes no\nPermitRootLogin yes\nPidFile none\nUsePAM no\n"+
		"Subsystem fantail %s=1 %s -test.run=^TestServeSubsystem$\n", port, dir, serveEnv, self)
	if err := os.WriteFile(filepath.Join(dir, "config"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(sshd, "-D", "-e", "-f", filepath.Join(dir, "config"))
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Skipf("sshd does not start: %v", err)
	}
	log := bufio.NewReader(stderr)
	said := ""
	for !strings.Contains(said, "listening on") {
		line, err := log.ReadString('\n')
		if said += line; err != nil {
			cmd.Wait()
			t.Skipf("sshd does not serve: %s", said)
		}
	}
	drained := make(chan struct{})
	go func() {
		io.Copy(io.Discard, log)
		close(drained)
	}()
	t.Cleanup(func() {
		cmd.Process.Kill()
		<-drained
		cmd.Wait()
	})
	return Address{Host: "127.0.0.1", Port: port, Name: "web1"}
}

// OpenSSH's server, with every kind of key, and a known_hosts file that
// OpenSSH's own tool has made as our error says.
func TestOpenSSH(t *testing.T) {
	dir := t.TempDir()
	kinds := []string{"ed25519", "ecdsa", "rsa"}
	var allowed []ssh.PublicKey
	for _, kind := range kinds {
		allowed = append(allowed, writeKey(t, filepath.Join(dir, "id_"+kind), newPrivate(t, kind), ""))
	}
	addr := startSSHD(t, allowed...)
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	known := filepath.Join(dir, "known_hosts")
	dialer := func(kind string) *Dialer {
		return &Dialer{
			User:     me.Username,
			Keys:     Keys{Files: []string{filepath.Join(dir, "id_"+kind)}},
			HostKeys: KnownHosts{Files: []string{known}},
		}
	}
	command := addTheKey(t, tryDial(t, dialer("rsa"), addr))
	if out, err := exec.Command("sh", "-c", command).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", command, err, out)
	}
	for _, kind := range kinds {
		proxy := newCutProxy(t, addr, func(conn int) int64 { return []int64{9000, 30000, -1}[min(conn, 2)] })
		d := dialer(kind)
		d.HostKeys.TrustAll = true // for the proxy's port
		var sink collector
		remote := &Remote{Address: proxy.addr, Dialer: d}
		if err := Retry(remote, RetryPolicy{MaxRetries: -1}).Run(t.Context(), someJob(), &sink); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		if sink.rows.String() != countedLines(5000) {
			t.Errorf("%s: lines are lost or repeated", kind)
		}
	}
	mustDial(t, dialer("ed25519"), addr)
}

// addTheKey takes the command out of the error about an unknown host.
func addTheKey(t *testing.T, err error) string {
	t.Helper()
	wantError(t, err, "host key is unknown", "add it with ssh-keyscan")
	_, command, _ := strings.Cut(err.Error(), "add it with ")
	command, _, _ = strings.Cut(command, ", or use")
	return command
}
