package client

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"
)

// KnownHosts decides whether a host is the one that the user means. A host that
// the files do not know is asked about once, together with all others that turn
// up at about the same time, and recorded; a host whose key has changed or is
// revoked is refused, whatever the user answers.
//
// The zero value refuses every host.
type KnownHosts struct {
	Files    []string                                // known_hosts files; new hosts are recorded in the first
	TrustAll bool                                    // record unknown hosts without asking
	Ask      func(hosts []UnknownHost) (bool, error) // nil: nobody to ask; unknown hosts are refused
	Quiet    time.Duration                           // ask when no new host turned up for so long; 0: 500 ms
	Warn     func(error)                             // called when new hosts could not be recorded; nil: not told

	mu    sync.Mutex
	db    *hostDB       // nil: not read yet
	batch *unknownBatch // hosts to ask about; nil: none

	terminal *sync.Mutex // the Dialer's; held while the user is asked
}

// UnknownHost is a host whose key nothing is known about.
type UnknownHost struct {
	Name string // as the user wrote it
	Host string // as known_hosts writes it: host or [host]:port
	Key  ssh.PublicKey
}

// Fingerprint is the key's as ssh and ssh-keygen -l show it.
func (h UnknownHost) Fingerprint() string { return ssh.FingerprintSHA256(h.Key) }

// unknownBatch is hosts that are asked about in one question.
type unknownBatch struct {
	hosts []UnknownHost
	timer *time.Timer   // asks when it fires
	done  chan struct{} // closed when err is set
	err   error         // nil: accepted
}

// trustQuiet is KnownHosts.Quiet where nobody is asked: only so long that many
// hosts are recorded in one go.
const trustQuiet = 20 * time.Millisecond

// lookup is what the files and the user's answers so far say about a host.
func (k *KnownHosts) lookup(host string, port int) (*known, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.db == nil {
		db, err := readHostDB(k.Files)
		if err != nil {
			return nil, err
		}
		k.db = db
	}
	return k.db.lookup(host, port), nil
}

// accept waits until the user has answered whether a host is to be trusted. It is
// called between two connections, so that no deadline runs meanwhile, neither
// ours nor the server's.
func (k *KnownHosts) accept(ctx context.Context, h UnknownHost) error {
	if k.Ask == nil && !k.TrustAll {
		return fmt.Errorf("host key is unknown: %s; add it with %s, or use -trustAllHosts",
			describeKey(h.Key), keyscan(h.Host, k.Files))
	}
	b := k.join(h)
	select {
	case <-b.done:
		return b.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// join adds the host to the question that is next.
func (k *KnownHosts) join(h UnknownHost) *unknownBatch {
	k.mu.Lock()
	defer k.mu.Unlock()
	quiet := k.quiet()
	b := k.batch
	if b == nil {
		b = &unknownBatch{done: make(chan struct{})}
		b.timer = time.AfterFunc(quiet, func() { k.settle(b) })
		k.batch = b
	}
	b.timer.Reset(quiet)
	same := func(o UnknownHost) bool { return o.Host == h.Host && sameKey(o.Key, h.Key) }
	if !slices.ContainsFunc(b.hosts, same) {
		b.hosts = append(b.hosts, h)
	}
	return b
}

func (k *KnownHosts) quiet() time.Duration {
	switch {
	case k.TrustAll:
		return trustQuiet
	case k.Quiet == 0:
		return 500 * time.Millisecond
	}
	return k.Quiet
}

// settle asks about the batch and records it. Hosts that come while the user
// thinks are for the next question.
func (k *KnownHosts) settle(b *unknownBatch) {
	k.mu.Lock()
	if k.batch != b {
		k.mu.Unlock()
		return // the timer was reset when it had just fired
	}
	k.batch = nil
	k.mu.Unlock()
	b.err = k.ask(b.hosts)
	if b.err == nil {
		b.err = k.record(b.hosts)
	}
	close(b.done)
}

func (k *KnownHosts) ask(hosts []UnknownHost) error {
	if k.TrustAll {
		return nil
	}
	k.terminal.Lock()
	defer k.terminal.Unlock()
	yes, err := k.Ask(hosts)
	if err != nil {
		return fmt.Errorf("host key is unknown: ask whether to trust it: %w", err)
	}
	if !yes {
		return errors.New("host key is unknown, and was not accepted")
	}
	return nil
}

// record writes the hosts to the first file, and knows them from now on even
// where that is not possible.
func (k *KnownHosts) record(hosts []UnknownHost) error {
	db, err := appendKnownHosts(k.Files, hosts)
	if db == nil {
		return err
	}
	if err != nil && k.Warn != nil {
		k.Warn(err)
	}
	k.mu.Lock()
	k.db = db
	k.mu.Unlock()
	return nil
}

// keyscan is the command that makes a host known.
func keyscan(host string, files []string) string {
	file := "~/.ssh/known_hosts"
	if len(files) > 0 {
		file = files[0]
	}
	name, port := splitKeyName(host)
	return fmt.Sprintf("ssh-keyscan -p %s %s >> %s", port, name, file)
}
