package client

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"golang.org/x/crypto/ssh"

	"fantail/exec"
	"fantail/exec/wire"
)

// Remote is the Transport to a host over SSH. Each run has its own connection.
type Remote struct {
	Address Address
	Dialer  *Dialer
}

// Name is the host as the user wrote it.
func (r *Remote) Name() string { return r.Address.Name }

// Run runs the job on the host. Its errors are the *HostError of a connection,
// which wraps ErrCut when the run had begun; what ended the run on the host, a
// *wire.RunError; what the two sides cannot agree on, a *wire.VersionError; the
// sink's, and ctx's.
func (r *Remote) Run(ctx context.Context, job *Job, sink exec.Sink) error {
	l, err := r.Dialer.dial(ctx, r.Address)
	if err != nil {
		return err
	}
	defer l.close()
	err = r.session(ctx, l, job, sink)
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// farewell is how long a run that is no longer wanted may take to give what it
// has: aggregates that it would have sent within the second.
const farewell = time.Second

// session runs the job over a connection. When ctx is done it closes our side,
// upon which the host gives what it has and ends.
func (r *Remote) session(ctx context.Context, l *link, job *Job, sink exec.Sink) error {
	stop := context.AfterFunc(ctx, func() { l.conn.Close() })
	s, err := r.open(l)
	if err != nil {
		stop()
		return err
	}
	if stop() {
		defer context.AfterFunc(ctx, func() {
			s.channel.CloseWrite()
			time.AfterFunc(farewell, func() { l.conn.Close() })
		})()
	}
	err = wire.WriteRequest(s, &wire.Request{
		Query:   job.Host.Text,
		Context: job.Host.Context,
		Server:  r.Name(),
		Input:   job.Input,
	})
	if err != nil && !s.broken {
		return fmt.Errorf("%s: %w", r.Name(), err)
	}
	// A server that did not wait for the request may have said why.
	err = wire.Decode(bufio.NewReaderSize(s, 64<<10), sink)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, wire.ErrShutdown):
		return r.cut(l, s, err)
	}
	return fmt.Errorf("%s: %w", r.Name(), err)
}

// open starts the server's end of the session.
func (r *Remote) open(l *link) (*session, error) {
	channel, requests, err := l.client.OpenChannel("session", nil)
	var refused *ssh.OpenChannelError
	switch {
	case errors.As(err, &refused):
		return nil, r.refused(refused)
	case err != nil:
		return nil, r.cut(l, nil, err)
	}
	s := newSession(l, channel, requests)
	ok, err := channel.SendRequest("subsystem", true, ssh.Marshal(struct{ Name string }{wire.Subsystem}))
	switch {
	case err != nil:
		return nil, r.cut(l, s, err)
	case !ok:
		return nil, &HostError{Host: r.Name(), Text: "the server logged us in, but does not offer " + wire.Subsystem + " (is it dserver?)"}
	}
	return s, nil
}

// refused is a server that let us in, but opens no session. Where its limits are
// reached, that is so for now only.
func (r *Remote) refused(err *ssh.OpenChannelError) error {
	e := &HostError{Host: r.Name(), Text: "the server refused a session: " + err.Message, Err: err}
	if err.Reason == ssh.ResourceShortage {
		e.Kind = ErrUnreachable
	}
	return e
}

// cut says how a connection ended; s is nil when there was no session yet.
func (r *Remote) cut(l *link, s *session, err error) error {
	e := &HostError{Host: r.Name(), Kind: ErrCut, Err: err, Text: "connection was cut"}
	switch {
	case errors.Is(err, wire.ErrShutdown):
		e.Text = wire.ErrShutdown.Error()
	case l.silent.Load():
		e.Text = fmt.Sprintf("nothing was heard for %v", l.limit)
	case s != nil:
		if why := s.stillborn(); why != "" {
			e.Kind, e.Text = nil, why
		}
	}
	return e
}
