package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"fantail/client"
	"fantail/exec"
	"fantail/parser"
	"fantail/planner"
)

// The exit statuses.
const (
	statusOK          = 0
	statusNothing     = 1   // nothing matched, or an empty result
	statusError       = 2   // wrong usage or query, or every host failed
	statusPartial     = 3   // some hosts failed
	statusGap         = 4   // bytes are known to be missing
	statusInterrupted = 130 // 128 + SIGINT, as shells have it
)

// command is one run of a client.
type command struct {
	opt            *options
	getenv         func(string) string
	stdin          io.Reader
	stdout, stderr io.Writer
	log            io.Writer  // of -logger file; nil: none
	saying         sync.Mutex // held while stderr and log are written to

	plan   *planner.Plan
	follow bool
	start  exec.Start
	quiet  bool // no ledger, no notices
}

// runClient reads the command line, lets prepare make the plan, and runs it.
func runClient(ctx context.Context, name, synopsis string, args []string, stdin io.Reader, stdout, stderr io.Writer, prepare func(*command) error) int {
	o, flags, err := newOptions(name, args, os.Getenv)
	c := &command{opt: o, getenv: os.Getenv, stdin: stdin, stdout: stdout, stderr: stderr}
	switch {
	case o.help:
		usage(stdout, flags, synopsis)
		return statusOK
	case o.version:
		fmt.Fprintln(stdout, name, serverVersion())
		return statusOK
	}
	if err == nil {
		err = c.check()
	}
	if err == nil {
		err = prepare(c)
	}
	if err != nil {
		return c.fail(err)
	}
	if o.explain || c.plan.Query.Explain {
		fmt.Fprint(stdout, c.plan.Explain())
		return statusOK
	}
	if o.demo {
		return c.demo(ctx)
	}
	places, err := o.findPlaces(ctx, stdin)
	if err != nil {
		return c.fail(err)
	}
	out, err := c.output(places)
	if err != nil {
		return c.fail(err)
	}
	return c.run(ctx, c.hosts(places), out)
}

// fail tells why nothing was run.
func (c *command) fail(err error) int {
	fmt.Fprintf(c.stderr, "%s: %v\n", c.opt.name, err)
	return statusError
}

// check looks for flags that make no sense.
func (c *command) check() error {
	o := c.opt
	c.quiet = o.quiet || o.plain || o.silent || o.logLevel == "none"
	for name, n := range map[string]int{"-before": o.before, "-after": o.after, "-max": o.maximum, "-C": o.context,
		"-timeout": o.timeout, "-shutdownAfter": o.shutdown, "-cpc": o.cpc - 1} {
		if n < 0 {
			return fmt.Errorf("flag %s is too small", name)
		}
	}
	if o.port < 1 || o.port > 65535 {
		return fmt.Errorf("flag -port: %d is no port: use 1 to 65535", o.port)
	}
	return errors.Join(
		oneOf("-color", o.color, "auto", "always", "never"),
		oneOf("-partial", o.partial, "ok", "warn", "fail"),
		oneOf("-logger", o.logger, "none", "stdout", "file", "fout"),
		oneOf("-logLevel", o.logLevel, "none", "fatal", "error", "warn", "info", "default", "verbose", "debug", "devel", "trace", "all"))
}

// setQuery plans a query.
func (c *command) setQuery(text string) error {
	q, err := parser.Parse(text)
	if err != nil {
		return err
	}
	if c.opt.outfile != "" {
		if q.Outfile.Path != "" {
			return errors.New("the query has an outfile already: leave -o out")
		}
		q.Outfile.Path = c.opt.outfile
	}
	c.plan, err = planner.New(q)
	return err
}

// run runs the plan on the hosts and says what came of it.
func (c *command) run(ctx context.Context, hosts []client.Host, out *shown) int {
	var err error
	if c.log, err = c.openLog(); err != nil {
		return c.fail(err)
	}
	limited, cancel := c.limitTime(ctx)
	defer cancel()
	q := &client.Query{
		Plan: c.plan, Output: out.Output, Tables: out.tables, Live: out.live, Whole: c.opt.partial == "fail",
		Notify: func(host string, n exec.Notice) { out.interrupt(); c.notice(host, n) },
		Failed: func(host string, err error) { out.interrupt(); c.hostFailed(host, err) },
	}
	ledger, err := client.Run(limited, q, hosts)
	if err == nil && out.finish != nil {
		err = out.finish(ledger)
	}
	status := c.status(ctx, limited, ledger, err)
	if err := out.close(status, c.opt.partial == "ok"); err != nil {
		status = c.fail(err)
	}
	if !c.quiet {
		c.say("%v", ledger)
	}
	return status
}

// errTimeout ends a run that took too long.
var errTimeout = errors.New("timeout")

// limitTime ends the run after -timeout, which is a failure, or -shutdownAfter,
// which is not.
func (c *command) limitTime(ctx context.Context) (context.Context, context.CancelFunc) {
	switch o := c.opt; {
	case o.timeout > 0:
		return context.WithTimeoutCause(ctx, time.Duration(o.timeout)*time.Second, errTimeout)
	case o.shutdown > 0:
		return context.WithTimeout(ctx, time.Duration(o.shutdown)*time.Second)
	}
	return context.WithCancel(ctx)
}

// status is the exit status of a run.
func (c *command) status(ctx, limited context.Context, l *client.Ledger, err error) int {
	switch {
	case err != nil:
		return c.fail(err)
	case ctx.Err() != nil:
		return statusInterrupted
	case errors.Is(context.Cause(limited), errTimeout):
		c.say("stopped after %d s: the result is not complete", c.opt.timeout)
		return statusPartial
	case l.AllFailed():
		return statusError
	case len(l.Failed) > 0 && c.opt.partial != "ok":
		return statusPartial
	case l.Gaps > 0:
		return statusGap
	case !l.Found && c.emptyIsNothing():
		return statusNothing
	}
	return statusOK
}

// emptyIsNothing tells whether an empty result is worth telling by the status;
// an empty file is a result of cat and tail.
func (c *command) emptyIsNothing() bool { return c.opt.name == "dgrep" || c.opt.name == "dmap" }
