package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"fantail/client"
	"fantail/exec"
)

// say tells the user something on standard error, and the log.
func (c *command) say(format string, args ...any) {
	c.saying.Lock()
	defer c.saying.Unlock()
	text := fmt.Sprintf(format, args...)
	fmt.Fprintf(c.stderr, "%s: %s\n", c.opt.name, text)
	if c.log != nil {
		fmt.Fprintf(c.log, "%s %s: %s\n", time.Now().Format(time.RFC3339), c.opt.name, text)
	}
}

// notice tells what a host has to tell.
func (c *command) notice(host string, n exec.Notice) {
	level := c.opt.logLevel
	if level == "fatal" {
		level = "error"
	}
	switch {
	case n.Level == exec.Failure && c.opt.noMessages, level == "none":
		return
	case n.Level == exec.Info && (c.quiet || level == "error" || level == "warn"):
		return
	case n.Level == exec.Warning && (c.quiet || level == "error"):
		return
	}
	text := client.Printable(fmt.Sprint(n)) // it is the host's, paths and all
	if host != "" {
		text = host + ": " + text
	}
	c.say("%s", text)
}

// hostFailed tells why a host gave no result, or not all.
func (c *command) hostFailed(host string, err error) {
	if !c.opt.noMessages {
		c.say("%s", client.Printable(err.Error()))
	}
}

// openLog opens the log of -logger file: one file a day, for the user only.
func (c *command) openLog() (io.Writer, error) {
	if c.opt.logger != "file" && c.opt.logger != "fout" {
		return nil, nil
	}
	dir := home(c.opt.logDir)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("-logDir: %w", err)
	}
	path := filepath.Join(dir, time.Now().Format("20060102")+".log")
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("-logDir: %w", err)
	}
	return f, nil
}
