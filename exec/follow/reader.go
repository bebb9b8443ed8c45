package follow

import (
	"bytes"
	"context"
	"io"

	"fantail/exec"
)

// Stream gives the blocks of a reader, such as standard input. It is an
// exec.Source. What is compressed with gzip or zstd is decompressed.
type Stream struct {
	opt   Options
	file  *exec.File
	g     generation // only its mark and flags are used
	in    *intake
	reads chan read // answers of the read that is under way
	asked bool      // a read is under way
	buf   []byte    // for the next read, whose it is meanwhile
	data  []byte    // read, but not delivered
	whole int       // bytes of data that are whole lines
	err   error     // what ended the input
	ended bool      // the last block was given
	notices
}

// read is what a call of Read returned.
type read struct {
	p   []byte
	err error
}

// Reader returns the Source of what r gives. Next returns when ctx is done even
// if r is silent; the Read that is under way then ends when r does, as nothing
// can be done about it.
func Reader(r io.Reader, name string, opt Options) *Stream {
	opt = opt.withDefaults()
	return &Stream{
		opt: opt, file: &exec.File{Path: name}, in: &intake{r: r},
		reads: make(chan read, 1), buf: make([]byte, opt.Block),
	}
}

var _ exec.Source = (*Stream)(nil)

// Next fills b; see exec.Source.
func (s *Stream) Next(ctx context.Context, b *exec.Block) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		if n, ok := s.pop(); ok {
			return n
		}
		if s.ended {
			return io.EOF
		}
		if n := s.due(); n > 0 || s.err != nil {
			s.give(b, n)
			return nil
		}
		s.more(ctx)
	}
}

// Close does not close the reader.
func (s *Stream) Close() error {
	if !s.asked {
		s.in.close()
	}
	s.ended = true
	return nil
}

// due is the length of the block that can be given now, or 0.
func (s *Stream) due() int {
	switch {
	case s.err != nil:
		return len(s.data)
	case s.whole > 0 && (s.opt.Live || len(s.data) >= s.opt.Block):
		return s.whole
	case s.whole == 0 && len(s.data) >= s.opt.Longest:
		s.g.cut = true
		return s.opt.Longest
	}
	return 0
}

// give moves the first n bytes into b.
func (s *Stream) give(b *exec.Block, n int) {
	g := &s.g
	if s.file.Head == nil {
		s.file.Head = header(s.data[:n])
	}
	b.File, b.Offset, b.Line = s.file, g.at.off, g.at.lines
	b.Data = append(b.Data[:0], s.data[:n]...)
	b.Arrived = exec.Block{}.Arrived
	if s.opt.Live {
		b.Arrived = s.opt.Now()
	}
	s.data = append(s.data[:0], s.data[n:]...)
	s.whole = max(s.whole-n, 0)
	g.at.add(b.Data, s.opt.CountLines)
	g.done = s.err != nil
	s.ended = g.done
	b.End = exec.Position{Path: s.file.Path, Generations: []exec.Generation{g.position()}}
	s.tell(g, s.file.Path, s.err)
}

// more waits for the reader to give something. Reading is left to a goroutine,
// for a read cannot be interrupted, and Next must be.
func (s *Stream) more(ctx context.Context) {
	if !s.asked {
		s.asked = true
		go func(in *intake, p []byte, out chan<- read) {
			n, err := in.Read(p)
			out <- read{p[:n], err}
		}(s.in, s.buf, s.reads)
	}
	select {
	case <-ctx.Done():
	case r := <-s.reads:
		s.asked = false
		if end := bytes.LastIndexByte(r.p, '\n') + 1; end > 0 {
			s.whole = len(s.data) + end // a long line is searched once, not with each read
		}
		s.data, s.err = append(s.data, r.p...), r.err
	}
}

// intake is a reader whose compression becomes known by its first bytes.
type intake struct {
	r    io.Reader
	text *packed // nil: not known yet
}

func (in *intake) Read(p []byte) (int, error) {
	if in.text == nil {
		in.open()
	}
	if in.text.r == in.r && len(in.text.pend) == 0 {
		return in.r.Read(p)
	}
	if n := copy(p, in.text.pend); n > 0 {
		in.text.pend = in.text.pend[n:]
		return n, nil
	}
	return in.text.r.Read(p)
}

// open reads until the format is decided; a live reader's first line is not kept
// waiting for more than that takes.
func (in *intake) open() {
	head, form := make([]byte, 0, 512), undecided
	var err error
	for form == undecided && err == nil {
		var n int
		n, err = in.r.Read(head[len(head):cap(head)])
		head = head[:len(head)+n]
		if len(head) > 0 {
			form = sniff(head)
		}
	}
	if form == undecided {
		form = asIs
	}
	rest := in.r
	if err != nil {
		rest = broken{err}
	}
	if form == asIs {
		in.r = rest
		in.text = decompress(rest, asIs)
		in.text.unread(head)
		return
	}
	in.text = decompress(io.MultiReader(bytes.NewReader(head), rest), form)
}

func (in *intake) close() {
	if in.text != nil {
		in.text.close()
	}
}
