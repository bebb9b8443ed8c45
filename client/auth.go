package client

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"golang.org/x/crypto/ssh"
)

// Keys prove who the user is: those of the agent, and those in files. They are
// read once, at the first use, for all hosts. The zero value has no keys.
type Keys struct {
	Files []string // private keys, and then no others; nil: the agent's and the usual ones in Dir
	Dir   string   // where id_ed25519, id_ecdsa and id_rsa are: ~/.ssh; "" nowhere
	Agent string   // the agent's socket: SSH_AUTH_SOCK; "" no agent

	// AskPassphrase asks for the passphrase of an encrypted key, when a host wants
	// that key, and once for all hosts. nil: nobody to ask.
	AskPassphrase func(path string) ([]byte, error)

	once     sync.Once
	keys     []*userKey
	tried    []string    // what there is to try, for errors
	err      error       // a key that the user named could not be read
	terminal *sync.Mutex // the Dialer's; held while the user is asked
}

// load gives the keys in the order in which to try them.
func (k *Keys) load() ([]*userKey, error) {
	k.once.Do(k.read)
	return k.keys, k.err
}

// read takes the agent's keys even if only files were named: an agent that holds
// the key of a file spares the user its passphrase.
func (k *Keys) read() {
	agentKeys, err := listAgent(k.Agent)
	if k.Files == nil {
		k.useAgent(agentKeys, err)
	}
	for _, path := range k.files() {
		keys, err := k.readKey(path, agentKeys)
		switch {
		case err == nil:
			k.keys = append(k.keys, keys...)
			k.tried = append(k.tried, path)
		case k.Files != nil:
			k.err = errors.Join(k.err, err)
		case !errors.Is(err, os.ErrNotExist):
			k.tried = append(k.tried, err.Error())
		}
	}
}

func (k *Keys) useAgent(keys []*userKey, err error) {
	switch {
	case err != nil:
		k.tried = append(k.tried, err.Error())
	case len(keys) == 1:
		k.tried = append(k.tried, "agent (1 key)")
	case k.Agent != "":
		k.tried = append(k.tried, fmt.Sprintf("agent (%d keys)", len(keys)))
	}
	k.keys = append(k.keys, keys...)
}

func (k *Keys) files() []string {
	if k.Files != nil || k.Dir == "" {
		return k.Files
	}
	var files []string
	for _, name := range []string{"id_ed25519", "id_ecdsa", "id_rsa"} {
		files = append(files, filepath.Join(k.Dir, name))
	}
	return files
}

// readKey reads a private key, with its certificate before it if there is one.
func (k *Keys) readKey(path string, agentKeys []*userKey) ([]*userKey, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the key: %w", err)
	}
	key, err := k.parseKey(path, data, agentKeys)
	if err != nil {
		return nil, err
	}
	cert, err := readCertificate(path+"-cert.pub", key)
	if err != nil {
		return nil, err
	}
	if cert == nil {
		return []*userKey{key}, nil
	}
	return []*userKey{newUserKey(cert, key.locked), key}, nil
}

func (k *Keys) parseKey(path string, data []byte, agentKeys []*userKey) (*userKey, error) {
	signer, err := ssh.ParsePrivateKey(data)
	if err == nil {
		return newUserKey(signer, nil), nil
	}
	var missing *ssh.PassphraseMissingError
	if !errors.As(err, &missing) {
		return nil, fmt.Errorf("read the key %s: %w", path, err)
	}
	public := missing.PublicKey
	if public == nil {
		public = readPublic(path + ".pub")
	}
	if public == nil {
		return nil, fmt.Errorf("the key %s is encrypted and has no public half beside it: make %s.pub with ssh-keygen -y", path, path)
	}
	for _, a := range agentKeys {
		if sameKey(a.PublicKey(), public) {
			return a, nil
		}
	}
	locked := &lockedKey{path: path, data: data, public: public, keys: k, done: make(chan struct{})}
	return newUserKey(locked, locked), nil
}

func readPublic(path string) ssh.PublicKey {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	key, _, _, _, err := ssh.ParseAuthorizedKey(data)
	if err != nil {
		return nil
	}
	return key
}

// readCertificate gives nil where there is no certificate.
func readCertificate(path string, key *userKey) (ssh.Signer, error) {
	cert, ok := readPublic(path).(*ssh.Certificate)
	if !ok {
		return nil, nil
	}
	signer, err := ssh.NewCertSigner(cert, key)
	if err != nil {
		return nil, fmt.Errorf("read the certificate %s: %w", path, err)
	}
	return signer, nil
}

// describe says what was tried, for the error of a host that takes none of it.
func (k *Keys) describe() string {
	if len(k.tried) == 0 {
		return "there is no key to try: start ssh-agent, make ~/.ssh/id_ed25519 with ssh-keygen, or use -key"
	}
	return "tried " + strings.Join(k.tried, ", ")
}
