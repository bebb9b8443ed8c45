package parser

import (
	"slices"
	"strings"
)

// Part is a piece of a template: text that stands in the input as it is, and the
// name of what comes behind it.
type Part struct {
	Text string // "" only in the first part
	Name string // "" in a last part that is text alone; "_" is not kept
}

// Template cuts the pattern of a parse clause that is no regular expression: what
// stands in <angle brackets> is a name, if it can be one, and all else is text.
func Template(pattern string) []Part {
	var parts []Part
	text := ""
	for pattern != "" {
		open := strings.IndexByte(pattern, '<')
		if open < 0 {
			text += pattern
			break
		}
		text, pattern = text+pattern[:open], pattern[open:]
		name, rest, closed := strings.Cut(pattern[1:], ">")
		if !closed || !isPlaceholder(name) {
			text, pattern = text+"<", pattern[1:]
			continue
		}
		parts = append(parts, Part{text, name})
		text, pattern = "", rest
	}
	if text != "" {
		parts = append(parts, Part{Text: text})
	}
	return parts
}

// isPlaceholder tells whether a word can be the name of a field, as a bare word.
func isPlaceholder(word string) bool {
	for i, r := range word {
		if i == 0 && !isNameStart(r) || !isNamePart(r) {
			return false
		}
	}
	return word != ""
}

// Names are the fields that the clause gives.
func (p *Parsing) Names() []string {
	if p.Regexp {
		return groups(p.Text)
	}
	var names []string
	for _, part := range Template(p.Text) {
		if part.Name != "" && part.Name != "_" {
			names = append(names, part.Name)
		}
	}
	return names
}

// parse reads the parse clause.
func (b builder) parse(raw *parsing) *Error {
	p := &Parsing{Input: raw.Input, Regexp: raw.Regexp || raw.LineRegexp}
	token := raw.Text
	if raw.Line != nil {
		token = raw.Line
	}
	p.Pos, p.Text = token.Pos.Offset, unquote(token.Value)
	b.q.Parse = p
	if p.Regexp {
		if err := checkPattern(b.q, &String{At: p.Pos, Value: p.Text}); err != nil {
			return err
		}
	} else if err := b.template(p); err != nil {
		return err
	}
	if len(p.Names()) > 0 {
		return nil
	}
	if p.Regexp {
		return b.q.Errorf(p.Pos, `a group with a name is a field: (?P<ip>\S+)`, "the pattern has no group with a name")
	}
	return b.q.Errorf(p.Pos, `for example: parse "<ip> - <user> [<time>]"`, "the pattern has no name in it")
}

// template checks that it is clear where a value ends, and what it is called.
func (b builder) template(p *Parsing) *Error {
	var seen []string
	for i, part := range Template(p.Text) {
		switch {
		case i > 0 && part.Text == "":
			return b.q.Errorf(p.Pos, "put some text in between", "nothing tells where the value before <%s> ends", part.Name)
		case slices.Contains(seen, part.Name):
			return b.q.Errorf(p.Pos, "what is not needed is <_>", "<%s> stands there twice", part.Name)
		}
		if part.Name != "_" {
			seen = append(seen, part.Name)
		}
	}
	return nil
}
