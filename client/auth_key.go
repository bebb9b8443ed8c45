package client

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"sync"

	"golang.org/x/crypto/ssh"
)

// userKey is one key to try, an ssh.MultiAlgorithmSigner. Where it cannot sign it
// gives a *keyError, so that the connection can be tried again without it: one
// failed signature ends all of the login.
type userKey struct {
	signer ssh.Signer
	locked *lockedKey // the encrypted file behind it; nil: none
}

func newUserKey(signer ssh.Signer, locked *lockedKey) *userKey {
	return &userKey{signer: signer, locked: locked}
}

// keyError says which key did not sign.
type keyError struct {
	key *userKey
	err error
}

func (e *keyError) Error() string { return e.err.Error() }
func (e *keyError) Unwrap() error { return e.err }

func (k *userKey) PublicKey() ssh.PublicKey { return k.signer.PublicKey() }

// Algorithms leaves out ssh-rsa: its signatures are SHA-1.
func (k *userKey) Algorithms() []string {
	public := k.PublicKey()
	if cert, ok := public.(*ssh.Certificate); ok {
		public = cert.Key
	}
	if public.Type() == ssh.KeyAlgoRSA {
		return []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256}
	}
	return []string{public.Type()}
}

func (k *userKey) Sign(rand io.Reader, data []byte) (*ssh.Signature, error) {
	return k.SignWithAlgorithm(rand, data, k.Algorithms()[0])
}

func (k *userKey) SignWithAlgorithm(rand io.Reader, data []byte, algorithm string) (*ssh.Signature, error) {
	s, ok := k.signer.(ssh.AlgorithmSigner)
	if !ok {
		return nil, &keyError{k, fmt.Errorf("the key cannot sign with %s", algorithm)}
	}
	sig, err := s.SignWithAlgorithm(rand, data, algorithm)
	if err != nil {
		return nil, &keyError{k, err}
	}
	return sig, nil
}

// errLocked says that a key's passphrase is needed now.
var errLocked = errors.New("the key is encrypted")

// lockedKey is an encrypted key file. A host is shown its public half first, so
// that the passphrase is asked for only if one wants it.
type lockedKey struct {
	path   string
	data   []byte
	public ssh.PublicKey
	keys   *Keys

	once   sync.Once
	done   chan struct{} // closed when signer or err is set
	signer ssh.AlgorithmSigner
	err    error
}

func (l *lockedKey) PublicKey() ssh.PublicKey { return l.public }

func (l *lockedKey) Sign(rand io.Reader, data []byte) (*ssh.Signature, error) {
	return l.SignWithAlgorithm(rand, data, "")
}

func (l *lockedKey) SignWithAlgorithm(rand io.Reader, data []byte, algorithm string) (*ssh.Signature, error) {
	select {
	case <-l.done:
	default:
		return nil, errLocked
	}
	if l.err != nil {
		return nil, l.err
	}
	return l.signer.SignWithAlgorithm(rand, data, algorithm)
}

// unlock waits for the passphrase; only the first of many connections asks.
func (l *lockedKey) unlock(ctx context.Context) error {
	l.once.Do(func() { go l.ask() })
	select {
	case <-l.done:
		return l.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (l *lockedKey) ask() {
	defer close(l.done)
	if l.keys.AskPassphrase == nil {
		l.err = fmt.Errorf("the key %s is encrypted: set FANTAIL_KEY_PASSPHRASE, or add it to the agent with ssh-add", l.path)
		return
	}
	l.keys.terminal.Lock()
	defer l.keys.terminal.Unlock()
	for range 3 {
		if l.err = l.decrypt(); !errors.Is(l.err, x509.IncorrectPasswordError) {
			break
		}
	}
}

func (l *lockedKey) decrypt() error {
	passphrase, err := l.keys.AskPassphrase(l.path)
	if err != nil {
		return fmt.Errorf("ask for the passphrase of %s: %w", l.path, err)
	}
	signer, err := ssh.ParsePrivateKeyWithPassphrase(l.data, passphrase)
	if err != nil {
		return fmt.Errorf("decrypt the key %s: %w", l.path, err)
	}
	s, ok := signer.(ssh.AlgorithmSigner)
	if !ok || !sameKey(s.PublicKey(), l.public) {
		return fmt.Errorf("the key %s is not the one that its public half promises", l.path)
	}
	l.signer = s
	return nil
}
