package client

import (
	"crypto/rand"
	"errors"
	"net"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// startAgent serves a keyring on a socket, which ends with the test.
func startAgent(t *testing.T, keyring agent.Agent) (socket string) {
	t.Helper()
	socket = filepath.Join(t.TempDir(), "agent")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	var work sync.WaitGroup
	work.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			work.Go(func() {
				defer c.Close()
				agent.ServeAgent(keyring, c)
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		work.Wait()
	})
	return socket
}

func TestKeyFiles(t *testing.T) {
	for _, kind := range []string{"ed25519", "ecdsa", "rsa"} {
		d, _ := newDialer(t)
		dir := t.TempDir()
		key := writeKey(t, filepath.Join(dir, "id_"+kind), newPrivate(t, kind), "")
		s := new(sshServer).serve(t, key)
		d.Keys = Keys{Dir: dir}
		mustDial(t, d, s.addr)
		d2, _ := newDialer(t)
		d2.Keys = Keys{Files: []string{filepath.Join(dir, "id_"+kind)}}
		mustDial(t, d2, s.addr)
	}
}

func TestAgent(t *testing.T) {
	for _, kind := range []string{"ed25519", "ecdsa", "rsa"} {
		keyring := agent.NewKeyring()
		private := newPrivate(t, kind)
		if err := keyring.Add(agent.AddedKey{PrivateKey: private}); err != nil {
			t.Fatal(err)
		}
		signer, err := ssh.NewSignerFromKey(private)
		if err != nil {
			t.Fatal(err)
		}
		d, _ := newDialer(t)
		d.Keys = Keys{Agent: startAgent(t, keyring), Dir: t.TempDir()}
		mustDial(t, d, new(sshServer).serve(t, signer.PublicKey()).addr)
	}
}

// A key that was named is the only one; else the agent and the files are tried.
func TestWhichKeysAreTried(t *testing.T) {
	keyring := agent.NewKeyring()
	private := newPrivate(t, "ed25519")
	if err := keyring.Add(agent.AddedKey{PrivateKey: private}); err != nil {
		t.Fatal(err)
	}
	inAgent, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	inFile := writeKey(t, filepath.Join(dir, "id_ecdsa"), newPrivate(t, "ecdsa"), "")
	named := filepath.Join(dir, "deploy")
	ofNamed := writeKey(t, named, newPrivate(t, "ed25519"), "")
	socket := startAgent(t, keyring)
	for _, test := range []struct {
		keys    *Keys
		allowed ssh.PublicKey
		want    string // "": logs in
	}{
		{&Keys{Agent: socket, Dir: dir}, inAgent.PublicKey(), ""},
		{&Keys{Agent: socket, Dir: dir}, inFile, ""},
		{&Keys{Agent: socket, Dir: dir}, ofNamed, "permission denied: tried agent (1 key), " + dir + "/id_ecdsa, as user alice"},
		{&Keys{Agent: socket, Dir: dir, Files: []string{named}}, ofNamed, ""},
		{&Keys{Agent: socket, Dir: dir, Files: []string{named}}, inAgent.PublicKey(), "permission denied: tried " + named + ","},
		{&Keys{Agent: socket, Dir: dir, Files: []string{named}}, inFile, "permission denied: tried " + named + ","},
		{&Keys{Agent: "/nonexistent/agent", Dir: dir}, inFile, ""},
		{&Keys{Agent: "/nonexistent/agent", Dir: dir}, ofNamed, "/nonexistent/agent"},
		{&Keys{}, inFile, "permission denied: there is no key to try"},
		{&Keys{Files: []string{dir + "/nokey"}}, inFile, "web1: read the key: open " + dir + "/nokey: no such file"},
	} {
		d, _ := newDialer(t)
		d.Keys = Keys{Files: test.keys.Files, Dir: test.keys.Dir, Agent: test.keys.Agent}
		err := tryDial(t, d, new(sshServer).serve(t, test.allowed).addr)
		switch {
		case test.want != "":
			wantError(t, err, test.want)
			if errors.Is(err, ErrUnreachable) || errors.Is(err, ErrCut) {
				t.Errorf("%v would be tried again", err)
			}
		case err != nil:
			t.Error(err)
		}
	}
}

func TestCertificateBesideKey(t *testing.T) {
	for _, kind := range []string{"ed25519", "rsa"} {
		dir := t.TempDir()
		path := filepath.Join(dir, "id_"+kind)
		key := writeKey(t, path, newPrivate(t, kind), "")
		cert := &ssh.Certificate{Key: key, CertType: ssh.UserCert, ValidPrincipals: []string{"alice"}, ValidBefore: ssh.CertTimeInfinity}
		if err := cert.SignCert(rand.Reader, newKey(t, "ed25519")); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path+"-cert.pub", ssh.MarshalAuthorizedKey(cert), 0o600); err != nil {
			t.Fatal(err)
		}
		d, _ := newDialer(t)
		d.Keys = Keys{Dir: dir}
		mustDial(t, d, new(sshServer).serve(t, cert).addr) // the server takes the certificate only
	}
}

// The passphrase is asked for once for all hosts, and only when one of them
// wants the key.
func TestPassphrase(t *testing.T) {
	dir := t.TempDir()
	locked := writeKey(t, filepath.Join(dir, "id_ed25519"), newPrivate(t, "ed25519"), "open sesame")
	open := writeKey(t, filepath.Join(dir, "id_ecdsa"), newPrivate(t, "ecdsa"), "")
	var asked atomic.Int32
	answers := []string{"wrong", "open sesame"}
	d, _ := newDialer(t)
	d.Keys = Keys{Dir: dir, AskPassphrase: func(path string) ([]byte, error) {
		return []byte(answers[asked.Add(1)-1]), nil
	}}
	mustDial(t, d, new(sshServer).serve(t, open).addr)
	if n := asked.Load(); n != 0 {
		t.Errorf("asked %d times for the passphrase of a key that no host wants", n)
	}
	s := new(sshServer).serve(t, locked)
	var work sync.WaitGroup
	for range 10 {
		work.Go(func() {
			if err := tryDial(t, d, s.addr); err != nil {
				t.Error(err)
			}
		})
	}
	work.Wait()
	if n := asked.Load(); n != 2 {
		t.Errorf("asked %d times, want 2: a wrong answer, and the right one", n)
	}
}

func TestPassphraseUnknown(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "id_ed25519")
	private := newPrivate(t, "ed25519")
	locked := writeKey(t, path, private, "open sesame")
	open := writeKey(t, filepath.Join(dir, "id_ecdsa"), newPrivate(t, "ecdsa"), "")
	d, _ := newDialer(t)
	d.Keys = Keys{Dir: dir}
	err := tryDial(t, d, new(sshServer).serve(t, locked).addr)
	wantError(t, err, "web1: permission denied", "the key "+path+" is encrypted", "FANTAIL_KEY_PASSPHRASE")
	mustDial(t, d, new(sshServer).serve(t, locked, open).addr) // the next key is taken

	keyring := agent.NewKeyring()
	if err := keyring.Add(agent.AddedKey{PrivateKey: private}); err != nil {
		t.Fatal(err)
	}
	d, _ = newDialer(t)
	d.Keys = Keys{Files: []string{path}, Agent: startAgent(t, keyring)}
	mustDial(t, d, new(sshServer).serve(t, locked).addr) // the agent knows it
}

// stubborn is an agent that has keys and does not let them be used.
type stubborn struct{ agent.ExtendedAgent }

func (stubborn) Sign(ssh.PublicKey, []byte) (*ssh.Signature, error) {
	return nil, errors.New("the user said no")
}

func (stubborn) SignWithFlags(ssh.PublicKey, []byte, agent.SignatureFlags) (*ssh.Signature, error) {
	return nil, errors.New("the user said no")
}

func TestAgentThatRefusesIsPassedOver(t *testing.T) {
	keyring := agent.NewKeyring().(agent.ExtendedAgent)
	private := newPrivate(t, "ed25519")
	if err := keyring.Add(agent.AddedKey{PrivateKey: private}); err != nil {
		t.Fatal(err)
	}
	inAgent, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	inFile := writeKey(t, filepath.Join(dir, "id_ecdsa"), newPrivate(t, "ecdsa"), "")
	d, _ := newDialer(t)
	d.Keys = Keys{Dir: dir, Agent: startAgent(t, stubborn{keyring})}
	mustDial(t, d, new(sshServer).serve(t, inAgent.PublicKey(), inFile).addr)
}
