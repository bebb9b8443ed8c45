package client

import (
	"context"
	"errors"
	"io"
	"os"
	"slices"
	"time"

	"fantail/exec"
	"fantail/exec/follow"
)

// StdinPath is the path that stands for standard input.
const StdinPath = "-"

// Local is the Transport to this process: no network, no server, no key.
type Local struct {
	Hostname string    // $hostname; "": the operating system's
	Stdin    io.Reader // what the path "-" stands for
}

// Name is empty: nobody wrote a host.
func (l *Local) Name() string { return "" }

// Run runs the job in this process.
func (l *Local) Run(ctx context.Context, job *Job, sink exec.Sink) error {
	opt := follow.Options{CountLines: job.Host.CountsLines()}
	if len(job.Input.Globs) > 1 && slices.Contains(job.Input.Globs, StdinPath) {
		return errors.New("- is standard input, and stands alone: leave out the files, or read them in a run of their own")
	}
	var src exec.Source
	if len(job.Input.Globs) == 1 && job.Input.Globs[0] == StdinPath {
		opt.Live = true // what is piped in slowly is shown at once
		src = follow.Reader(l.Stdin, StdinPath, opt)
	} else {
		src = follow.New(job.Input, follow.OS{}, opt)
	}
	defer src.Close()
	env := exec.Env{
		Hostname:   l.hostname(),
		Start:      time.Now(),
		Continuous: job.Input.Follow,
	}
	return exec.Run(ctx, job.Host, src, env, sink)
}

func (l *Local) hostname() string {
	if l.Hostname != "" {
		return l.Hostname
	}
	name, err := os.Hostname()
	if err != nil {
		return "localhost"
	}
	return name
}
