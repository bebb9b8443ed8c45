// Package client runs a plan on any number of hosts at once, merges what they
// give, and shows it.
//
// A [Transport] is a way to one host: this process (Local) or a session over SSH
// (Remote). [Retry] decorates one, so that a broken connection goes on where it
// was cut. What the hosts give goes through exec.Merger into an Output: table,
// csv, json or plain rows.
package client

import (
	"context"

	"fantail/exec"
	"fantail/planner"
)

// Transport is a way to run the host half of a plan on one host.
type Transport interface {
	// Name is the host as the user wrote it.
	Name() string
	// Run runs the job on the host and gives the sink what it yields, until the
	// run has ended, has failed, or ctx is done. It calls the sink from one
	// goroutine only, and not after it has returned. A connection that ended
	// before the run did is an error that wraps ErrCut.
	Run(ctx context.Context, job *Job, sink exec.Sink) error
}

// Job is what one host is to do.
type Job struct {
	Host  *planner.Host
	Input exec.Input
}
