package cli

import (
	"os"

	"golang.org/x/term"
)

// isTerminal tells whether a stream is one.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// terminalHeight is the number of lines of a terminal.
func terminalHeight(stream any) int {
	if f, ok := stream.(*os.File); ok {
		if _, height, err := term.GetSize(int(f.Fd())); err == nil && height > 0 {
			return height
		}
	}
	return 24
}

// useColor says whether to print colours: https://no-color.org, and the flags.
func (o *options) useColor(stdout any, getenv func(string) string) bool {
	switch {
	case o.plain || o.noColor || o.color == "never":
		return false
	case o.color == "always":
		return true
	}
	return isTerminal(stdout) && getenv("NO_COLOR") == "" && getenv("TERM") != "dumb"
}
