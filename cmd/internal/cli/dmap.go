package cli

import (
	"context"
	"errors"
	"io"

	"fantail/exec"
)

// Dmap is the command dmap: queries.
func Dmap(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	return runClient(ctx, "dmap", "usage: dmap [flags] 'QUERY' [FILE | HOST:FILE]...", args, stdin, stdout, stderr, func(c *command) error {
		c.takeQuery(func(arg string) bool { return isQuery(arg) || !exists(arg) })
		if c.opt.demo && c.opt.query == "" {
			c.opt.query = demoQuery
		}
		if c.opt.query == "" {
			return errors.New(`which query? for instance: dmap 'select count($line)' FILE`)
		}
		if err := c.setQuery(c.opt.query); err != nil {
			return err
		}
		if c.plan.Host.Interval > 0 && !c.opt.once {
			c.follow = true
			c.start = exec.Start{FromEnd: true}
		}
		return nil
	})
}
