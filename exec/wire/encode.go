package wire

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"time"

	"fantail/exec"
)

// noTime is the zero time on the wire.
const noTime = math.MinInt64

// Encoder is an exec.Sink that writes frames. Like every sink it is not used
// concurrently.
type Encoder struct {
	frames frameWriter
	buf    []byte // the frame being built, its body behind room
	lists  int    // elements in the lists of that frame so far
}

// NewEncoder gives an encoder whose stream opens with its first frame.
func NewEncoder(w io.Writer) *Encoder {
	return &Encoder{frames: frameWriter{w: w}}
}

// Rows writes a rows frame.
func (e *Encoder) Rows(r *exec.Rows) error {
	e.begin()
	e.progress(&r.Progress)
	e.text(r.Path)
	e.int(int64(r.N))
	e.bytes(r.Data)
	e.list(len(r.Info))
	for _, i := range r.Info {
		e.number(i.Line)
		e.number(i.Offset)
		e.flags(i.Context, i.Break)
	}
	return e.send(kindRows)
}

// Partial writes a partial frame.
func (e *Encoder) Partial(p *exec.Partial) error {
	e.begin()
	e.progress(&p.Progress)
	if err := e.time("window", p.Window); err != nil {
		return err
	}
	if err := e.time("passed", p.Passed); err != nil {
		return err
	}
	e.list(len(p.Groups))
	for _, g := range p.Groups {
		e.bytes(g.Key)
		e.list(len(g.States))
		for _, s := range g.States {
			e.bytes(s)
		}
	}
	return e.send(kindPartial)
}

// Notice writes a notice frame.
func (e *Encoder) Notice(n exec.Notice) error {
	b, err := json.Marshal(n)
	if err != nil {
		return fmt.Errorf("encode notice: %w", err)
	}
	e.begin()
	e.buf = append(e.buf, b...)
	return e.send(kindNotice)
}

// End writes the end frame: the run is complete, or err ended it. It is the last
// call.
func (e *Encoder) End(err error) error {
	e.begin()
	if err != nil {
		e.text(cmp.Or(err.Error(), "failed without saying why"))
	} else {
		e.text("")
	}
	return e.send(kindEnd)
}

func (e *Encoder) begin() {
	e.buf = append(keep(e.buf)[:0], make([]byte, room)...)
	e.lists = 0
}

func (e *Encoder) send(kind byte) error {
	if e.lists > MaxElements {
		return fmt.Errorf("a frame of %d elements is over the limit of %d", e.lists, MaxElements)
	}
	return e.frames.write(kind, e.buf)
}

func (e *Encoder) progress(p *exec.Progress) {
	e.number(p.Lines)
	e.number(p.Bytes)
	e.number(p.Malformed)
	e.list(len(p.Ends))
	for _, end := range p.Ends {
		e.text(end.Path)
		e.bytes(end.State)
		e.list(len(end.Generations))
		for i := range end.Generations {
			e.generation(&end.Generations[i])
		}
	}
}

func (e *Encoder) generation(g *exec.Generation) {
	e.word(g.Dev)
	e.word(g.Ino)
	e.word(g.Head)
	e.number(g.HeadLen)
	e.word(g.Tail)
	e.number(g.TailLen)
	e.number(g.Offset)
	e.number(g.Lines)
	e.flags(g.Done)
}

func (e *Encoder) word(n uint64)  { e.buf = binary.AppendUvarint(e.buf, n) }
func (e *Encoder) number(n int64) { e.word(uint64(n)) }
func (e *Encoder) int(n int64)    { e.buf = binary.AppendVarint(e.buf, n) }
func (e *Encoder) text(s string)  { e.buf = append(binary.AppendUvarint(e.buf, uint64(len(s))), s...) }
func (e *Encoder) bytes(b []byte) { e.buf = append(binary.AppendUvarint(e.buf, uint64(len(b))), b...) }

func (e *Encoder) list(n int) {
	e.number(int64(n))
	e.lists += n
}

// flags writes one byte, the first flag in its lowest bit.
func (e *Encoder) flags(set ...bool) {
	var b byte
	for i, on := range set {
		if on {
			b |= 1 << i
		}
	}
	e.buf = append(e.buf, b)
}

// time fails beyond the years 1678 to 2261, which nanoseconds cannot count.
func (e *Encoder) time(what string, t time.Time) error {
	n := int64(noTime)
	if !t.IsZero() {
		n = t.UnixNano()
		if n == noTime || !time.Unix(0, n).Equal(t) {
			return fmt.Errorf("encode %s: the time %v is out of range", what, t)
		}
	}
	e.int(n)
	return nil
}
