package format

import "fmt"

// regex is whatever an expression with named groups says. A line that does not
// match lacks every field. Of groups with the same name the first counts that is
// part of the match.
type regex struct {
	found
	fields int
	match  *Matcher
	groups []regexGroup
}

// regexGroup is a group of the expression that gives a slot.
type regexGroup struct{ number, slot int }

func newRegex(fields []Field, pattern string) (*regex, error) {
	m, err := NewMatcher(pattern)
	if err != nil {
		return nil, fmt.Errorf("logformat regex: %w", err)
	}
	names := slots{}
	p := &regex{found: newFound(fields, names.of), fields: len(fields), match: m}
	for number, name := range m.Names() {
		if slot, ok := names[name]; ok && name != "" {
			p.groups = append(p.groups, regexGroup{number, slot})
		}
	}
	return p, nil
}

func (p *regex) Parse(b *Batch) {
	b.reset(p.fields)
	for i := range b.Lines {
		text, at := b.line(i)
		p.clear()
		match := p.match.Match(text)
		if match == nil {
			b.Malformed++
			continue
		}
		for _, g := range p.groups {
			if from := match[2*g.number]; from >= 0 && p.spans[g.slot].IsNull() {
				p.set(g.slot, at, from, match[2*g.number+1])
			}
		}
		p.store(b, i)
	}
}
