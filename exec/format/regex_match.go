package format

import (
	"bytes"
	"regexp"
	"regexp/syntax"
	"unicode/utf8"
)

// Matcher finds the groups of a regular expression. It gives what package regexp
// does, without allocating anything for a match: it tries one way after another
// and never the same place twice, so that the time is bounded by the length of
// the program times that of the text.
type Matcher struct {
	re       *regexp.Regexp // for texts that are too long
	prog     *syntax.Prog
	prefix   []byte // every match begins with it
	anchored bool   // at the beginning of the text

	text    []byte
	seen    []uint64  // a bit for each instruction and place that was tried
	groups  []int     // as FindSubmatchIndex gives them, but for the whole match
	waiting []attempt // the ways to try next, the last one first
}

// attempt is a place to go on from, or the value that a group had before.
type attempt struct {
	pc, at int
	group  bool // set groups[pc] to at
}

// maxSeen is how many bits a match may take: 32 KiB.
const maxSeen = 256 << 10

// NewMatcher compiles an expression in RE2's syntax.
func NewMatcher(pattern string) (*Matcher, error) {
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil, err
	}
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil, err
	}
	prog, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return nil, err
	}
	prefix, _ := prog.Prefix()
	return &Matcher{re: re, prog: prog, prefix: []byte(prefix), anchored: prog.StartCond()&syntax.EmptyBeginText != 0,
		groups: make([]int, prog.NumCap)}, nil
}

// Names are the names of the groups, by number; "" has none.
func (m *Matcher) Names() []string { return m.re.SubexpNames() }

// Match gives where each group begins and ends, -1 for one that is no part of the
// match; nil: there is no match. It is valid until the next call. The whole
// match, group 0, is not given.
func (m *Matcher) Match(text []byte) []int {
	bits := len(m.prog.Inst) * (len(text) + 1)
	if bits > maxSeen {
		return m.re.FindSubmatchIndex(text)
	}
	words := (bits + 63) / 64
	if cap(m.seen) < words {
		m.seen = make([]uint64, words)
	}
	m.seen = m.seen[:words]
	clear(m.seen)
	m.text = text
	for at := 0; at <= len(text); at++ {
		if len(m.prefix) > 0 && !m.anchored {
			n := bytes.Index(text[at:], m.prefix)
			if n < 0 {
				return nil
			}
			at += n
		}
		for i := range m.groups {
			m.groups[i] = -1
		}
		if m.try(at) {
			return m.groups
		}
		if m.anchored {
			break
		}
	}
	return nil
}

// try tells whether there is a match that begins at byte at.
func (m *Matcher) try(at int) bool {
	m.waiting = append(m.waiting[:0], attempt{pc: m.prog.Start, at: at})
	for len(m.waiting) > 0 {
		last := len(m.waiting) - 1
		next := m.waiting[last]
		m.waiting = m.waiting[:last]
		if next.group {
			m.groups[next.pc] = next.at
		} else if m.follow(next.pc, next.at) {
			return true
		}
	}
	return false
}

// follow goes on until there is a match, or no way further. It is a flat switch
// over the instructions.
func (m *Matcher) follow(pc, at int) bool {
	for {
		bit := pc*(len(m.text)+1) + at
		if m.seen[bit/64]&(1<<(bit%64)) != 0 {
			return false
		}
		m.seen[bit/64] |= 1 << (bit % 64)
		inst := &m.prog.Inst[pc]
		pc = int(inst.Out)
		switch inst.Op {
		case syntax.InstMatch:
			return true
		case syntax.InstFail:
			return false
		case syntax.InstNop:
		case syntax.InstAlt, syntax.InstAltMatch:
			m.waiting = append(m.waiting, attempt{pc: int(inst.Arg), at: at})
		case syntax.InstCapture:
			if g := int(inst.Arg); g < len(m.groups) {
				m.waiting = append(m.waiting, attempt{pc: g, at: m.groups[g], group: true})
				m.groups[g] = at
			}
		case syntax.InstEmptyWidth:
			if syntax.EmptyOp(inst.Arg)&^m.context(at) != 0 {
				return false
			}
		default:
			r, size := m.rune(at)
			if size == 0 || !matchesRune(inst, r) {
				return false
			}
			at += size
		}
	}
}

// rune is the character at byte at; its size is 0 at the end.
func (m *Matcher) rune(at int) (r rune, size int) {
	if at == len(m.text) {
		return -1, 0
	}
	if c := m.text[at]; c < utf8.RuneSelf {
		return rune(c), 1
	}
	return utf8.DecodeRune(m.text[at:])
}

// context is what holds of the place between two characters.
func (m *Matcher) context(at int) syntax.EmptyOp {
	before := rune(-1)
	if at > 0 {
		before, _ = utf8.DecodeLastRune(m.text[:at])
	}
	after, _ := m.rune(at)
	return syntax.EmptyOpContext(before, after)
}

func matchesRune(inst *syntax.Inst, r rune) bool {
	switch inst.Op {
	case syntax.InstRune1:
		return r == inst.Rune[0]
	case syntax.InstRuneAny:
		return true
	case syntax.InstRuneAnyNotNL:
		return r != '\n'
	}
	return inst.MatchRune(r)
}
