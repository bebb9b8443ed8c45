package server

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/ssh"

	"fantail/exec/follow"
)

// Server serves runs. Its zero value serves sessions over ServeConn, and lets
// nobody in over the network. The fields are not changed once it serves; see
// Reload for that.
type Server struct {
	HostKey        ssh.Signer    // what Serve proves its identity with; required there
	Authorize      Authorize     // who comes in; nil: nobody
	MaxConnections int           // logged in at once; 0: 100
	LoginGrace     time.Duration // until a connection must have logged in; 0: 15 s
	Keepalive      time.Duration // between signs of life that are asked for, three may stay out; 0: 15 s
	Grace          time.Duration // for runs to end when Serve does; 0: 8 s
	Hostname       string        // what $hostname says; "": the host's name
	Files          follow.Opener // the door to files; nil: follow.OS
	Log            *slog.Logger  // nil: nothing is logged

	run    runFunc                // the engine; nil: runQuery
	limits limits                 // who is there now
	next   atomic.Pointer[Server] // what serves new connections; nil: this one
}

// Authorize decides whether a user may log in with a key. Its error goes to the
// log, never to the peer; the permissions' source-address is honoured.
type Authorize func(user string, key ssh.PublicKey) (*ssh.Permissions, error)

// Reload makes next serve the connections that come from now on, on the same
// listeners and counted with those that are there, which stay as they are.
func (s *Server) Reload(next *Server) { s.next.Store(next) }

// Serve accepts connections until ctx is done, and then ends the sessions. Those
// that have not ended after the grace period are cut, and it does not wait for
// a run that heeds neither. It may be called for several listeners at once, and
// closes l.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	defer l.Close()
	defer context.AfterFunc(ctx, func() { l.Close() })()
	cut, cutAll := context.WithCancel(context.WithoutCancel(ctx))
	defer cutAll()

	var conns sync.WaitGroup
	err := s.accept(ctx, l, func(c net.Conn) {
		conns.Go(func() {
			defer context.AfterFunc(cut, func() { c.Close() })()
			s.serveNet(ctx, c)
		})
	})
	done := make(chan struct{})
	go func() { conns.Wait(); close(done) }()
	if !wait(done, cmp.Or(s.Grace, 8*time.Second)) {
		cutAll()
		if !wait(done, time.Second) {
			s.log().Warn("some sessions did not end")
		}
	}
	return err
}

// wait tells whether done came in time.
func wait(done <-chan struct{}, limit time.Duration) bool {
	select {
	case <-done:
		return true
	case <-time.After(limit):
		return false
	}
}

// accept takes connections until ctx is done. What is short for the moment, such
// as file descriptors, must not end a daemon.
func (s *Server) accept(ctx context.Context, l net.Listener, serve func(net.Conn)) error {
	for {
		c, err := l.Accept()
		if err == nil {
			serve(c)
			continue
		}
		if ctx.Err() != nil {
			return nil
		}
		if errors.Is(err, net.ErrClosed) {
			return err
		}
		s.log().Error("accept", "err", err)
		wait(ctx.Done(), 100*time.Millisecond)
	}
}

func (s *Server) log() *slog.Logger {
	if s.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return s.Log
}
