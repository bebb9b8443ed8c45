package format

import (
	"bytes"
	"slices"
	"strings"
)

// How many of a file's first lines decide what its format is.
const detectLines = 20

// Detect tells in which format a file is that begins with head: generic if in
// none that is known here. A line that can only be of one format decides, so
// that a file which grows keeps its format; without such a line, most of them
// must look alike.
func Detect(head []byte) string {
	return detect(firstLines(head))
}

func detect(lines [][]byte) string {
	for _, line := range lines {
		if name := telling(line); name != "" {
			return name
		}
	}
	switch {
	case isTable(lines, '\t'):
		return "tsv"
	case isTable(lines, ','):
		return "csv"
	case most(lines, isBarred):
		return "generickv"
	case most(lines, isLogfmt):
		return "logfmt"
	}
	return "generic"
}

// firstLines are the first lines of head that are not blank.
func firstLines(head []byte) [][]byte {
	var lines [][]byte
	head = bytes.TrimPrefix(head, []byte("\ufeff"))
	for len(head) > 0 && len(lines) < detectLines {
		var line []byte
		line, head, _ = bytes.Cut(head, []byte{'\n'})
		if line = bytes.TrimSuffix(line, []byte{'\r'}); len(bytes.TrimSpace(line)) > 0 {
			lines = append(lines, line)
		}
	}
	return lines
}

// telling gives the only format that a line can be of, or "".
func telling(line []byte) string {
	for _, name := range []string{"docker", "json", "cri", "klog", "combined", "common", "syslog"} {
		if matches(name, line) && (name != "syslog" || isSyslog(line)) {
			return name
		}
	}
	if n := bytes.Count(line, []byte{'|'}); n >= headParts && bytes.Contains(line, []byte("|"+tableLabel)) {
		return "default"
	}
	return ""
}

// matches tells whether a line has all that a format prescribes.
func matches(name string, line []byte) bool {
	var fields []Field
	if name == "docker" {
		fields = []Field{{Name: "time"}, {Name: "stream"}, {Name: "msg"}}
	}
	p, err := New(Spec{Name: name}, fields, nil)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	b := Batch{Text: slices.Clone(line), Lines: []Span{{0, uint32(len(line))}}}
	p.Parse(&b)
	for _, cells := range b.Fields {
		if cells[0].IsNull() {
			return false
		}
	}
	return b.Malformed == 0
}

// isSyslog tells syslog from the many logs whose lines begin with an ISO 8601 time
// and a level, which would be taken for the host.
func isSyslog(line []byte) bool {
	b := Batch{Text: slices.Clone(line), Lines: []Span{{0, uint32(len(line))}}}
	newSyslog([]Field{{Name: "host"}, {Name: "app"}}).Parse(&b)
	host, app := b.Fields[0][0], b.Fields[1][0]
	if line[0] == '<' || !isDigit(line[0]) {
		return true
	}
	name := string(bytes.ToLower(b.Text[host.Start:host.End]))
	switch strings.Trim(name, "[]:") {
	case "trace", "debug", "info", "notice", "warn", "warning", "error", "err", "fatal", "critical", "crit", "panic":
		return false
	}
	return !app.IsNull() && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789.-_:") == ""
}

// most tells whether three of four lines are so.
func most(lines [][]byte, is func([]byte) bool) bool {
	n := 0
	for _, line := range lines {
		if is(line) {
			n++
		}
	}
	return n > 0 && 4*n >= 3*len(lines)
}

// isTable tells whether the first line names columns, and the others have as many.
func isTable(lines [][]byte, comma byte) bool {
	if len(lines) < 2 {
		return false
	}
	p := newCSV(nil, lines[0], comma)
	if p.columns < 2 || !isHeader(p, lines[0]) {
		return false
	}
	return most(lines[1:], func(line []byte) bool {
		n := 1
		for _, rest, more := p.cut(line); more; _, rest, more = p.cut(rest) {
			n++
		}
		return n == p.columns
	})
}

// isHeader tells whether every cell is a name, and no two are the same.
func isHeader(p *csv, line []byte) bool {
	seen := map[string]bool{}
	for more := true; more; {
		var cell []byte
		cell, line, more = p.cut(line)
		name := p.title(cell)
		if name == "" || isDigit(name[0]) || name[0] == ' ' || seen[name] {
			return false
		}
		seen[name] = true
	}
	return true
}

// isBarred tells whether a line is key=value tokens between bars.
func isBarred(line []byte) bool {
	n := 0
	for token := range bytes.SplitSeq(line, []byte{'|'}) {
		if i := bytes.IndexByte(token, '='); i <= 0 || bytes.IndexByte(token[:i], ' ') >= 0 {
			return false
		}
		n++
	}
	return n > 1
}

// isLogfmt tells whether a line is logfmt, and hardly a sentence that has an
// equals sign in it: it begins with a key and a value, and has another.
func isLogfmt(line []byte) bool {
	equals := endOfToken(line, 0)
	if equals == 0 || equals == len(line) || line[equals] != '=' {
		return false
	}
	pairs := 0
	for i := 0; i < len(line); i = skipBlanks(line, i) {
		end := endOfToken(line, i)
		if end == len(line) || line[end] != '=' {
			i = end
			continue
		}
		pairs++
		if i = end + 1; i < len(line) && line[i] == '"' {
			if i, _ = endOfString(line, i+1); i < 0 {
				return false
			}
			i++
		} else {
			for i < len(line) && line[i] > ' ' {
				i++
			}
		}
	}
	return pairs > 1
}
