package follow

import (
	"fmt"
	"io"

	"fantail/exec"
)

// notices are what the user has yet to be told, oldest first.
type notices []exec.Notice

func (n *notices) add(level exec.Level, path, format string, args ...any) {
	*n = append(*n, exec.Notice{Level: level, Path: path, Text: fmt.Sprintf(format, args...)})
}

func (n *notices) pop() (exec.Notice, bool) {
	if len(*n) == 0 {
		return exec.Notice{}, false
	}
	first := (*n)[0]
	*n = (*n)[1:]
	return first, true
}

// tell adds what became known of g by reading from it, which ended with err.
func (n *notices) tell(g *generation, path string, err error) {
	if g.cut && !g.told {
		g.told = true
		n.add(exec.Warning, path, "a line is longer than the limit: it comes in pieces")
	}
	switch {
	case err == nil || err == io.EOF:
	case err == io.ErrUnexpectedEOF:
		n.add(exec.Failure, path, "the compressed file is cut off: what is there was read")
	default:
		n.add(exec.Failure, path, "%s", reason(err))
	}
}
