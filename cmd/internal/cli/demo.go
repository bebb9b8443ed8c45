package cli

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"fantail/client"
	"fantail/exec"
	"fantail/server"
)

const (
	demoHosts   = 5
	demoWindows = 3 // after so many it ends where nobody watches
	demoQuery   = "select $hostname, count($line), avg(latency), max(latency) from stats\n" +
		"  group by $hostname order by count($line) interval 2"
)

// demo runs a query against real servers, each with a log that grows: over SSH
// and loopback, in this process, with keys that nobody keeps.
func (c *command) demo(ctx context.Context) int {
	dir, err := os.MkdirTemp("", "fantail-demo-")
	if err != nil {
		return c.fail(err)
	}
	defer os.RemoveAll(dir)
	ctx, cancel := context.WithCancel(ctx)
	fleet := &demoFleet{dir: dir}
	defer fleet.wait()
	defer cancel()
	if err := fleet.start(ctx); err != nil {
		return c.fail(err)
	}
	fmt.Fprintf(c.stderr, "%d servers on loopback, each with a log that grows. Asking them over SSH:\n\n  %s\n\n", demoHosts, c.opt.query)
	out := c.table()
	if out.live {
		fmt.Fprint(c.stderr, "Ctrl-C ends it.\n\n")
	} else {
		out.Output = &untilShown{Output: out.Output, left: demoWindows, done: cancel}
	}
	if status := c.run(ctx, fleet.hosts(c), out); status != statusInterrupted {
		return status
	}
	return statusOK // this is how it ends
}

// untilShown calls done when so many tables have been shown.
type untilShown struct {
	client.Output
	left int
	done func()
}

func (u *untilShown) Table(t *client.Table) error {
	if u.left == 0 {
		return nil // the window that is cut short by the end
	}
	if u.left--; u.left == 0 {
		u.done()
	}
	return u.Output.Table(t)
}

// demoFleet is servers in this process and what a client needs to reach them.
type demoFleet struct {
	dir     string
	names   []string
	ports   []int
	running sync.WaitGroup
}

func (f *demoFleet) wait() { f.running.Wait() }

func (f *demoFleet) file(name string) string { return filepath.Join(f.dir, name) }

// start makes the keys, and starts servers and writers that end with ctx.
func (f *demoFleet) start(ctx context.Context) error {
	key, err := f.clientKey()
	if err != nil {
		return err
	}
	known, err := os.Create(f.file("known_hosts"))
	if err != nil {
		return err
	}
	defer known.Close()
	for i := range demoHosts {
		name := fmt.Sprintf("web%d", i+1)
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		host, err := server.HostKey(f.file(name + ".key"))
		if err != nil {
			l.Close()
			return err
		}
		f.names, f.ports = append(f.names, name), append(f.ports, l.Addr().(*net.TCPAddr).Port)
		fmt.Fprintln(known, knownhosts.Line([]string{l.Addr().String()}, host.PublicKey()))
		srv := &server.Server{HostKey: host, Authorize: only(key), Hostname: name}
		f.running.Go(func() { srv.Serve(ctx, l) })
		f.running.Go(func() { writeDemoLog(ctx, f.file(name+".log"), i) })
	}
	return nil
}

// only lets in whoever has the key.
func only(key ssh.PublicKey) server.Authorize {
	return func(_ string, offered ssh.PublicKey) (*ssh.Permissions, error) {
		if string(offered.Marshal()) != string(key.Marshal()) {
			return nil, fmt.Errorf("unknown key")
		}
		return &ssh.Permissions{}, nil
	}
}

// clientKey makes the key that the client logs in with.
func (f *demoFleet) clientKey() (ssh.PublicKey, error) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	block, err := ssh.MarshalPrivateKey(private, "demo")
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(f.file("id_ed25519"), pem.EncodeToMemory(block), 0o600); err != nil {
		return nil, err
	}
	return ssh.NewPublicKey(public)
}

// hosts are the servers as hosts of a query that follows their logs.
func (f *demoFleet) hosts(c *command) []client.Host {
	d := &client.Dialer{
		User:     "demo",
		Keys:     client.Keys{Files: []string{f.file("id_ed25519")}},
		HostKeys: client.KnownHosts{Files: []string{f.file("known_hosts")}},
	}
	var hosts []client.Host
	for i, name := range f.names {
		addr := client.Address{Host: "127.0.0.1", Port: f.ports[i], Name: name}
		hosts = append(hosts, client.Host{
			Transport: client.Retry(&client.Remote{Address: addr, Dialer: d}, client.RetryPolicy{MaxRetries: -1}),
			Input:     exec.Input{Globs: []string{f.file(name + ".log")}, Follow: true, Start: c.start},
		})
	}
	return hosts
}
