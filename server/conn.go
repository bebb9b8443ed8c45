package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"runtime/debug"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"
)

// maxAuthTries is the number of keys that a peer may offer.
const maxAuthTries = 6

// conn is one connection that has logged in.
type conn struct {
	srv      *Server // as configured when it came
	ssh      *ssh.ServerConn
	net      net.Conn
	log      *slog.Logger
	sessions int // channels that it may have at once; 0: the server is full
}

// serveNet serves one connection, from its first byte until it is closed.
func (s *Server) serveNet(ctx context.Context, nc net.Conn) {
	defer nc.Close()
	srv := cmp.Or(s.next.Load(), s)
	log := srv.log().With("peer", nc.RemoteAddr().String())
	defer recoverInto(log, nil)

	started, err := s.limits.start(nc.RemoteAddr())
	if err != nil {
		log.Warn("refused", "reason", err)
		return
	}
	defer started()
	c, chans, reqs, err := srv.handshake(ctx, nc, log)
	if err != nil {
		log.Info("no login", "reason", brief(err))
		return
	}
	release, ok := s.limits.login(cmp.Or(srv.MaxConnections, 100))
	defer release()
	started()
	c.log.Info("login", "key", c.ssh.Permissions.Extensions[keyExtension], "client", string(c.ssh.ClientVersion()))
	if ok {
		c.sessions = maxSessions
		nc.SetDeadline(time.Time{})
	} else {
		c.log.Warn("refused", "reason", "too many connections") // and told so when it opens a channel
	}
	c.serve(ctx, chans, reqs)
	c.log.Info("closed")
}

// handshake exchanges keys and authenticates, both within the login grace. The
// deadline stays on the connection.
func (s *Server) handshake(ctx context.Context, nc net.Conn, log *slog.Logger) (*conn, <-chan ssh.NewChannel, <-chan *ssh.Request, error) {
	if s.HostKey == nil {
		return nil, nil, nil, errors.New("no host key")
	}
	nc.SetDeadline(time.Now().Add(cmp.Or(s.LoginGrace, 15*time.Second)))
	defer context.AfterFunc(ctx, func() { nc.Close() })()
	sc, chans, reqs, err := ssh.NewServerConn(nc, s.sshConfig(log))
	if err != nil {
		return nil, nil, nil, err
	}
	return &conn{srv: s, ssh: sc, net: nc, log: log.With("user", sc.User())}, chans, reqs, nil
}

// keyExtension is where the fingerprint of the key that was proved is kept; an
// offered key proves nothing.
const keyExtension = "key-fingerprint@fantail"

func (s *Server) sshConfig(log *slog.Logger) *ssh.ServerConfig {
	config := &ssh.ServerConfig{
		MaxAuthTries:  maxAuthTries,
		ServerVersion: "SSH-2.0-fantail",
		PublicKeyCallback: func(meta ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
			return s.authorize(meta.User(), key)
		},
		AuthLogCallback: func(meta ssh.ConnMetadata, method string, err error) {
			if err != nil && method != "none" { // which is how clients ask what there is
				log.Info("refused", "user", meta.User(), "method", method, "reason", err)
			}
		},
	}
	config.AddHostKey(s.HostKey)
	return config
}

func (s *Server) authorize(user string, key ssh.PublicKey) (*ssh.Permissions, error) {
	if s.Authorize == nil {
		return nil, errors.New("nobody may log in")
	}
	fingerprint := ssh.FingerprintSHA256(key)
	perms, err := s.Authorize(user, key)
	if err != nil {
		return nil, fmt.Errorf("key %s: %w", fingerprint, err)
	}
	granted := ssh.Permissions{Extensions: map[string]string{keyExtension: fingerprint}}
	if perms != nil {
		granted.CriticalOptions = perms.CriticalOptions
		for k, v := range perms.Extensions {
			granted.Extensions[k] = v
		}
	}
	return &granted, nil
}

// brief leaves out why keys were refused, which has been logged for each.
func brief(err error) error {
	if refused := (*ssh.ServerAuthError)(nil); errors.As(err, &refused) {
		return errors.New("not authenticated")
	}
	return err
}

// serve returns when the connection is closed and all its sessions have ended.
func (c *conn) serve(ctx context.Context, chans <-chan ssh.NewChannel, reqs <-chan *ssh.Request) {
	var background sync.WaitGroup
	defer background.Wait()
	closed := make(chan struct{})
	defer close(closed)
	background.Go(func() { ssh.DiscardRequests(reqs) })
	background.Go(func() { c.keepalive(closed) })
	c.channels(ctx, chans)
}

// channels starts a session for each channel. When ctx is done it closes the
// connection as soon as the sessions have ended.
func (c *conn) channels(ctx context.Context, chans <-chan ssh.NewChannel) {
	ended := make(chan struct{})
	running, stop, stopping := 0, ctx.Done(), false
	for chans != nil || running > 0 {
		select {
		case n, ok := <-chans:
			if !ok {
				chans = nil
			} else if c.admit(n, running) {
				running++
				go func() {
					defer func() { ended <- struct{}{} }()
					c.session(ctx, n)
				}()
			}
		case <-ended:
			running--
		case <-stop:
			stop, stopping = nil, true
		}
		if stopping && running == 0 {
			c.ssh.Close() // upon which chans is closed
		}
	}
}

// admit rejects channels that may not be.
func (c *conn) admit(n ssh.NewChannel, running int) bool {
	switch {
	case n.ChannelType() != "session":
		n.Reject(ssh.UnknownChannelType, "only sessions are served here")
	case c.sessions == 0:
		n.Reject(ssh.ResourceShortage, "too many connections, try again later")
	case running >= c.sessions:
		n.Reject(ssh.ResourceShortage, fmt.Sprintf("%d sessions on this connection, the limit is %d", running, c.sessions))
	default:
		return true
	}
	return false
}

// keepalive closes the connection when the peer has been silent for too long.
// Any reply is a sign of life, a refusal too.
func (c *conn) keepalive(closed <-chan struct{}) {
	every := cmp.Or(c.srv.Keepalive, 15*time.Second)
	silence := time.AfterFunc(3*every, func() {
		c.log.Info("cut", "reason", "the peer is silent", "for", 3*every)
		c.net.Close() // ends a request and all writes that are waiting
	})
	defer silence.Stop()
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-closed:
			return
		case <-tick.C:
		}
		if _, _, err := c.ssh.SendRequest("keepalive@openssh.com", true, nil); err != nil {
			return
		}
		silence.Reset(3 * every)
	}
}

// recoverInto is deferred at the edge of what one peer can break: that must not
// take the others with it.
func recoverInto(log *slog.Logger, err *error) {
	r := recover()
	if r == nil {
		return
	}
	log.Error("panic", "value", r, "stack", string(debug.Stack()))
	if err != nil {
		*err = errors.New("internal error, see the server's log")
	}
}
