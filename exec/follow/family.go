package follow

import (
	"cmp"
	"errors"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"fantail/exec"

	"github.com/cespare/xxhash/v2"
)

// family is a log's path and its rotated files, all open, at one moment.
type family struct {
	path    string
	members []*generation // oldest first; nil where taken
}

var errBusy = errors.New("is being rotated faster than it can be looked at")

// readFamily opens the files of path's log. They are opened until two turns
// find the same files under the same names, for else a file that is renamed in
// the middle would be missed, or met twice.
func readFamily(op Opener, path string) (*family, error) {
	var last *family
	for range 10 {
		next, err := openFamily(op, path)
		if err != nil {
			last.close()
			return nil, err
		}
		if last.equal(next) {
			last.close()
			return next, nil
		}
		last.close()
		last = next
	}
	last.close()
	return nil, &fs.PathError{Op: "list", Path: path, Err: errBusy}
}

func openFamily(op Opener, path string) (*family, error) {
	names, err := familyNames(op, path)
	if err != nil {
		return nil, err
	}
	fam := &family{path: path}
	for _, name := range names {
		g, err := open(op, name)
		switch {
		case err == nil:
			fam.members = append(fam.members, g)
		case name == path && !errors.Is(err, fs.ErrNotExist):
			fam.close()
			return nil, err
		}
	}
	return fam, nil
}

// close closes what has not been taken.
func (fam *family) close() {
	if fam == nil {
		return
	}
	for _, g := range fam.members {
		if g != nil {
			g.close()
		}
	}
}

func (fam *family) equal(other *family) bool {
	return fam != nil && slices.EqualFunc(fam.members, other.members, func(a, b *generation) bool {
		return a.name == b.name && a.sameFile(b)
	})
}

// current is the index of the file at the path itself; -1 if there is none.
func (fam *family) current() int {
	return slices.IndexFunc(fam.members, func(g *generation) bool { return g != nil && g.name == fam.path })
}

// take gives member i to the caller.
func (fam *family) take(i int) *generation {
	g := fam.members[i]
	fam.members[i] = nil
	return g
}

// find returns the member, of those below an index, that e is a position in, moved
// there; or -1. The likeliest is tried first.
func (fam *family) find(e exec.Generation, below int) int {
	var order []int
	for i, g := range slices.Backward(fam.members[:below]) {
		// What is at the path is being written to; a file that was done with
		// may have the same beginning, but it was not longer.
		if !(g.grown(e) && g.name == fam.path) {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(i, j int) int {
		return cmp.Compare(fam.members[i].unlikely(e), fam.members[j].unlikely(e))
	})
	for _, i := range order {
		if fam.members[i].matches(e) {
			return i
		}
	}
	return -1
}

// grown tells whether g is longer than it was when it was done with, should e be
// a position in it.
func (g *generation) grown(e exec.Generation) bool {
	return e.Done && g.packing == asIs && g.size > e.Offset
}

// unlikely orders the files that e may be a position in: its inode's first, for
// that is a good guess; compressed ones, which cost most, after the plain.
func (g *generation) unlikely(e exec.Generation) int {
	switch {
	case g.ino == e.Ino && g.dev == e.Dev:
		return 0
	case g.packing != asIs:
		return 2
	case g.grown(e):
		return 3
	}
	return 1
}

// matches tells whether e is a position in g, and moves g there if so.
func (g *generation) matches(e exec.Generation) bool {
	if e.Offset <= 0 || e.HeadLen != min(e.Offset, headLen) {
		return false
	}
	if g.packing == asIs {
		m, err := markAt(g.f, e.Offset, e.Lines)
		if err != nil || !m.is(e) {
			return false
		}
		g.at = m
		return true
	}
	if head := g.first(int(e.HeadLen)); int64(len(head)) < e.HeadLen || xxhash.Sum64(head) != e.Head {
		return false
	}
	if err := g.skipTo(e.Offset, false); err != nil || !g.at.is(e) {
		g.rewind()
		return false
	}
	g.at.lines = e.Lines
	return true
}

// copyOf tells whether g, a rotated file, is a beginning of cur: a copy that
// copytruncate is making, or has made but not yet truncated after.
func (g *generation) copyOf(cur *generation) bool {
	if g.packing != asIs || cur.packing != asIs {
		return false
	}
	m, err := markAt(g.f, g.size, 0)
	if err != nil {
		return false
	}
	c, err := markAt(cur.f, g.size, 0)
	return err == nil && c.is(m.sum())
}

// suffix is what a rotated file's name has behind its log's: .N, .DATE or -DATE.
var suffix = regexp.MustCompile(`^(?:\.(\d{1,6})|[.-](\d{4}-?\d{2}-?\d{2}(?:[-.T_:]?\d+)*))(\.gz|\.zst)?$`)

// age orders the rotated files of a log: the larger the older.
type age struct {
	name   string
	number int    // of .N; 0: not so named
	date   string // of .DATE and -DATE
	packed bool   // by its name
}

// rotation tells whether name is a rotated file of the log at path.
func rotation(path, name string) (age, bool) {
	rest, ok := strings.CutPrefix(name, path)
	if !ok {
		return age{}, false
	}
	m := suffix.FindStringSubmatch(rest)
	if m == nil {
		return age{}, false
	}
	n, _ := strconv.Atoi(m[1]) // of date only: no number
	return age{name: name, number: n, date: m[2], packed: m[3] != ""}, true
}

// familyNames lists the files of path's log, oldest first, path itself last.
// Of a file and its compressed form only the former counts: the latter may be
// incomplete as yet.
func familyNames(op Opener, path string) ([]string, error) {
	names, err := op.Glob(escape(path) + `[.\-]*`)
	if err != nil {
		return nil, err
	}
	var ages []age
	for _, name := range names {
		if a, ok := rotation(path, name); ok && !(a.packed && slices.Contains(names, unpackedName(name))) {
			ages = append(ages, a)
		}
	}
	slices.SortFunc(ages, func(a, b age) int {
		return cmp.Or(cmp.Compare(a.date, b.date), cmp.Compare(b.number, a.number), cmp.Compare(a.name, b.name))
	})
	sorted := make([]string, 0, len(ages)+1)
	for _, a := range ages {
		sorted = append(sorted, a.name)
	}
	return append(sorted, path), nil
}

func unpackedName(name string) string {
	return strings.TrimSuffix(strings.TrimSuffix(name, ".gz"), ".zst")
}
