package client

import (
	"bytes"
	"encoding/json"
	"io"
	"strconv"
	"time"

	"fantail/exec"
)

// JSONOutput writes one object for each row, a line each. Its keys are the
// columns' names in their order; a query with windows has window first and
// revision last.
type JSONOutput struct{ W io.Writer }

// Lines is not for tables.
func (o *JSONOutput) Lines(string, *exec.Rows) error { panic("BUG: lines of a table") }

// Table writes a table's rows.
func (o *JSONOutput) Table(t *Table) error {
	var b []byte
	for _, row := range t.Rows {
		b = o.object(b, t, row)
	}
	_, err := o.W.Write(b)
	return err
}

func (o *JSONOutput) object(b []byte, t *Table, row []exec.Cell) []byte {
	b = append(b, '{')
	if t.Interval > 0 {
		b = appendMember(b, "window", []byte(strconv.Quote(t.Window.Format(time.RFC3339))))
	}
	for i, c := range t.Columns {
		if !c.Key {
			b = appendMember(b, c.Title, jsonValue(row[i], c.Number))
		}
	}
	if t.Interval > 0 {
		b = appendMember(b, "revision", strconv.AppendInt(nil, int64(t.Revision), 10))
	}
	return append(b, '}', '\n')
}

func appendMember(b []byte, name string, value []byte) []byte {
	if b[len(b)-1] != '{' {
		b = append(b, ',')
	}
	b = append(b, jsonText(name)...)
	b = append(b, ':')
	return append(b, value...)
}

func jsonValue(c exec.Cell, number bool) []byte {
	switch {
	case c.Null:
		return []byte("null")
	case number:
		return []byte(c.Text)
	}
	return jsonText(c.Text)
}

// jsonText is a text as JSON, which has no bytes that are not UTF-8: these
// become U+FFFD.
func jsonText(s string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		panic("BUG: a string has no JSON: " + err.Error())
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
