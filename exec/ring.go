package exec

import "iter"

// held is a line that may be given later.
type held struct {
	text []byte
	info RowInfo
}

// ring holds lines, oldest first. It keeps the memory of those that were dropped
// for those that come. The zero value is empty.
type ring struct {
	lines []held // as many as there ever were at once, and more
	first int    // index of the oldest
	n     int
	bytes int // of text
}

func (r *ring) at(i int) *held { return &r.lines[(r.first+i)%len(r.lines)] }

// all are the lines, oldest first.
func (r *ring) all() iter.Seq[*held] {
	return func(yield func(*held) bool) {
		for i := range r.n {
			if !yield(r.at(i)) {
				return
			}
		}
	}
}

// push copies a line in.
func (r *ring) push(text []byte, info RowInfo) {
	if r.n == len(r.lines) {
		r.grow()
	}
	h := r.at(r.n)
	h.text, h.info = append(h.text[:0], text...), info
	r.n++
	r.bytes += len(text)
}

func (r *ring) grow() {
	lines := make([]held, max(2*r.n, 4))
	for i := range r.n {
		lines[i] = *r.at(i)
	}
	r.lines, r.first = lines, 0
}

// keptText is how much memory of a dropped line is kept, in bytes. More could
// add up to the longest line times the lines held.
const keptText = 4 << 10

// drop forgets the oldest line.
func (r *ring) drop() {
	h := r.at(0)
	r.bytes -= len(h.text)
	if cap(h.text) > keptText {
		h.text = nil
	}
	r.first = (r.first + 1) % len(r.lines)
	r.n--
}

func (r *ring) clear() {
	for r.n > 0 {
		r.drop()
	}
}

// beyond is how many of the oldest lines must be left out for the others to have
// no more than so many bytes.
func (r *ring) beyond(limit int) int {
	kept := 0
	for i := r.n - 1; i >= 0; i-- {
		if kept += len(r.at(i).text); kept > limit {
			return i + 1
		}
	}
	return 0
}
