package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/user"
	"runtime/debug"

	"fantail/exec/wire"
	"fantail/server"
)

// Dserver is the command dserver: a daemon, or with -stdio one session.
func Dserver(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	opt, err := readDserver(args)
	if errors.Is(err, flag.ErrHelp) {
		dserverUsage(stdout)
		return 0
	}
	if err != nil {
		fmt.Fprintln(stderr, "dserver:", err)
		return 2
	}
	log := opt.log(stdout, stderr)
	switch {
	case opt.version:
		fmt.Fprintln(stdout, "dserver", serverVersion())
	case opt.check:
		err = opt.validate()
		if err == nil {
			fmt.Fprintln(stdout, "the configuration is valid")
		}
	case opt.stdio:
		return dserverStdio(ctx, opt, log, stdin, stdout)
	default:
		err = runDaemon(ctx, &daemon{args: args, opt: opt, log: log, stdout: stdout})
	}
	if err != nil {
		fmt.Fprintln(stderr, "dserver:", err)
		return 2
	}
	return 0
}

// serverVersion is what was built, and the protocol that it speaks.
func serverVersion() string {
	version := "(unknown)"
	if info, ok := debug.ReadBuildInfo(); ok {
		version = info.Main.Version
	}
	return fmt.Sprintf("%s, protocol %d", version, wire.Version)
}

// log is a text log on standard error, where service managers expect it.
func (o *dserverOptions) log(stdout, stderr io.Writer) *slog.Logger {
	handler := &slog.HandlerOptions{Level: o.level}
	switch o.logger {
	case "none":
		return slog.New(slog.DiscardHandler)
	case "stdout":
		if !o.stdio { // that belongs to the protocol
			return slog.New(slog.NewTextHandler(stdout, handler))
		}
	}
	return slog.New(slog.NewTextHandler(stderr, handler))
}

// validate is -check: all that can be known without listening or writing.
func (o *dserverOptions) validate() error {
	if _, err := o.server(); err != nil {
		return err
	}
	if _, err := os.Stat(o.HostKey); errors.Is(err, fs.ErrNotExist) {
		return nil // it will be made
	}
	_, err := server.HostKey(o.HostKey)
	return err
}

// server is a server as configured, without a host key.
func (o *dserverOptions) server() (*server.Server, error) {
	me, err := user.Current()
	if err != nil {
		return nil, fmt.Errorf("look up the user that this runs as: %w", err)
	}
	keys, err := server.KeysOf(me, o.AuthorizedKeys)
	if err != nil {
		return nil, err
	}
	return &server.Server{Authorize: keys.Authorize, MaxConnections: o.MaxConnections, Hostname: o.Hostname}, nil
}

// dserverStdio serves one session to whoever has started us, usually sshd.
func dserverStdio(ctx context.Context, opt *dserverOptions, log *slog.Logger, stdin io.Reader, stdout io.Writer) int {
	name := ""
	if me, err := user.Current(); err == nil {
		name = me.Username
	}
	srv := &server.Server{Hostname: opt.Hostname, Log: log}
	rw := struct {
		io.Reader
		io.Writer
	}{stdin, stdout}
	if err := srv.ServeConn(ctx, rw, name); err != nil {
		return 1
	}
	return 0
}
