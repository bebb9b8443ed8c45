package wire

import (
	"errors"
	"fmt"
	"io"
)

// ErrShutdown ends the runs of a server that is stopping. Decode's error wraps
// it then: nothing is wrong with the run, and it can go on with Input.Resume.
var ErrShutdown = errors.New("server is shutting down")

// RunError is what ended the run on the other side.
type RunError struct {
	Text string // as the host wrote it
}

func (e *RunError) Error() string { return e.Text }

// Is makes errors.Is(err, ErrShutdown) work across the network.
func (e *RunError) Is(target error) bool {
	return target == ErrShutdown && e.Text == ErrShutdown.Error()
}

// VersionError says that the two sides cannot talk to each other.
type VersionError struct {
	Ours   int
	Theirs int    // 0: what they sent is not this protocol at all
	Sent   []byte // the eight bytes that they opened with
}

func (e *VersionError) Error() string {
	if e.Theirs == 0 {
		return fmt.Sprintf("protocol: want fantail version %d, the other side began with %q", e.Ours, e.Sent)
	}
	return fmt.Sprintf("protocol: this side speaks version %d, the other side version %d", e.Ours, e.Theirs)
}

// cut tells of a stream that ended before its end frame.
func cut(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return io.ErrUnexpectedEOF
	}
	return fmt.Errorf("%w: %w", io.ErrUnexpectedEOF, err)
}
