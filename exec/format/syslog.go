package format

import (
	"bytes"
	"strings"
)

// syslog is RFC 5424, RFC 3164, and what daemons write into files, which is the
// latter without the priority, with either kind of time:
//
//	<165>1 2026-11-20T10:11:12.003Z host app 811 ID47 [id name="value"] message
//	<34>Nov 20 10:11:12 host app[811]: message
//	Nov 20 10:11:12 host app[811]: message
//	2026-11-20T10:11:12.003+00:00 host app: message
//
// The facility and the severity of a priority are given by their names.
type syslog struct {
	found
	fields int
	sd     []sdField
	names  uint32 // where syslogNames begins in the batch's Text
}

// sdField is a parameter of structured data.
type sdField struct {
	path string // ID.NAME
	slot int
}

// The slots of syslog, in the order of their names; sd.ID.NAME are behind them.
const (
	syslogTime = iota
	syslogFacility
	syslogSeverity
	syslogHost
	syslogApp
	syslogProcid
	syslogMsgid
	syslogMsg
	syslogSD
)

// syslogNames are the names of the severities and facilities, 8 bytes each.
const syslogNames = "emerg   alert   crit    err     warning notice  info    debug   " +
	"kern    user    mail    daemon  auth    syslog  lpr     news    " +
	"uucp    cron    authprivftp     ntp     audit   alert   clock   " +
	"local0  local1  local2  local3  local4  local5  local6  local7  "

func newSyslog(fields []Field) *syslog {
	p := &syslog{fields: len(fields)}
	fixed := among([]string{"time", "facility", "severity", "host", "app", "procid", "msgid", "msg"})
	sd := slots{}
	p.found = newFound(fields, func(name string) int {
		if path, ok := strings.CutPrefix(name, "sd."); ok {
			return syslogSD + sd.of(path)
		}
		return fixed(name)
	})
	for len(p.spans) < syslogSD {
		p.spans = append(p.spans, Null())
	}
	for path, n := range sd {
		p.sd = append(p.sd, sdField{path, syslogSD + n})
	}
	return p
}

func (p *syslog) Parse(b *Batch) {
	b.reset(p.fields)
	p.names = uint32(len(b.Text))
	b.Text = append(b.Text, syslogNames...)
	for i := range b.Lines {
		text, at := b.line(i)
		p.clear()
		if !p.parseLine(b, text, at) {
			b.Malformed++
		}
		p.store(b, i)
	}
}

// parseLine finds the fields of a line, and tells whether it is one of syslog.
func (p *syslog) parseLine(b *Batch, text []byte, at uint32) bool {
	rest := text
	if pri, n := priority(text); n > 0 {
		p.name(syslogSeverity, pri%8)
		p.name(syslogFacility, 8+pri/8)
		rest = text[n:]
		if bytes.HasPrefix(rest, []byte("1 ")) {
			return p.modern(b, rest[2:], at+uint32(n)+2)
		}
	}
	return p.classic(rest, at+uint32(len(text)-len(rest)))
}

// name sets a slot to a name of the table.
func (p *syslog) name(slot, n int) {
	at := p.names + uint32(8*n)
	length := len("authpriv")
	if i := strings.IndexByte(syslogNames[8*n:8*n+8], ' '); i >= 0 {
		length = i
	}
	p.spans[slot] = Span{at, at + uint32(length)}
}

// priority reads <N> and gives how many bytes that takes; 0: there is none.
func priority(text []byte) (pri, n int) {
	if len(text) < 3 || text[0] != '<' {
		return 0, 0
	}
	for n = 1; n < len(text) && n < 4 && isDigit(text[n]); n++ {
		pri = 10*pri + int(text[n]-'0')
	}
	if n == 1 || n == len(text) || text[n] != '>' || pri > 191 {
		return 0, 0
	}
	return pri, n + 1
}

// modern reads the rest of a line of RFC 5424.
func (p *syslog) modern(b *Batch, text []byte, at uint32) bool {
	i := 0
	for _, slot := range [...]int{syslogTime, syslogHost, syslogApp, syslogProcid, syslogMsgid} {
		n := bytes.IndexByte(text[i:], ' ')
		if n <= 0 {
			return false
		}
		if n > 1 || text[i] != '-' {
			p.set(slot, at, i, i+n)
		}
		i += n + 1
	}
	if i < len(text) && text[i] == '-' {
		i++
	} else if i = p.structuredData(b, text, at, i); i < 0 {
		return false
	}
	switch {
	case i == len(text):
		return true
	case text[i] != ' ':
		return false
	}
	i++
	if bytes.HasPrefix(text[i:], []byte("\ufeff")) {
		i += len("\ufeff")
	}
	p.set(syslogMsg, at, i, len(text))
	return true
}

// structuredData reads one or more [ID NAME="VALUE" ...] from byte i on, and gives
// where they end; -1: they do not.
func (p *syslog) structuredData(b *Batch, text []byte, at uint32, i int) int {
	if i == len(text) || text[i] != '[' {
		return -1
	}
	for i < len(text) && text[i] == '[' {
		from := i + 1
		for i = from; i < len(text) && text[i] != ' ' && text[i] != ']'; {
			i++
		}
		id := text[from:i]
		for i < len(text) && text[i] == ' ' {
			equals := bytes.Index(text[i:], []byte(`="`))
			if equals < 0 {
				return -1
			}
			name := text[i+1 : i+equals]
			start := i + equals + 2
			end, escaped := endOfString(text, start)
			if end < 0 {
				return -1
			}
			p.parameter(b, id, name, text[start:end], at+uint32(start), escaped)
			i = end + 1
		}
		if i == len(text) || text[i] != ']' {
			return -1
		}
		i++
	}
	return i
}

// parameter takes a parameter if it is wanted; its value begins at byte at.
func (p *syslog) parameter(b *Batch, id, name, value []byte, at uint32, escaped bool) {
	for _, f := range p.sd {
		n := len(id)
		if len(f.path) != n+1+len(name) || f.path[:n] != string(id) || f.path[n] != '.' || f.path[n+1:] != string(name) ||
			!p.spans[f.slot].IsNull() {
			continue
		}
		if !escaped {
			p.spans[f.slot] = Span{at, at + uint32(len(value))}
			continue
		}
		start := len(b.Text)
		b.Text = unescapeSD(b.Text, value)
		p.spans[f.slot] = Span{uint32(start), uint32(len(b.Text))}
	}
}

// unescapeSD appends a parameter's value: a backslash escapes a quote, a
// backslash and a bracket, and stands for itself before anything else.
func unescapeSD(dst, s []byte) []byte {
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\' || s[i+1] == ']') {
			i++
		}
		dst = append(dst, s[i])
	}
	return dst
}

// classic reads a line of RFC 3164 from its time on.
func (p *syslog) classic(text []byte, at uint32) bool {
	end := classicTime(text)
	if end < 0 || end == len(text) || text[end] != ' ' {
		return false
	}
	p.set(syslogTime, at, 0, end)
	i := end + 1
	n := bytes.IndexByte(text[i:], ' ')
	if n <= 0 {
		return false
	}
	p.set(syslogHost, at, i, i+n)
	p.tag(text, at, i+n+1)
	return true
}

// classicTime is where the time ends that a line begins with, or -1.
func classicTime(text []byte) int {
	switch days, _, _ := clock(text); days {
	case 6:
		if c := text[0]; 'A' <= c && c <= 'Z' {
			return len("Nov 20 10:11:12")
		}
	case 10:
		if text[10] == 'T' {
			return bytes.IndexByte(text, ' ')
		}
	}
	return -1
}

// tag reads app[procid]: and the message behind it. With a process in brackets the
// colon may come later, and without both there is only a message.
func (p *syslog) tag(text []byte, at uint32, i int) {
	end, process := appName(text, i)
	after := end
	if process {
		after += bytes.IndexByte(text[end:], ']') + 1
	}
	colon := after < len(text) && text[after] == ':'
	if end == i || !colon && !process {
		p.set(syslogMsg, at, i, len(text))
		return
	}
	p.set(syslogApp, at, i, end)
	if process {
		p.set(syslogProcid, at, end+1, after-1)
	}
	if colon {
		after++
	}
	if after < len(text) && text[after] == ' ' {
		after++
	}
	p.set(syslogMsg, at, after, len(text))
}

// maxApp is how long a name with blanks may be.
const maxApp = 48

// appName is where the name ends that begins at byte i, and whether a process in
// brackets follows. The name has no blanks, but on a Mac, where there are
// programs such as Microsoft Word[811]: those have a process and a colon.
func appName(text []byte, i int) (end int, process bool) {
	end = i
	for end < len(text) && text[end] != ' ' && text[end] != ':' && text[end] != '[' {
		end++
	}
	if end < len(text) && text[end] == '[' {
		return end, bytes.IndexByte(text[end:], ']') > 0
	}
	if end == len(text) || text[end] == ':' || end == i || isDigit(text[i]) {
		return end, false
	}
	near := text[i:min(len(text), i+maxApp)]
	n := bytes.IndexAny(near, ":[")
	if n < 0 || near[n] != '[' {
		return end, false
	}
	digits := i + n + 1
	for digits < len(text) && isDigit(text[digits]) {
		digits++
	}
	if digits > i+n+1 && bytes.HasPrefix(text[digits:], []byte("]:")) {
		return i + n, true
	}
	return end, false
}
