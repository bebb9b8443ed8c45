package follow

import (
	"bytes"
	"fmt"
	"io"

	"fantail/exec"
)

// chunk is what is read at once when bytes are passed over.
const chunk = 64 << 10

// start moves g, which is at its beginning, to where s says. When whole is set
// a last line without newline does not count as one. Damage that is met on the
// way is not told here: the next read meets it again.
func (g *generation) start(s exec.Start, o *Options, whole bool) error {
	switch {
	case !s.FromEnd:
		g.skipLines(max(s.Lines, 0), o.CountLines)
		return nil
	case g.packing == asIs:
		off, err := lastLines(g.f, g.size, max(s.Lines, 0), whole)
		if err != nil {
			return fmt.Errorf("find the last lines: %w", err)
		}
		return g.skipTo(off, o.CountLines)
	}
	n := g.countLines(whole)
	g.rewind()
	g.skipLines(n-max(s.Lines, 0), o.CountLines)
	return nil
}

// skipTo moves g forward to off, or to its end if that comes first.
func (g *generation) skipTo(off int64, count bool) error {
	if g.packing == asIs && !count {
		m, err := markAt(g.f, off, 0)
		if err == nil {
			g.at = m
		}
		return err
	}
	g.skip(count, func(p []byte) int { return int(min(off-g.at.off, int64(len(p)))) })
	return nil
}

// skipLines moves g forward over n lines, or to its end if that comes first.
func (g *generation) skipLines(n int64, count bool) {
	if n <= 0 {
		return
	}
	g.skip(count, func(p []byte) int {
		end := 0
		for ; n > 0 && end < len(p); n-- {
			i := bytes.IndexByte(p[end:], '\n')
			if i < 0 {
				return len(p)
			}
			end += i + 1
		}
		return end
	})
}

// skip moves g forward chunk by chunk, over as much of each as take says, until
// that is not all.
func (g *generation) skip(count bool, take func([]byte) int) {
	buf := make([]byte, chunk)
	for {
		n, err := g.read(buf, g.at.off)
		k := take(buf[:n])
		g.text.unread(buf[k:n])
		g.at.add(buf[:k], count)
		if err != nil || k < n {
			return
		}
	}
}

// countLines reads all of g to count its lines.
func (g *generation) countLines(whole bool) int64 {
	var n int64
	end := byte('\n')
	g.skip(false, func(p []byte) int {
		n += int64(bytes.Count(p, newline))
		if len(p) > 0 {
			end = p[len(p)-1]
		}
		return len(p)
	})
	if end != '\n' && !whole {
		n++
	}
	return n
}

// lastLines finds where the last n lines of r's first size bytes begin.
func lastLines(r io.ReaderAt, size, n int64, whole bool) (int64, error) {
	buf := make([]byte, chunk)
	for end := size; end > 0; {
		p := buf[:min(chunk, end)]
		if _, err := r.ReadAt(p, end-int64(len(p))); err != nil {
			return 0, err
		}
		if end == size && (whole || p[len(p)-1] == '\n') {
			n++ // the newline that ends the last line does not begin one of them
		}
		if n == 0 {
			return size, nil
		}
		end -= int64(len(p))
		for i := bytes.LastIndexByte(p, '\n'); i >= 0; i = bytes.LastIndexByte(p[:i], '\n') {
			if n--; n == 0 {
				return end + int64(i) + 1, nil
			}
		}
	}
	return 0, nil
}
