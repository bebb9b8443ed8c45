package cli

import (
	"io"

	"fantail/client"
)

// shown is how a result is shown.
type shown struct {
	client.Output
	tables bool // lines are a table, too
	live   bool // tables are drawn over each other
	file   *client.FileOutput
	finish func(*client.Ledger) error // shows what can only be shown at the end; nil: nothing
	apart  func()                     // called before standard error is written to; nil: nobody minds
}

// interrupt says that something else is written now.
func (s *shown) interrupt() {
	if s.apart != nil {
		s.apart()
	}
}

// close puts a file in place, or, where the result lacks some hosts, leaves the
// old one there.
func (s *shown) close(status int, partialOK bool) error {
	switch {
	case s.file == nil:
		return nil
	case status == statusOK || status == statusNothing || partialOK:
		return s.file.Commit()
	}
	s.file.Abort()
	return nil
}

// output chooses how the result is shown.
func (c *command) output(places []place) (*shown, error) {
	o := c.opt
	if o.count || o.withMatch || o.noMatch {
		return c.counts(places), nil
	}
	if p := c.plan.Merge.Outfile; p.Path != "" {
		f := &client.FileOutput{Path: p.Path, Append: p.Append, Query: c.plan.Query.Text, PartialOK: o.partial == "ok"}
		return &shown{Output: f, tables: true, file: f}, f.Check()
	}
	if o.vertical {
		o.format = "vertical"
	}
	switch o.format {
	case "", "table", "vertical":
		if c.plan.Host.Raw() && len(c.plan.Merge.OrderBy) == 0 {
			return &shown{Output: c.lines(places)}, nil
		}
		return c.table(), nil
	case "csv":
		return &shown{Output: &client.CSVOutput{W: c.stdout, NoHeader: o.noHeader}, tables: true}, nil
	case "tsv":
		return &shown{Output: &client.CSVOutput{W: c.stdout, Comma: '\t', NoHeader: o.noHeader}, tables: true}, nil
	case "json":
		return &shown{Output: &client.JSONOutput{W: c.stdout}, tables: true}, nil
	}
	return nil, oneOf("-format", o.format, "table", "vertical", "csv", "tsv", "json")
}

// counts shows a line for each file.
func (c *command) counts(places []place) *shown {
	f := &fileCounts{o: c.opt, w: c.stdout, counts: map[client.HostFile]string{}}
	files := 0
	for _, p := range places {
		files += len(p.globs)
		f.remote = f.remote || !p.local
	}
	f.names = !c.opt.noNames && (files > 1 || c.opt.withHost || anyPattern(places))
	if c.opt.silent {
		f.w = io.Discard
	}
	return &shown{Output: f, finish: f.finish}
}

// table shows tables for people; on a terminal they are drawn over each other.
func (c *command) table() *shown {
	o := c.opt
	terminal := isTerminal(c.stdout) && !o.plain
	t := &client.TableOutput{
		W: c.stdout, Terminal: terminal, NoHeader: o.noHeader, Vertical: o.format == "vertical",
		Height: func() int { return terminalHeight(c.stdout) },
		Marks:  c.plan.Marks(),
	}
	return &shown{Output: t, live: terminal, apart: t.Apart}
}

// lines shows lines. What stands in front of them is what tells them apart.
func (c *command) lines(places []place) client.Output {
	o := c.opt
	terminal := isTerminal(c.stdout) && !o.plain
	remote, files := 0, 0
	for _, p := range places {
		files += len(p.globs)
		if !p.local {
			remote++
		}
	}
	names := (o.withHost || terminal) && !o.noNames
	out := &client.LineOutput{
		W: c.stdout, Number: o.number, Offset: o.offset, Nothing: o.silent, Glue: o.name == "dcat",
		Host:   names && remote > 0 && (o.withHost || len(places) > 1),
		Path:   names && (o.withHost && remote == 0 || files > len(places) || anyPattern(places)),
		Groups: o.before > 0 || o.after > 0 || o.context > 0,
		Color:  o.useColor(c.stdout, c.getenv),
	}
	if o.silent {
		out.W = io.Discard
	}
	return out
}

// anyPattern tells whether a path may stand for several files.
func anyPattern(places []place) bool {
	for _, p := range places {
		for _, g := range p.globs {
			for _, c := range g {
				if c == '*' || c == '?' || c == '[' {
					return true
				}
			}
		}
	}
	return false
}
