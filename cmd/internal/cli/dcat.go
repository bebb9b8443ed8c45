package cli

import (
	"context"
	"io"
)

// Dcat is the command dcat: files as they are.
func Dcat(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	return runClient(ctx, "dcat", "usage: dcat [flags] [FILE | HOST:FILE]...", args, stdin, stdout, stderr, func(c *command) error {
		return c.setQuery("select $line")
	})
}
