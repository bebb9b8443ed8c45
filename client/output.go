package client

import (
	"time"

	"fantail/exec"
)

// Output shows what a query gives. Its methods are never called concurrently.
type Output interface {
	// Lines shows lines of one file of one host, as they come: those of a plan
	// that gives lines as they are.
	Lines(host string, r *exec.Rows) error
	// Table shows a result, or more rows of the one before.
	Table(t *Table) error
}

// Table is a result and what there is to say about it.
type Table struct {
	*exec.Result
	Interval time.Duration // the window's length; 0: the query has no windows
	Revision int           // how often this window has been shown before
	Missing  []string      // hosts that have not come to the window's end, or have failed
	Hosts    int           // that take part
	More     bool          // more rows of the table before, not a new one
	Interim  bool          // of a window that is not over, or a run that has not ended
}

// End is where the table's window ends.
func (t *Table) End() time.Time { return t.Window.Add(t.Interval) }
