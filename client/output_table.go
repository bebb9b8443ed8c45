package client

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"

	"fantail/exec"
	"fantail/planner"
)

// TableOutput shows tables for people. On a terminal each is drawn over the one
// before.
type TableOutput struct {
	W        io.Writer
	Terminal bool
	Height   func() int // lines of the terminal; used on one
	Marks    []string   // of each column: ▼, ▲ or nothing, how the rows are ordered
	NoHeader bool
	Vertical bool // a line for each cell, as psql's \x

	lines int // how many lines the table that is drawn over has
}

// Lines is not for tables.
func (o *TableOutput) Lines(string, *exec.Rows) error { panic("BUG: lines of a table") }

// Table shows a table with one call of Write.
func (o *TableOutput) Table(t *Table) error {
	var b bytes.Buffer
	hidden := o.fit(t)
	if title := o.title(t); title != "" {
		fmt.Fprintln(&b, title)
	}
	var err error
	if o.Vertical {
		o.vertical(&b, t)
	} else {
		err = o.grid(&b, t)
	}
	if err != nil {
		return err
	}
	if hidden > 0 {
		fmt.Fprintf(&b, "… %d more rows: a limit clause or -o FILE shows them\n", hidden)
	}
	if t.Interval > 0 && !o.Terminal {
		fmt.Fprintln(&b)
	}
	return o.draw(b.Bytes(), !t.More)
}

// fit leaves out the rows that a terminal has no room for, so that the next
// table can be drawn over this one, and returns how many these are.
func (o *TableOutput) fit(t *Table) (hidden int) {
	if !o.Terminal || o.Height == nil || !t.Interim && t.Interval == 0 {
		return 0
	}
	room := max(o.Height()-5, 1)
	if len(t.Rows) <= room {
		return 0
	}
	res := *t.Result
	res.Rows = res.Rows[:room]
	hidden = len(t.Rows) - room
	t.Result = &res
	return hidden
}

// The terminal's switch for wrapping lines (DECAWM): a line that is wrapped
// takes two, and the next table would be drawn over only one of them.
const (
	wrapOff = "\x1b[?7l"
	wrapOn  = "\x1b[?7h"
)

// Apart has the next table drawn below what something else has written since the
// last one, not over it.
func (o *TableOutput) Apart() { o.lines = 0 }

// draw writes a table, on a terminal over the one before.
func (o *TableOutput) draw(table []byte, over bool) error {
	if o.Terminal {
		table = append(append([]byte(wrapOff), table...), wrapOn...)
	}
	if o.Terminal && over && o.lines > 0 {
		table = append([]byte(fmt.Sprintf("\x1b[%dA\x1b[J", o.lines)), table...)
	}
	o.lines = bytes.Count(table, []byte{'\n'})
	_, err := o.W.Write(table)
	return err
}

// title says which window a table is of, and what it lacks.
func (o *TableOutput) title(t *Table) string {
	if t.Interval == 0 {
		return ""
	}
	var b strings.Builder
	layout := "15:04:05"
	fmt.Fprintf(&b, "%s – %s · by arrival", t.Window.Local().Format("2006-01-02 "+layout), t.End().Local().Format(layout))
	if t.Hosts > 1 {
		fmt.Fprintf(&b, " · %d/%d hosts", t.Hosts-len(t.Missing), t.Hosts)
	}
	if t.Interim {
		b.WriteString(" · so far")
	} else if len(t.Missing) > 0 {
		fmt.Fprintf(&b, " · without %s", strings.Join(firstNames(t.Missing), ", "))
	}
	if t.Revision > 0 {
		fmt.Fprintf(&b, " · revision %d", t.Revision)
	}
	return b.String()
}

// firstNames are some names of a list that may be long.
func firstNames(names []string) []string {
	const some = 5
	if len(names) <= some {
		return names
	}
	return append(names[:some:some], fmt.Sprintf("%d more", len(names)-some))
}

func (o *TableOutput) grid(b *bytes.Buffer, t *Table) error {
	aligns := make([]tw.Align, len(t.Columns))
	titles := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		aligns[i] = alignment(c)
		titles[i] = Printable(c.Title)
		if i < len(o.Marks) && o.Marks[i] != "" {
			titles[i] += " " + o.Marks[i]
		}
	}
	table := newTable(b, aligns)
	if !o.NoHeader && !t.More {
		table.Header(titles)
	}
	for _, row := range t.Rows {
		cells := make([]string, len(row))
		for i, c := range row {
			cells[i] = Printable(c.Text)
		}
		if err := table.Append(cells); err != nil {
			return err
		}
	}
	return table.Render()
}

func alignment(c planner.Output) tw.Align {
	if c.Number {
		return tw.AlignRight
	}
	return tw.AlignLeft
}

// newTable is a table as psql draws one: bars between columns and a line below
// the header.
func newTable(w io.Writer, aligns []tw.Align) *tablewriter.Table {
	columns := tw.CellAlignment{PerColumn: aligns}
	return tablewriter.NewTable(w,
		tablewriter.WithRenderer(renderer.NewBlueprint(tw.Rendition{
			Borders: tw.BorderNone,
			Symbols: tw.NewSymbols(tw.StyleASCII),
			Settings: tw.Settings{
				Separators: tw.Separators{BetweenRows: tw.Off, BetweenColumns: tw.On, ShowHeader: tw.On},
				Lines:      tw.Lines{ShowHeaderLine: tw.On},
			},
		})),
		tablewriter.WithHeaderAutoFormat(tw.Off),
		tablewriter.WithHeaderAutoWrap(tw.WrapNone),
		tablewriter.WithRowAutoWrap(tw.WrapNone),
		tablewriter.WithTrimSpace(tw.Off),
		tablewriter.WithHeaderAlignmentConfig(columns),
		tablewriter.WithRowAlignmentConfig(columns),
	)
}

func (o *TableOutput) vertical(b *bytes.Buffer, t *Table) {
	for i, row := range t.Rows {
		fmt.Fprintf(b, "-[ row %d ]-\n", i+1)
		for k, c := range t.Columns {
			fmt.Fprintf(b, "%s | %s\n", Printable(c.Title), Printable(row[k].Text))
		}
	}
}
