package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
)

// What became of a connection, for errors.Is. An error that is none of these
// will come again: the key is refused, or the run itself has failed.
var (
	// ErrCut is a connection that ended before the run did.
	ErrCut = errors.New("connection was cut")
	// ErrUnreachable is a host that did not answer; it may do so later.
	ErrUnreachable = errors.New("host cannot be reached")
	// ErrNoSuchHost is a name that does not exist.
	ErrNoSuchHost = errors.New("no such host")
)

// errLogin is a connection that was accepted, and closed before we were logged
// in: by something on the way, or by a server with too many logins at once.
var errLogin = errors.New("the server closed the connection during the login")

// HostError is what went wrong with one host.
type HostError struct {
	Host string // as the user wrote it
	Text string // one line, without the host
	Kind error  // ErrCut, ErrUnreachable, ErrNoSuchHost; nil: trying again will not help
	Err  error  // the cause; nil: Text says it all
}

func (e *HostError) Error() string { return e.Host + ": " + e.Text }

// Unwrap gives both what kind of error it is and its cause.
func (e *HostError) Unwrap() []error { return []error{e.Kind, e.Err} }

// connectError explains why there is no TCP connection.
func connectError(a Address, port int, err error) *HostError {
	e := &HostError{Host: a.Name, Kind: ErrUnreachable, Err: err}
	var dns *net.DNSError
	var timeout net.Error
	var sys syscall.Errno
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		e.Kind, e.Text = ErrNoSuchHost, "no such host"
	case errors.As(err, &dns):
		e.Text = "look up the host: " + dns.Err
	case errors.Is(err, syscall.ECONNREFUSED):
		e.Text = fmt.Sprintf("connection refused (is dserver running on port %d?)", port)
	case errors.As(err, &timeout) && timeout.Timeout():
		e.Text = fmt.Sprintf("no answer on port %d", port)
	case errors.As(err, &sys):
		e.Text = sys.Error()
	default:
		e.Text = err.Error()
	}
	return e
}

// handshakeError explains why a TCP connection did not become a session.
func (d *Dialer) handshakeError(a Address, user string, authenticating bool, err error) *HostError {
	e := &HostError{Host: a.Name, Err: err}
	text := strings.TrimPrefix(err.Error(), "ssh: handshake failed: ")
	switch {
	case errors.Is(err, errTooSlow):
		e.Kind = ErrUnreachable
		e.Text = fmt.Sprintf("connected, but the server did not log us in within %v (is it frozen?)", d.handshakeTimeout())
	case isConnError(err):
		e.Kind, e.Text = ErrUnreachable, errLogin.Error()
		e.Err = fmt.Errorf("%w: %w", errLogin, err)
	case strings.Contains(text, "overflow reading version string"):
		e.Text = "what answers there is not an SSH server"
	case authenticating:
		e.Text = fmt.Sprintf("permission denied: %s, as user %s", d.Keys.describe(), user)
	default:
		e.Text = strings.TrimPrefix(text, "ssh: ")
	}
	return e
}

// isConnError tells the connection's errors from those of what was said on it.
func isConnError(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, net.ErrClosed) || errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded)
}
