package format

import (
	"strconv"
	"strings"
)

// A path names a value in an object: a.b[0].c. As many programs write keys with
// dots in them, each dot may also be part of a key.

// jsonNode is what is wanted of an object or an array.
type jsonNode struct {
	keys     []jsonKey
	elements []jsonElement
}

// jsonKey is a key of an object.
type jsonKey struct {
	wanted // the key and its closing quote, and nothing else
	name   string
	plain  bool // no escape is needed to write it
	want   jsonWant
}

// jsonElement is an element of an array.
type jsonElement struct {
	index int
	want  jsonWant
}

// jsonWant is what is wanted of a value.
type jsonWant struct {
	slot int // -1: not all of it
	in   jsonNode
}

// maxSplits is how many dots of a path are tried as part of a key: trying all
// takes memory that doubles with each.
const maxSplits = 4

// addPath adds what a path names.
func (n *jsonNode) addPath(path string, slot int) {
	split := strings.Count(path, ".")+strings.Count(path, "[") <= maxSplits
	n.add(path, slot, split)
	if !split {
		n.key(path).slot = slot
	}
}

// add adds a path that begins with a key. With split that may have dots in it.
func (n *jsonNode) add(path string, slot int, split bool) {
	for end := 0; end < len(path); {
		end = nextStep(path, end)
		if next, ok := n.key(path[:end]).follow(path[end:]); ok {
			next(slot, split)
		}
		if !split {
			break
		}
	}
}

// nextStep is where the step ends that goes on at byte i.
func nextStep(path string, i int) int {
	if i++; i < len(path) {
		if n := strings.IndexAny(path[i:], ".["); n >= 0 {
			return i + n
		}
	}
	return len(path)
}

// follow gives what adds the rest of a path, which begins with a dot or an index,
// if that is what it does.
func (w *jsonWant) follow(rest string) (add func(slot int, split bool), ok bool) {
	switch {
	case rest == "":
		return func(slot int, _ bool) { w.slot = slot }, true
	case rest == ".":
		return nil, false
	case rest[0] == '.':
		return func(slot int, split bool) { w.in.add(rest[1:], slot, split) }, true
	}
	digits, after, closed := strings.Cut(rest[1:], "]")
	index, err := strconv.Atoi(digits)
	if !closed || err != nil || index < 0 || after != "" && after[0] != '.' && after[0] != '[' {
		return nil, false
	}
	return w.in.at(index).follow(after)
}

// key is what is wanted of a key's value, which is nothing yet if it is new.
func (n *jsonNode) key(name string) *jsonWant {
	for i := range n.keys {
		if n.keys[i].name == name {
			return &n.keys[i].want
		}
	}
	plain := strings.IndexFunc(name, func(r rune) bool { return r < ' ' || r == '"' || r == '\\' }) < 0
	n.keys = append(n.keys, jsonKey{wanted: newWanted(name+`"`, -1), name: name, plain: plain, want: jsonWant{slot: -1}})
	return &n.keys[len(n.keys)-1].want
}

// at is the same for an element.
func (n *jsonNode) at(index int) *jsonWant {
	if want := n.element(index); want != nil {
		return want
	}
	n.elements = append(n.elements, jsonElement{index: index, want: jsonWant{slot: -1}})
	return &n.elements[len(n.elements)-1].want
}

// element is what is wanted of an element; nil: nothing.
func (n *jsonNode) element(index int) *jsonWant {
	for i := range n.elements {
		if n.elements[i].index == index {
			return &n.elements[i].want
		}
	}
	return nil
}
