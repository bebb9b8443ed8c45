// Package format cuts the fields out of log lines, one file for each format.
//
// A [Parser] is made for the fields that a plan uses and for one file, and then
// takes a [Batch] of its lines at a time. What it gives for a line depends on
// that line and the file's head alone, so that it does not matter how a file is
// cut into batches. It does no I/O and keeps nothing of a batch.
package format

import (
	"bytes"
	"fmt"
	"math"
	"slices"
)

// Span is a place in a batch's Text.
type Span struct{ Start, End uint32 }

// nullAt is the Start of the span of a value that is not there.
const nullAt = math.MaxUint32

// Null is the span of a value that is not there.
func Null() Span { return Span{Start: nullAt} }

// IsNull tells whether the value is not there; an empty one is.
func (s Span) IsNull() bool { return s.Start == nullAt }

// Len is the value's length in bytes; 0 for a null.
func (s Span) Len() int {
	if s.IsNull() {
		return 0
	}
	return int(s.End - s.Start)
}

// Batch is some lines of one file and what a parser finds in them.
type Batch struct {
	Text   []byte // the lines; a parser appends values that do not stand in a line as they are
	Offset int64  // of Text in the file, uncompressed bytes
	Lines  []Span // in: lines without their newline; out: those of them that are records of the format

	Fields    [][]Span // out: Fields[f][i] is field f of Lines[i]
	Malformed int      // out: how many of Lines lack what the format prescribes; added to
}

// Field is a value that a plan wants of every line.
type Field struct {
	Name string // a variable's with its $
	Var  bool   // a variable that the format gives, not a field by name
}

// Parser finds the fields of lines.
type Parser interface {
	// Parse sets b.Fields, reusing the slices that are there.
	Parse(b *Batch)
}

// Spec is a log format as a plan names it.
type Spec struct {
	Name    string
	Table   string // default: the only one whose lines are records; "" every line is
	Pattern string // regex: an expression with named groups
}

// New makes a parser of the lines of one file; head is the file's beginning.
func New(spec Spec, fields []Field, head []byte) (Parser, error) {
	switch spec.Name {
	case "default":
		return newDefault(spec.Table, fields), nil
	case "generic":
		return generic{fields: len(fields)}, nil
	case "generickv":
		return newKV(fields), nil
	case "csv":
		return newCSV(fields, head, ','), nil
	case "tsv":
		return newCSV(fields, head, '\t'), nil
	case "json":
		return newJSON(fields), nil
	case "logfmt":
		return newLogfmt(fields), nil
	case "combined", "common":
		return newAccess(fields, spec.Name == "combined"), nil
	case "syslog":
		return newSyslog(fields), nil
	case "klog":
		return newKlog(fields), nil
	case "cri":
		return newCRI(fields), nil
	case "docker":
		return newDocker(fields), nil
	case "regex":
		return newRegex(fields, spec.Pattern)
	case "auto":
		return newAuto(spec, fields, head)
	}
	return nil, fmt.Errorf("unknown logformat %q", spec.Name)
}

// reset makes room for n fields of every line, all null.
func (b *Batch) reset(n int) {
	b.Fields = slices.Grow(b.Fields[:0], n)[:n]
	for f, cells := range b.Fields {
		if cap(cells) < len(b.Lines) {
			cells = make([]Span, len(b.Lines))
		}
		cells = cells[:len(b.Lines)]
		for i := range cells {
			cells[i] = Null()
		}
		b.Fields[f] = cells
	}
}

// keep ends a Parse that has kept the first n of Lines, compacted.
func (b *Batch) keep(n int) {
	b.Lines = b.Lines[:n]
	for f := range b.Fields {
		b.Fields[f] = b.Fields[f][:n]
	}
}

// line is line i without the carriage return of a DOS line end.
func (b *Batch) line(i int) (text []byte, start uint32) {
	s := b.Lines[i]
	return bytes.TrimSuffix(b.Text[s.Start:s.End], []byte{'\r'}), s.Start
}
