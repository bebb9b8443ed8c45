package cli

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"

	"fantail/exec"
	"fantail/parser"
)

// Dtail is the command dtail: what is appended to files, or, with a query, what
// that gives, for ever.
func Dtail(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	synopsis := "usage: dtail [flags] [FILE | HOST:FILE]...\n       dtail [flags] 'QUERY' [FILE | HOST:FILE]..."
	return runClient(ctx, "dtail", synopsis, args, stdin, stdout, stderr, func(c *command) error {
		c.follow = true
		c.takeQuery(isQuery)
		if c.opt.query != "" {
			return c.tailQuery()
		}
		if err := c.tailStart(); err != nil {
			return err
		}
		query, err := c.opt.linesQuery(parser.Query{Limit: -1}, line())
		if err != nil {
			return err
		}
		if err := c.setQuery(query); err != nil {
			return err
		}
		c.plan.Host.Context = c.opt.nearby()
		return nil
	})
}

// tailQuery plans a query over what is appended from now on.
func (c *command) tailQuery() error {
	c.start = exec.Start{FromEnd: true}
	if err := c.setQuery(c.opt.query); err != nil {
		return err
	}
	if c.opt.once {
		c.follow = false
		c.start = exec.Start{}
		return nil
	}
	if len(c.plan.Host.Rows) == 0 && c.plan.Host.Interval == 0 {
		return c.setQuery(c.opt.query + "\ninterval " + strconv.Itoa(int(defaultInterval.Seconds())))
	}
	return nil
}

// defaultInterval is the window of a query that follows and does not name one.
const defaultInterval = 5 * time.Second

// tailStart reads -n NUM and -n +NUM.
func (c *command) tailStart() error {
	text, fromStart := strings.CutPrefix(c.opt.lines, "+")
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return fmt.Errorf("flag -n: %q is not a number of lines: write -n 20, or -n +20", c.opt.lines)
	}
	if fromStart {
		c.start = exec.Start{Lines: max(n-1, 0)}
	} else {
		c.start = exec.Start{FromEnd: true, Lines: n}
	}
	return nil
}

// takeQuery takes the first argument as the query where it looks like one.
func (c *command) takeQuery(looks func(string) bool) {
	if c.opt.query == "" && len(c.opt.places) > 0 && looks(c.opt.places[0]) {
		c.opt.query = c.opt.places[0]
		c.opt.places = c.opt.places[1:]
	}
}

// isQuery tells whether an argument is a query, not a file.
func isQuery(arg string) bool {
	ok, err := regexp.MatchString(`(?i)(^|\s)select\s`, arg)
	return ok && err == nil
}
