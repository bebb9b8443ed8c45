package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"fantail/client"
	"fantail/exec"
	"fantail/parser"
)

// Dgrep is the command dgrep: lines that match.
func Dgrep(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	return runClient(ctx, "dgrep", "usage: dgrep [flags] PATTERN [FILE | HOST:FILE]...", args, stdin, stdout, stderr, func(c *command) error {
		o := c.opt
		if len(o.patterns) == 0 && len(o.places) > 0 {
			o.patterns, o.places = o.places[:1], o.places[1:]
		}
		if len(o.patterns) == 0 && len(o.files) == 0 { // with -files, DTail gives every line
			return errors.New("which pattern? for instance: dgrep ERROR FILE")
		}
		if o.count || o.withMatch || o.noMatch {
			return c.grepFiles()
		}
		q := parser.Query{Limit: -1}
		if o.silent {
			q.Limit = 1
		}
		query, err := o.linesQuery(q, line())
		if err != nil {
			return err
		}
		if err := c.setQuery(query); err != nil {
			return err
		}
		c.plan.Host.Context = o.nearby()
		return nil
	})
}

// grepFiles plans -c, -l and -L: one line for each file.
func (c *command) grepFiles() error {
	server, file := &parser.Var{Name: "$server"}, &parser.Var{Name: "$file"}
	q := parser.Query{Limit: -1, GroupBy: []parser.Expr{server, file}}
	query, err := c.opt.linesQuery(q, server, file, &parser.Call{Func: "count", Args: []parser.Expr{line()}})
	if err != nil {
		return err
	}
	if err := c.setQuery(query); err != nil {
		return err
	}
	c.plan.Host.Context.Max = c.opt.maximum
	if !c.opt.count {
		c.plan.Host.Context.Max = 1
	}
	return nil
}

// fileCounts shows the number of matching lines of each file that was read, or
// the names of those that have some, or none.
type fileCounts struct {
	o      *options
	w      io.Writer
	names  bool // name the files beside their counts
	remote bool // name the hosts too
	counts map[client.HostFile]string
}

func (f *fileCounts) Lines(string, *exec.Rows) error { panic("BUG: lines of a table") }

func (f *fileCounts) Table(t *client.Table) error {
	for _, row := range t.Rows {
		f.counts[client.HostFile{Host: row[0].Text, Path: row[1].Text}] = row[2].Text
	}
	return nil
}

// finish writes a line for each file, in the order in which they were read.
func (f *fileCounts) finish(l *client.Ledger) error {
	for _, file := range l.Read {
		count, found := f.counts[file]
		name := file.Path
		if f.remote && file.Host != "" {
			name = file.Host + ":" + file.Path
		}
		var err error
		switch {
		case f.o.withMatch && found, f.o.noMatch && !found:
			_, err = fmt.Fprintln(f.w, name)
		case f.o.withMatch, f.o.noMatch:
		case f.names:
			_, err = fmt.Fprintf(f.w, "%s:%s\n", name, orZero(count))
		default:
			_, err = fmt.Fprintln(f.w, orZero(count))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func orZero(count string) string {
	if count == "" {
		return "0"
	}
	return count
}
