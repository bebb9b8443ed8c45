package wire

import (
	"bufio"
	"encoding/json"
	"fmt"

	"fantail/exec"
)

// Decode gives the sink what a run yields on the other side, until the run ends.
//
// It returns nil when the run was complete, a *RunError when it failed over
// there, an error that is io.ErrUnexpectedEOF (errors.Is) when the stream was
// cut, a *VersionError, and the sink's errors as they are. A frame reaches the
// sink whole or not at all.
func Decode(r *bufio.Reader, sink exec.Sink) error {
	d := decoder{frames: frameReader{r: r}, sink: sink}
	if err := d.frames.open(); err != nil {
		return err
	}
	for {
		if end, err := d.frame(); end || err != nil {
			return err
		}
	}
}

// decoder holds what one frame needs, for the next to use again.
type decoder struct {
	frames  frameReader
	sink    exec.Sink
	rows    exec.Rows
	partial exec.Partial
	info    []exec.RowInfo
	groups  []exec.Group
	states  [][]byte // of all groups, one after the other
	ends    []exec.Position
}

// frame reads one frame, and tells whether it was the last.
func (d *decoder) frame() (end bool, err error) {
	kind, b, err := d.frames.next()
	if err != nil {
		return false, err
	}
	switch kind {
	case kindRows:
		return false, d.doRows(&body{b: b})
	case kindPartial:
		return false, d.doPartial(&body{b: b})
	case kindNotice:
		return false, d.doNotice(b)
	case kindEnd:
		return true, doEnd(&body{b: b})
	}
	return false, fmt.Errorf("a frame of the unknown kind %d", kind)
}

func (d *decoder) doRows(p *body) error {
	r := &d.rows
	d.progress(p, &r.Progress)
	r.Path = p.text(r.Path)
	n := p.int()
	r.Data = p.bytes()
	r.Info = d.infos(p)
	if n < exec.Uncounted || n > int64(len(r.Data)) {
		p.fail(fmt.Errorf("%d rows in %d bytes", n, len(r.Data)))
	}
	if r.N = int(n); r.Info != nil && len(r.Info) != r.N {
		p.fail(fmt.Errorf("info about %d of %d rows", len(r.Info), r.N))
	}
	if err := p.end(); err != nil {
		return fmt.Errorf("decode rows: %w", err)
	}
	return d.sink.Rows(r)
}

func (d *decoder) infos(p *body) []exec.RowInfo {
	n := p.list(3)
	if n == 0 {
		return nil
	}
	d.info = resize(d.info, n)
	for i := range d.info {
		line, offset, flags := p.number(), p.number(), p.flags(3)
		d.info[i] = exec.RowInfo{Line: line, Offset: offset, Context: flags&1 != 0, Break: flags&2 != 0}
	}
	return d.info
}

func (d *decoder) doPartial(p *body) error {
	r := &d.partial
	d.progress(p, &r.Progress)
	r.Window = p.time()
	r.Passed = p.time()
	d.groups, d.states = resize(d.groups, p.list(2)), d.states[:0]
	for i := range d.groups {
		d.groups[i].Key = p.bytes()
		d.groups[i].States = d.groupStates(p)
	}
	r.Groups = d.groups
	if err := p.end(); err != nil {
		return fmt.Errorf("decode partial: %w", err)
	}
	return d.sink.Partial(r)
}

// groupStates gives a piece of d.states, which may grow: pieces given before
// then stay in the old array.
func (d *decoder) groupStates(p *body) [][]byte {
	start := len(d.states)
	for range p.list(1) {
		d.states = append(d.states, p.bytes())
	}
	return d.states[start:len(d.states):len(d.states)]
}

func (d *decoder) doNotice(b []byte) error {
	var n exec.Notice
	if err := json.Unmarshal(b, &n); err != nil {
		return fmt.Errorf("decode notice: %w", err)
	}
	return d.sink.Notice(n)
}

func doEnd(p *body) error {
	text := p.text("")
	if err := p.end(); err != nil {
		return fmt.Errorf("decode end: %w", err)
	}
	if text != "" {
		return &RunError{Text: text}
	}
	return nil
}

func (d *decoder) progress(p *body, to *exec.Progress) {
	to.Lines, to.Bytes, to.Malformed = p.number(), p.number(), p.number()
	d.ends = resize(d.ends, p.list(3))
	for i := range d.ends {
		end := &d.ends[i]
		end.Path = p.text(end.Path)
		end.State = p.bytes()
		end.Generations = resize(end.Generations, p.list(9))
		for j := range end.Generations {
			end.Generations[j] = p.generation()
		}
	}
	to.Ends = d.ends
}

func (p *body) generation() exec.Generation {
	return exec.Generation{
		Dev: p.word(), Ino: p.word(),
		Head: p.word(), HeadLen: p.number(),
		Tail: p.word(), TailLen: p.number(),
		Offset: p.number(), Lines: p.number(), Done: p.flags(1) != 0,
	}
}
