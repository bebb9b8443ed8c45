package cli

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/term"

	"fantail/client"
	"fantail/exec"
)

// hosts makes a way to each place.
func (c *command) hosts(places []place) []client.Host {
	dialer := c.dialer()
	var hosts []client.Host
	for _, p := range places {
		h := client.Host{Input: exec.Input{Globs: p.globs, Follow: c.follow, Start: c.start}}
		if p.local {
			h.Transport = &client.Local{Hostname: hostname(c.getenv), Stdin: c.stdin}
		} else {
			remote := &client.Remote{Address: p.addr, Dialer: dialer}
			h.Transport = client.Retry(remote, client.RetryPolicy{MaxRetries: c.retries()})
		}
		hosts = append(hosts, h)
	}
	return hosts
}

// retries is how often a broken connection is tried again in a row: for ever
// where the run has no end of its own, else for about half a minute.
func (c *command) retries() int {
	if c.follow {
		return -1
	}
	return 10
}

func hostname(getenv func(string) string) string {
	if name := getenv("FANTAIL_HOSTNAME"); name != "" {
		return name
	}
	return getenv("DTAIL_HOSTNAME_OVERRIDE")
}

// dialer connects as the flags say.
func (c *command) dialer() *client.Dialer {
	dir := ""
	if home, err := os.UserHomeDir(); err == nil {
		dir = filepath.Join(home, ".ssh")
	}
	d := &client.Dialer{
		User:       c.opt.user,
		Port:       c.opt.port,
		Concurrent: c.opt.cpc * runtime.NumCPU(),
		Keys:       client.Keys{Dir: dir, Agent: c.getenv("SSH_AUTH_SOCK")},
		HostKeys: client.KnownHosts{
			TrustAll: c.opt.trustAll,
			Files:    []string{filepath.Join(dir, "known_hosts"), "/etc/ssh/ssh_known_hosts"},
			Warn:     func(err error) { c.say("%v", err) },
		},
	}
	if c.opt.key != "" {
		d.Keys.Files = []string{home(c.opt.key)}
	}
	if c.opt.knownHosts != "" {
		d.HostKeys.Files = []string{home(c.opt.knownHosts)}
	}
	if d.User == "" {
		d.User = loginName(c.getenv)
	}
	c.asking(d)
	return d
}

func loginName(getenv func(string) string) string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return getenv("USER")
}

// asking lets the dialer ask the user, where there is a terminal to ask on.
func (c *command) asking(d *client.Dialer) {
	if phrase := cmp.Or(c.getenv("FANTAIL_KEY_PASSPHRASE"), c.getenv("DTAIL_KEY_PASSPHRASE")); phrase != "" {
		d.Keys.AskPassphrase = func(string) ([]byte, error) { return []byte(phrase), nil }
	}
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil || !isTerminal(c.stderr) {
		return
	}
	if d.Keys.AskPassphrase == nil {
		d.Keys.AskPassphrase = func(path string) ([]byte, error) {
			fmt.Fprintf(tty, "passphrase for %s: ", path)
			defer fmt.Fprintln(tty)
			return term.ReadPassword(int(tty.Fd()))
		}
	}
	d.HostKeys.Ask = func(hosts []client.UnknownHost) (bool, error) { return askHosts(tty, hosts) }
}

// askHosts asks once about all hosts that are not known.
func askHosts(tty io.ReadWriter, hosts []client.UnknownHost) (bool, error) {
	for _, h := range hosts {
		fmt.Fprintf(tty, "%s: unknown host key %s %s\n", h.Name, h.Key.Type(), h.Fingerprint())
	}
	fmt.Fprintf(tty, "trust and remember %d host(s)? [yes/no] ", len(hosts))
	answer, err := bufio.NewReader(tty).ReadString('\n')
	if err != nil {
		return false, err
	}
	answer = strings.ToLower(strings.TrimSpace(answer))
	return answer == "yes" || answer == "y", nil
}
