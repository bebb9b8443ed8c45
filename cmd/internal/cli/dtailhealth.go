package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/user"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"

	"fantail/exec/wire"
)

// The states that Nagios knows, as exit status.
const (
	healthOK = iota
	healthWarning
	healthCritical
	healthUnknown
)

// health is one check.
type health struct {
	server  string // host:port
	key     string // private key file; "": no login
	user    string
	timeout time.Duration // of the whole check
	version bool
}

// Dtailhealth is the command dtailhealth: it tells in one line and a status
// whether a dserver is well.
func Dtailhealth(ctx context.Context, args []string, _ io.Reader, stdout, _ io.Writer) int {
	var h health
	f := h.flags()
	err := f.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprintln(stdout, "usage: dtailhealth -server HOST:PORT [flags]")
		f.SetOutput(stdout)
		f.PrintDefaults()
		return healthOK
	case err != nil:
		return h.say(stdout, healthUnknown, unknownFlag(f, err).Error())
	case f.NArg() > 0:
		return h.say(stdout, healthUnknown, fmt.Sprintf("unexpected argument %q", f.Arg(0)))
	case h.version:
		fmt.Fprintln(stdout, "dtailhealth", serverVersion())
		return healthOK
	case h.server == "":
		return h.say(stdout, healthWarning, "nothing was checked, as there is no -server")
	}
	return h.check(ctx, stdout)
}

func (h *health) flags() *flag.FlagSet {
	f := flag.NewFlagSet("dtailhealth", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.StringVar(&h.server, "server", "", "`host:port` of the dserver (port 2222 if left out)")
	f.StringVar(&h.key, "key", "", "private key `file` to log in with and open a session; else the check ends before the login")
	f.StringVar(&h.user, "user", "", "`name` to log in as (default: the own)")
	f.DurationVar(&h.timeout, "timeout", 10*time.Second, "of the whole check")
	f.BoolVar(&h.version, "version", false, "print the version and exit")
	return f
}

// say prints the line; an error may have several.
func (h *health) say(w io.Writer, state int, text string) int {
	name := [...]string{"OK", "WARNING", "CRITICAL", "UNKNOWN"}[state]
	fmt.Fprintf(w, "%s: %s\n", name, strings.Join(strings.Fields(text), " "))
	return state
}

func (h *health) check(ctx context.Context, stdout io.Writer) int {
	if _, _, err := net.SplitHostPort(h.server); err != nil {
		h.server = net.JoinHostPort(strings.Trim(h.server, "[]"), "2222")
	}
	auth, err := h.auth()
	if err != nil {
		return h.say(stdout, healthUnknown, err.Error())
	}
	ctx, cancel := context.WithTimeout(ctx, h.timeout)
	defer cancel()
	if err := h.connect(ctx, auth); err != nil {
		return h.say(stdout, healthCritical, fmt.Sprintf("%s: %v", h.server, err))
	}
	return h.say(stdout, healthOK, fmt.Sprintf("All fine at %s :-)", h.server))
}

// auth is nil without a key.
func (h *health) auth() ([]ssh.AuthMethod, error) {
	if h.user == "" {
		me, err := user.Current()
		if err != nil {
			return nil, fmt.Errorf("look up the own user: %w", err)
		}
		h.user = me.Username
	}
	if h.key == "" {
		return nil, nil
	}
	b, err := os.ReadFile(h.key)
	if err != nil {
		return nil, err
	}
	key, err := ssh.ParsePrivateKey(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", h.key, err)
	}
	return []ssh.AuthMethod{ssh.PublicKeys(key)}, nil
}

// connect goes as far as it can. The host key is not compared with a known one:
// what is asked is whether the server can prove that it has one.
func (h *health) connect(ctx context.Context, auth []ssh.AuthMethod) error {
	nc, err := new(net.Dialer).DialContext(ctx, "tcp", h.server)
	if err != nil {
		return err
	}
	defer nc.Close()
	defer context.AfterFunc(ctx, func() { nc.Close() })()
	keyed := false
	c, chans, reqs, err := ssh.NewClientConn(nc, h.server, &ssh.ClientConfig{
		User: h.user, Auth: auth,
		HostKeyCallback: func(string, net.Addr, ssh.PublicKey) error { keyed = true; return nil },
	})
	if ctx.Err() != nil {
		return fmt.Errorf("no answer within %v", h.timeout)
	}
	if err != nil {
		return refusal(err, keyed && auth == nil)
	}
	client := ssh.NewClient(c, chans, reqs)
	defer client.Close()
	if auth == nil {
		return errors.New("it lets in whoever comes")
	}
	return openSubsystem(client)
}

// refusal is no error when it is all that was asked for: then the server has
// answered, and refused a login without a key, as it must.
func refusal(err error, wanted bool) error {
	if wanted && strings.Contains(err.Error(), "unable to authenticate") {
		return nil
	}
	return err
}

func openSubsystem(client *ssh.Client) error {
	s, err := client.NewSession()
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.RequestSubsystem(wire.Subsystem); err != nil {
		return fmt.Errorf("subsystem %q: %w", wire.Subsystem, err)
	}
	return nil
}
