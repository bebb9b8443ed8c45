package follow

import (
	"bytes"
	"io"
	"io/fs"
	"math"
	"os"
	"syscall"
	"time"

	"fantail/exec"
)

// generation is one open file in the life of a log, and how far it was read.
type generation struct {
	name     string // path it was opened by
	f        *os.File
	dev, ino uint64
	size     int64    // bytes in the file when it was opened
	packing  format   // asIs: plain, and may grow
	text     contents // what is after at
	at       mark     // delivered up to here
	limit    int64    // uncompressed bytes that may be read for now
	cut      bool     // a line came in pieces
	told     bool     // and the user knows
	done     bool     // nothing more will be read
	live     life     // used while following only
}

// life is what following knows of a generation.
type life struct {
	watch int32     // inotify watch; 0 none
	work  bool      // there may be something before limit
	last  bool      // nobody appends any more: a line without newline is one too
	mtime time.Time // of the file, when its limit was measured
	quiet time.Time // since when it has not grown, nor been replaced
}

// open opens path at its beginning, up to its size of now.
func open(op Opener, path string) (*generation, error) {
	f, err := op.Open(path)
	if err != nil {
		return nil, err
	}
	g := &generation{name: path, f: f}
	if err := g.inspect(); err != nil {
		f.Close()
		return nil, err
	}
	return g, nil
}

func (g *generation) inspect() error {
	st, err := g.f.Stat()
	if err != nil {
		return err
	}
	g.dev, g.ino = identity(st)
	g.size = st.Size()
	var magic [4]byte
	n, err := g.f.ReadAt(magic[:], 0)
	if err != nil && err != io.EOF {
		return err
	}
	if g.packing = sniff(magic[:n]); g.packing == undecided {
		g.packing = asIs
	}
	g.rewind()
	return nil
}

func identity(st fs.FileInfo) (dev, ino uint64) {
	if s, ok := st.Sys().(*syscall.Stat_t); ok {
		return uint64(s.Dev), s.Ino
	}
	return 0, 0
}

func (g *generation) sameFile(h *generation) bool { return g.dev == h.dev && g.ino == h.ino }

// rewind goes back to the beginning.
func (g *generation) rewind() {
	if g.text != nil {
		g.text.close()
	}
	g.text, g.at, g.limit = g.contents(), mark{}, g.size
	if g.packing != asIs {
		g.limit = math.MaxInt64
	}
}

// contents returns the file's contents from the beginning.
func (g *generation) contents() contents {
	if g.packing == asIs {
		return plain{g.f}
	}
	return decompress(io.NewSectionReader(g.f, 0, g.size), g.packing)
}

func (g *generation) close() {
	g.text.close()
	g.f.Close()
}

// first returns the first n bytes of the contents, or all if there are less.
func (g *generation) first(n int) []byte {
	c := g.contents()
	defer c.close()
	if g.packing == asIs {
		n = int(min(int64(n), g.size))
	}
	p := make([]byte, n)
	n, _ = c.read(p, 0)
	return p[:n]
}

// head is exec.File.Head.
func (g *generation) head() []byte {
	return header(g.first(headerLen))
}

// headerLen is how much of a file exec.File.Head shows, in bytes.
const headerLen = 64 << 10

// header copies the whole lines at the beginning of p, or all if there is none.
func header(p []byte) []byte {
	p = p[:min(len(p), headerLen)]
	if end := bytes.LastIndexByte(p, '\n') + 1; end > 0 {
		p = p[:end]
	}
	return bytes.Clone(p)
}

// position is the generation as it stands in an exec.Position.
func (g *generation) position() exec.Generation {
	e := g.at.sum()
	e.Dev, e.Ino, e.Done = g.dev, g.ino, g.done
	return e
}

// read reads what is at off, but nothing beyond the limit.
func (g *generation) read(p []byte, off int64) (int, error) {
	if rest := max(g.limit-off, 0); rest < int64(len(p)) {
		n, err := g.text.read(p[:rest], off)
		if err == nil {
			err = io.EOF
		}
		return n, err
	}
	return g.text.read(p, off)
}

// lines reads the next whole lines into data. With an error, io.EOF at the
// limit, it returns what is before it, which includes an incomplete line only
// if last. A line longer than the limit comes in pieces.
func (g *generation) lines(data []byte, o *Options, last bool) ([]byte, error) {
	for size, seen := o.Block, 0; ; size = min(2*size, o.Longest) {
		data = sized(data[:seen], size)
		n, err := g.read(data[seen:size], g.at.off+int64(seen))
		end := bytes.LastIndexByte(data[seen:seen+n], '\n') + 1
		if end > 0 {
			end += seen
		}
		seen += n
		switch {
		case last && (err != nil || g.at.off+int64(seen) == g.limit):
			end = seen
		case end == 0 && seen >= o.Longest:
			end, g.cut = seen, true
		}
		if end > 0 || err != nil {
			g.text.unread(data[end:seen])
			return data[:end], err
		}
	}
}

// sized gives data the length size, and keeps its bytes.
func sized(data []byte, size int) []byte {
	if cap(data) >= size {
		return data[:size]
	}
	return append(make([]byte, 0, size), data...)[:size]
}

// next fills b with the next lines, but for its End, and moves on. It returns
// io.EOF when there are none before the limit.
func (g *generation) next(b *exec.Block, o *Options) error {
	data, err := g.lines(b.Data, o, true)
	g.give(b, data, o)
	if len(data) > 0 {
		return nil
	}
	return err
}

// give puts data, which is what comes next, into b, and moves on.
func (g *generation) give(b *exec.Block, data []byte, o *Options) {
	b.Data, b.Offset, b.Line = data, g.at.off, g.at.lines
	g.at.add(data, o.CountLines)
}
