package format

import "bytes"

// klog is the format of Kubernetes and of what else logs as Google does:
//
//	I1120 10:11:12.123456    4711 server.go:88] listening on :8443
type klog struct {
	found
	fields int
}

// The slots of klog, in the order of their names.
const (
	klogSeverity = iota
	klogTime
	klogThread
	klogFile
	klogMsg
)

func newKlog(fields []Field) *klog {
	return &klog{found: newFixed(fields, []string{"severity", "time", "thread", "file", "msg"}), fields: len(fields)}
}

func (p *klog) Parse(b *Batch) {
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
func (p *klog) parseLine(text []byte, at uint32) bool {
	if !isKlog(text) {
		return false
	}
	const day = len("I1120 ")
	from, end := day+bytes.IndexByte(text[day:], ' ')+1, bytes.IndexByte(text, ']')
	if from == day || end < from {
		return false
	}
	head := bytes.TrimLeft(text[from:end], " ")
	blank := bytes.IndexByte(head, ' ')
	if blank < 0 {
		return false
	}
	thread := end - len(head)
	p.set(klogSeverity, at, 0, 1)
	p.set(klogTime, at, 1, from-1)
	p.set(klogThread, at, thread, thread+blank)
	p.set(klogFile, at, thread+blank+1, end)
	msg := end + 1
	if msg < len(text) && text[msg] == ' ' {
		msg++
	}
	p.set(klogMsg, at, msg, len(text))
	return true
}

// isKlog tells whether a line begins with a letter, a month and day, and a time.
func isKlog(text []byte) bool {
	if len(text) < 15 || bytes.IndexByte([]byte("IWEFD"), text[0]) < 0 || !isDigit(text[1]) || !isDigit(text[4]) {
		return false
	}
	days, _, _ := clock(text[1:])
	return days == 4
}
