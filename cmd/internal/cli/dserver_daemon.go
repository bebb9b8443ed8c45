package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/crypto/ssh"

	"fantail/server"
)

// daemon is dserver while it listens.
type daemon struct {
	args   []string // to read the configuration again
	opt    *dserverOptions
	log    *slog.Logger
	stdout io.Writer
	server *server.Server
}

// runDaemon serves until ctx is done.
func runDaemon(ctx context.Context, d *daemon) error {
	hup := make(chan os.Signal, 1) // before it is ready: then the signal must not kill
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	if err := d.configure(); err != nil {
		return err
	}
	listeners, err := d.listen()
	if err != nil {
		return err
	}
	d.log.Info("host key", "file", d.opt.HostKey, "fingerprint", ssh.FingerprintSHA256(d.server.HostKey.PublicKey()))
	for _, l := range listeners {
		fmt.Fprintln(d.stdout, "listening on", l.Addr())
	}
	d.notify("READY=1")
	defer d.log.Info("stopped")
	return d.serve(ctx, listeners, hup)
}

func (d *daemon) configure() error {
	srv, err := d.opt.server()
	if err != nil {
		return err
	}
	if srv.HostKey, err = server.HostKey(d.opt.HostKey); err != nil {
		return err
	}
	srv.Log = d.log
	d.server = srv
	if d.opt.logger == "file" || d.opt.logger == "fout" {
		d.log.Warn("log files are the service manager's task, the log is here", "logger", d.opt.logger)
	}
	return nil
}

func (d *daemon) listen() ([]net.Listener, error) {
	addresses := d.opt.BindAddress
	if len(addresses) == 0 {
		addresses = []string{""}
	}
	var listeners []net.Listener
	for _, a := range addresses {
		l, err := net.Listen("tcp", net.JoinHostPort(strings.Trim(a, "[]"), strconv.Itoa(d.opt.Port)))
		if err != nil {
			for _, l := range listeners {
				l.Close()
			}
			return nil, err
		}
		listeners = append(listeners, l)
	}
	return listeners, nil
}

// serve returns when the last listener's sessions have ended. If one listener
// fails, the others end too: a service manager can start us again.
func (d *daemon) serve(ctx context.Context, listeners []net.Listener, hup <-chan os.Signal) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var running sync.WaitGroup
	errs := make([]error, len(listeners))
	for i, l := range listeners {
		running.Go(func() {
			defer cancel()
			errs[i] = d.server.Serve(ctx, l)
		})
	}
	for ctx.Err() == nil {
		select {
		case <-hup:
			d.reload()
		case <-ctx.Done():
		}
	}
	d.notify("STOPPING=1")
	running.Wait()
	return errors.Join(errs...)
}

// reload reads the configuration again. A wrong one changes nothing.
func (d *daemon) reload() {
	opt, err := readDserver(d.args)
	if err != nil {
		d.log.Error("the configuration stays as it was", "err", err)
		return
	}
	next, err := opt.server()
	if err != nil {
		d.log.Error("the configuration stays as it was", "err", err)
		return
	}
	if opt.Port != d.opt.Port || opt.HostKey != d.opt.HostKey || !slices.Equal(opt.BindAddress, d.opt.BindAddress) {
		d.log.Warn("bindAddress, port and hostKey change only with a restart")
	}
	next.HostKey, next.Log = d.server.HostKey, d.log
	d.server.Reload(next)
	d.log.Info("configuration read again")
}

// notify tells systemd, if that has started us.
func (d *daemon) notify(state string) {
	path := os.Getenv("NOTIFY_SOCKET")
	if path == "" {
		return
	}
	c, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		d.log.Warn("notify the service manager", "err", err)
		return
	}
	defer c.Close()
	if _, err := io.WriteString(c, state); err != nil {
		d.log.Warn("notify the service manager", "err", err)
	}
}
