package client

import (
	"encoding/csv"
	"io"
	"strconv"
	"time"

	"fantail/exec"
)

// CSVOutput writes RFC 4180, or with Comma '\t' tab separated values. The rows
// of a query with windows begin with the window's start and end with how often
// the window had been written before.
type CSVOutput struct {
	W        io.Writer
	Comma    rune // 0: a comma
	NoHeader bool

	begun bool // the header has been written
}

// Lines is not for tables.
func (o *CSVOutput) Lines(string, *exec.Rows) error { panic("BUG: lines of a table") }

// Table writes a table's rows.
func (o *CSVOutput) Table(t *Table) error {
	w := csv.NewWriter(o.W)
	if o.Comma != 0 {
		w.Comma = o.Comma
	}
	if !o.begun && !o.NoHeader {
		w.Write(o.header(t))
	}
	o.begun = true
	for _, row := range t.Rows {
		record := o.record(t, row)
		if len(record) == 1 && record[0] == "" {
			w.Flush()
			io.WriteString(o.W, "\"\"\n") // an empty line would be no record
			continue
		}
		w.Write(record)
	}
	w.Flush()
	return w.Error()
}

func (o *CSVOutput) header(t *Table) []string {
	var h []string
	for _, c := range t.Columns {
		if !c.Key {
			h = append(h, c.Title)
		}
	}
	if t.Interval > 0 {
		h = append(append([]string{"window"}, h...), "revision")
	}
	return h
}

func (o *CSVOutput) record(t *Table, row []exec.Cell) []string {
	var r []string
	for i, c := range t.Columns {
		if !c.Key {
			r = append(r, row[i].Text)
		}
	}
	if t.Interval > 0 {
		window := t.Window.Format(time.RFC3339)
		r = append(append([]string{window}, r...), strconv.Itoa(t.Revision))
	}
	return r
}
