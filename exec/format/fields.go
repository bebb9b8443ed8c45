package format

// part says how much of a value a variable is.
type part uint8

// The parts of a time.
const (
	whole part = iota
	date
	hour
	minute
	second
)

// give is how one wanted field comes out of what was found in a line.
type give struct {
	field int   // its index in Batch.Fields
	slots []int // of found.spans; the first that is not null counts
	part  part
}

// found is what a line has, by the slots that its format numbers itself, and
// which of that becomes which field.
type found struct {
	spans []Span // of the line at hand
	gives []give
}

// newFound asks for a slot for every name that gives a wanted field; a name that
// the format does not know has none: -1.
func newFound(fields []Field, slot func(name string) int) found {
	f := found{}
	for i, field := range fields {
		g := give{field: i}
		for _, name := range namesOf(field, &g.part) {
			if s := slot(name); s >= 0 {
				g.slots = append(g.slots, s)
				for len(f.spans) <= s {
					f.spans = append(f.spans, Null())
				}
			}
		}
		if len(g.slots) > 0 {
			f.gives = append(f.gives, g)
		}
	}
	return f
}

// newFixed is for a format whose fields are known: the slots are their places in
// the list, and there are as many.
func newFixed(fields []Field, names []string) found {
	f := newFound(fields, among(names))
	for len(f.spans) < len(names) {
		f.spans = append(f.spans, Null())
	}
	return f
}

// set sets a slot to the bytes from..end of a line that begins at byte at.
func (f *found) set(slot int, at uint32, from, end int) {
	f.spans[slot] = Span{at + uint32(from), at + uint32(end)}
}

// namesOf are the names under which a format may know a field. A variable has
// several, the most telling first.
func namesOf(f Field, p *part) []string {
	if !f.Var {
		return []string{f.Name}
	}
	switch f.Name {
	case "$severity", "$loglevel":
		return []string{"severity", "level", "lvl", "loglevel", "log.level"}
	case "$date":
		*p = date
	case "$hour":
		*p = hour
	case "$minute":
		*p = minute
	case "$second":
		*p = second
	case "$time":
	default:
		return nil
	}
	return []string{"time", "ts", "timestamp", "@timestamp", "time_local"}
}

// slots numbers the names that it is asked for.
type slots map[string]int

func (s slots) of(name string) int {
	n, ok := s[name]
	if !ok {
		n = len(s)
		s[name] = n
	}
	return n
}

// among is the slot of a name in a fixed list.
func among(names []string) func(string) int {
	return func(name string) int {
		for i, n := range names {
			if n == name {
				return i
			}
		}
		return -1
	}
}

// wants tells whether a slot becomes a field.
func (f *found) wants(slot int) bool {
	for _, g := range f.gives {
		for _, s := range g.slots {
			if s == slot {
				return true
			}
		}
	}
	return false
}

// clear forgets the line before.
func (f *found) clear() {
	for i := range f.spans {
		f.spans[i] = Null()
	}
}

// store sets the fields of line i.
func (f *found) store(b *Batch, i int) {
	for k := range f.gives {
		g := &f.gives[k]
		s := f.spans[g.slots[0]]
		for n := 1; n < len(g.slots) && s.IsNull(); n++ {
			s = f.spans[g.slots[n]]
		}
		if g.part != whole && !s.IsNull() {
			s = partOf(b.Text, s, g.part)
		}
		b.Fields[g.field][i] = s
	}
}

// partOf is the part of a time that stands in text.
func partOf(text []byte, s Span, p part) Span {
	days, at, step := clock(text[s.Start:s.End])
	switch {
	case days == 0:
		return Null()
	case p == date:
		return Span{s.Start, s.Start + uint32(days)}
	}
	from := s.Start + uint32(at+step*int(p-hour))
	return Span{from, from + 2}
}

// clock finds the time of day in a time: it begins at byte at, each of its parts
// step bytes behind the one before, and the date in front is so many bytes long;
// 0 when it is none of the ways to write a time that are known here.
func clock(t []byte) (days, at, step int) {
	step = 3
	switch n := len(t); {
	case n >= 19 && t[4] == t[7] && (t[4] == '-' || t[4] == '/') && isDigit(t[0]): // 2026-11-20T10:11:12Z
		days, at = 10, 11
	case n >= 20 && t[2] == '/' && t[6] == '/': // 20/Nov/2026:10:11:12 +0000
		days, at = 11, 12
	case n >= 15 && t[3] == ' ' && t[6] == ' ': // Nov 20 10:11:12
		days, at = 6, 7
	case n == fullTime && t[8] == '-': // 20261120-101112
		return 8, 9, 2
	case n >= 13 && t[4] == ' ': // 1120 10:11:12.123456
		days, at = 4, 5
	default:
		return 0, 0, 0
	}
	c := t[at : at+8]
	for i := range c {
		if i%3 == 2 && c[i] != ':' || i%3 != 2 && !isDigit(c[i]) {
			return 0, 0, 0
		}
	}
	return days, at, step
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
