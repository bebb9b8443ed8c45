package client

import (
	"bytes"
	"io"
	"strconv"
	"strings"

	"fantail/exec"
)

// LineOutput shows lines, as grep and cat do.
type LineOutput struct {
	W       io.Writer
	Host    bool // host: in front of each line
	Path    bool // path: in front of each line
	Number  bool // the line's number, from 1, in front of each line
	Offset  bool // the line's byte offset in front of each line
	Groups  bool // -- between lines that are not neighbours in their file
	Color   bool // colours, and a bar behind the host's name
	Nothing bool // show nothing
	Glue    bool // as cat does: a host's next file goes on in the line that the one before has left open

	buf   []byte
	begun bool   // a line has been shown
	open  string // whose last line has no newline yet: host and path; "": none has
}

// The colours, as grep has them: ECMA-48 SGR sequences.
const (
	colorHost   = "\x1b[36m"
	colorPath   = "\x1b[35m"
	colorNumber = "\x1b[32m"
	colorMark   = "\x1b[34m"
	colorOff    = "\x1b[0m"
)

// Lines writes the lines of a frame with one call of Write.
func (o *LineOutput) Lines(host string, r *exec.Rows) error {
	if o.Nothing {
		return nil
	}
	data := r.Data
	if !o.plain() || !o.goesOn(host, r.Path) {
		data = o.format(host, r)
	}
	o.begun = true
	o.open = ""
	if n := len(r.Data); n > 0 && r.Data[n-1] != '\n' {
		o.open = host + "\x00" + r.Path
	}
	_, err := o.W.Write(data)
	return err
}

// plain tells whether the bytes of the lines are all that is shown.
func (o *LineOutput) plain() bool {
	return !o.Host && !o.Path && !o.Number && !o.Offset && !o.Groups && !o.Color
}

// goesOn tells whether lines of a file can stand right behind what was shown.
func (o *LineOutput) goesOn(host, path string) bool {
	return o.open == "" || o.open == host+"\x00"+path || o.Glue && strings.HasPrefix(o.open, host+"\x00")
}

func (o *LineOutput) format(host string, r *exec.Rows) []byte {
	b := o.buf[:0]
	continued := o.open == host+"\x00"+r.Path
	if o.open != "" && !continued {
		b = append(b, '\n')
	}
	i := 0
	for line := range bytes.Lines(r.Data) {
		var info exec.RowInfo
		if i < len(r.Info) {
			info = r.Info[i]
		}
		if o.Groups && info.Break && (o.begun || i > 0) {
			b = o.paint(b, colorMark, "--")
			b = append(b, '\n')
		}
		if !continued {
			b = o.prefix(b, host, r.Path, info)
		}
		continued = false
		b = append(b, line...)
		i++
	}
	o.buf = b
	return b
}

// prefix appends what stands in front of a line.
func (o *LineOutput) prefix(b []byte, host, path string, info exec.RowInfo) []byte {
	mark := ":"
	if info.Context {
		mark = "-"
	}
	if o.Host && host != "" {
		b = o.paint(b, colorHost, host)
		if o.Color {
			b = append(b, "│"...)
		} else {
			b = append(b, mark...)
		}
	}
	if o.Path {
		b = o.paint(b, colorPath, path)
		b = o.paint(b, colorMark, mark)
	}
	if o.Number {
		b = o.paint(b, colorNumber, strconv.FormatInt(info.Line, 10))
		b = o.paint(b, colorMark, mark)
	}
	if o.Offset {
		b = o.paint(b, colorNumber, strconv.FormatInt(info.Offset, 10))
		b = o.paint(b, colorMark, mark)
	}
	return b
}

func (o *LineOutput) paint(b []byte, color, text string) []byte {
	if !o.Color {
		return append(b, text...)
	}
	b = append(b, color...)
	b = append(b, text...)
	return append(b, colorOff...)
}

// Table is not for lines.
func (o *LineOutput) Table(*Table) error { panic("BUG: a table of lines") }
