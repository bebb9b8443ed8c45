package format

import "bytes"

// access is the log of a web server, in the common format or the combined one,
// which has the referer and the user agent as well. What stands behind are extra
// fields. A dash is a value that is not there.
type access struct {
	found
	fields   int
	quoted   int  // how many quoted fields belong to the format
	request  bool // a part of the request is wanted
	extras   int  // of those behind, how many may be wanted
	b        *Batch
	text     []byte
	at       uint32
	position int // in text
}

// The slots of an access log; extra1 is accessExtra.
const (
	accessAddr = iota
	accessIdent
	accessUser
	accessTime
	accessRequest
	accessMethod
	accessPath
	accessQuery
	accessProtocol
	accessStatus
	accessBytes
	accessReferer
	accessAgent
	accessExtra
)

func accessNames() []string {
	return []string{"remote_addr", "ident", "user", "time_local", "request", "method", "path", "query", "protocol", "status", "bytes",
		"referer", "user_agent"}
}

func newAccess(fields []Field, combined bool) *access {
	p := &access{fields: len(fields)}
	names := accessNames()
	if !combined {
		names = names[:accessReferer]
	}
	fixed := among(names)
	p.found = newFound(fields, func(name string) int {
		if n := extraNumber(name); n > 0 {
			return accessExtra + n - 1
		}
		return fixed(name)
	})
	for len(p.spans) < accessExtra {
		p.spans = append(p.spans, Null())
	}
	if combined {
		p.quoted = 2
	}
	p.extras = len(p.spans) - accessExtra
	for slot := accessMethod; slot <= accessProtocol; slot++ {
		p.request = p.request || p.wants(slot)
	}
	return p
}

// maxExtra is the greatest number of an extra field.
const maxExtra = 99

// extraNumber is the number of a field extra1, extra2, ...; 0: it is none.
func extraNumber(name string) int {
	digits, ok := bytes.CutPrefix([]byte(name), []byte("extra"))
	n := 0
	for _, c := range digits {
		if !isDigit(c) || n == 0 && c == '0' || n > maxExtra {
			return 0
		}
		n = 10*n + int(c-'0')
	}
	if !ok || n > maxExtra {
		return 0
	}
	return n
}

func (p *access) Parse(b *Batch) {
	b.reset(p.fields)
	p.b = b
	for i := range b.Lines {
		p.text, p.at = b.line(i)
		p.position = 0
		p.clear()
		if !p.line() {
			b.Malformed++
		}
		p.store(b, i)
	}
	p.b, p.text = nil, nil
}

// line finds the fields of the current line, and tells whether all that the
// format prescribes are there.
func (p *access) line() bool {
	if !p.word(accessAddr) || !p.word(accessIdent) || !p.user() || !p.bracketed(accessTime) || !p.quotedText(accessRequest) {
		return false
	}
	if p.request {
		p.splitRequest()
	}
	ok := p.word(accessStatus) && isStatus(p.text, p.at, p.spans[accessStatus]) && p.word(accessBytes)
	for n := 0; ok && n < p.quoted; n++ {
		ok = p.quotedText(accessReferer + n)
	}
	for n := 0; ok && n < p.extras && p.position < len(p.text); n++ {
		p.any(accessExtra + n)
	}
	return ok
}

// isStatus tells whether a status is three digits, or a dash.
func isStatus(text []byte, at uint32, s Span) bool {
	if s.IsNull() {
		return true
	}
	c := text[s.Start-at : s.End-at]
	return len(c) == 3 && isDigit(c[0]) && isDigit(c[1]) && isDigit(c[2])
}

// Each of the following takes the next field, and the blank behind it.

// word takes what reaches to the next blank.
func (p *access) word(slot int) bool {
	from := p.position
	end := len(p.text)
	if n := bytes.IndexByte(p.text[from:], ' '); n >= 0 {
		end = from + n
	}
	if end == from {
		return false
	}
	p.take(slot, from, end, end)
	return true
}

// user takes what reaches to the time: a user's name may have blanks.
func (p *access) user() bool {
	from := p.position
	n := bytes.Index(p.text[from:], []byte(" ["))
	if n < 0 {
		return false
	}
	p.take(accessUser, from, from+n, from+n)
	return n > 0
}

func (p *access) bracketed(slot int) bool {
	from := p.position + 1
	if from > len(p.text) || p.text[from-1] != '[' {
		return false
	}
	n := bytes.IndexByte(p.text[from:], ']')
	if n < 0 {
		return false
	}
	p.take(slot, from, from+n, from+n+1)
	return true
}

func (p *access) quotedText(slot int) bool {
	from := p.position + 1
	if from > len(p.text) || p.text[from-1] != '"' {
		return false
	}
	end, escaped := endOfString(p.text, from)
	if end < 0 {
		return false
	}
	p.take(slot, from, end, end+1)
	if escaped {
		start := len(p.b.Text)
		p.b.Text = unescapeAccess(p.b.Text, p.text[from:end])
		p.spans[slot] = Span{uint32(start), uint32(len(p.b.Text))}
	}
	return true
}

// any takes a field of any of these kinds.
func (p *access) any(slot int) {
	if !p.quotedText(slot) && !p.bracketed(slot) {
		p.word(slot)
	}
}

// take takes the bytes from..end as a slot's value, and goes on behind next and
// the blank that follows.
func (p *access) take(slot, from, end, next int) {
	if end-from != 1 || p.text[from] != '-' {
		p.spans[slot] = Span{p.at + uint32(from), p.at + uint32(end)}
	}
	if p.position = next; next < len(p.text) && p.text[next] == ' ' {
		p.position++
	}
}

// splitRequest finds the parts of "METHOD path?query PROTOCOL". Of a request that
// is not made so there are none.
func (p *access) splitRequest() {
	s := p.spans[accessRequest]
	if s.IsNull() {
		return
	}
	text := p.b.Text[s.Start:s.End]
	first, last := bytes.IndexByte(text, ' '), bytes.LastIndexByte(text, ' ')
	if first <= 0 || last <= first+1 || last+1 == len(text) {
		return
	}
	target := text[first+1 : last]
	end := uint32(len(target))
	at := s.Start + uint32(first) + 1
	if n := bytes.IndexByte(target, '?'); n >= 0 {
		end = uint32(n)
		p.spans[accessQuery] = Span{at + end + 1, s.Start + uint32(last)}
	}
	p.spans[accessMethod] = Span{s.Start, at - 1}
	p.spans[accessPath] = Span{at, at + end}
	p.spans[accessProtocol] = Span{s.Start + uint32(last) + 1, s.End}
}

// unescapeAccess appends what s stands for between quotes, as httpd and nginx
// write it: \xHH for a byte, and else C's escapes.
func unescapeAccess(dst, s []byte) []byte {
	for {
		i := bytes.IndexByte(s, '\\')
		if i < 0 || i+1 == len(s) {
			return append(dst, s...)
		}
		dst = append(dst, s[:i]...)
		s = s[i:]
		if c, ok := hexEscape(s); ok {
			dst, s = append(dst, c), s[4:]
			continue
		}
		if c := escapedByte(s[1]); c != 0 {
			dst = append(dst, c)
		} else {
			dst = append(dst, s[:2]...)
		}
		s = s[2:]
	}
}

// hexEscape is the byte that s begins with as \xHH.
func hexEscape(s []byte) (c byte, ok bool) {
	if len(s) < 4 || s[1] != 'x' {
		return 0, false
	}
	high, ok := hexDigit(s[2])
	low, ok2 := hexDigit(s[3])
	return high<<4 | low, ok && ok2
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case isDigit(c):
		return c - '0', true
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10, true
	}
	return 0, false
}
