package format

import "bytes"

// cri is what container runtimes write for Kubernetes, as of its Container
// Runtime Interface:
//
//	2026-11-20T10:11:12.123456789Z stdout F the message
type cri struct {
	found
	fields int
}

// The slots of cri, in the order of their names.
const (
	criTime = iota
	criStream
	criFlag
	criMsg
)

func newCRI(fields []Field) *cri {
	return &cri{found: newFixed(fields, []string{"time", "stream", "flag", "msg"}), fields: len(fields)}
}

func (p *cri) Parse(b *Batch) {
	b.reset(p.fields)
	for i := range b.Lines {
		text, at := b.line(i)
		p.clear()
		if !p.parseLine(text, at) {
			b.Malformed++
			continue
		}
		p.store(b, i)
	}
}

// parseLine finds the fields of a line, and tells whether they are all there.
func (p *cri) parseLine(text []byte, at uint32) bool {
	blank := bytes.IndexByte(text, ' ')
	if blank < len("2026-11-20T10:11:12Z") {
		return false
	}
	if days, _, _ := clock(text[:blank]); days != 10 || text[10] != 'T' {
		return false
	}
	from := blank + 1
	stream := text[from:]
	if !bytes.HasPrefix(stream, []byte("stdout ")) && !bytes.HasPrefix(stream, []byte("stderr ")) {
		return false
	}
	flag := from + len("stdout ")
	if flag == len(text) || text[flag] != 'P' && text[flag] != 'F' {
		return false
	}
	end := len(text) // the flag may have more tags behind it, with colons
	if n := bytes.IndexByte(text[flag:], ' '); n >= 0 {
		end = flag + n
	}
	p.set(criTime, at, 0, blank)
	p.set(criStream, at, from, flag-1)
	p.set(criFlag, at, flag, end)
	p.set(criMsg, at, min(end+1, len(text)), len(text))
	return true
}
