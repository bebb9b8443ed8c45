package client

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

// maxHosts is how many hosts one list can name: a slip such as web[1-99999999]
// ends in an error, not in all of the memory.
const maxHosts = 100_000

// ParseServers reads what -servers was given: a comma list of hosts and ranges of
// hosts, or the path of a file with such a list on each line, where blank lines
// and what follows a # do not count. A host that is named twice is there once.
func ParseServers(list string, readFile func(string) ([]byte, error)) ([]Address, error) {
	data, err := readFile(list)
	switch {
	case list == "":
		return nil, nil
	case err == nil:
		return parseServerFile(list, string(data))
	case strings.Contains(list, "/") && errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("the file of servers %q does not exist", list)
	case strings.Contains(list, "/"):
		return nil, fmt.Errorf("read the file of servers: %w", err)
	}
	return ParseHosts(list)
}

func parseServerFile(path, text string) ([]Address, error) {
	var set hostSet
	n := 0
	for line := range strings.Lines(text) {
		n++
		line, _, _ = strings.Cut(line, "#")
		if err := set.addList(line); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, n, err)
		}
	}
	if len(set.addrs) == 0 {
		return nil, fmt.Errorf("the file of servers %q names no host", path)
	}
	return set.addrs, nil
}

// ParseHosts reads a comma list of hosts: [user@]host[:port], where the host may
// have ranges of numbers, web[01-40,50].example.org, whose leading zeros are kept.
func ParseHosts(list string) ([]Address, error) {
	var set hostSet
	if err := set.addList(list); err != nil {
		return nil, err
	}
	if len(set.addrs) == 0 {
		return nil, fmt.Errorf("%q names no host", list)
	}
	return set.addrs, nil
}

// hostSet is hosts in the order in which they were named, each once.
type hostSet struct {
	addrs []Address
	seen  map[Address]bool // without Name
}

func (s *hostSet) addList(list string) error {
	for _, item := range SplitHosts(list) {
		if item = strings.TrimSpace(item); item == "" {
			continue
		}
		names, err := expand(item)
		if err != nil {
			return fmt.Errorf("%q: %w", item, err)
		}
		if err := s.add(names); err != nil {
			return err
		}
	}
	return nil
}

func (s *hostSet) add(names []string) error {
	for _, name := range names {
		a, err := parseAddress(name)
		if err != nil {
			return err
		}
		key := Address{User: a.User, Host: strings.ToLower(a.Host), Port: a.Port}
		if s.seen[key] {
			continue
		}
		if len(s.addrs) == maxHosts {
			return fmt.Errorf("more than %d hosts", maxHosts)
		}
		if s.seen == nil {
			s.seen = make(map[Address]bool)
		}
		s.seen[key] = true
		s.addrs = append(s.addrs, a)
	}
	return nil
}

// SplitHosts cuts at the commas that are not in brackets.
func SplitHosts(list string) []string {
	depth := 0
	return strings.FieldsFunc(list, func(c rune) bool {
		switch c {
		case '[':
			depth++
		case ']':
			depth--
		}
		return c == ',' && depth <= 0
	})
}

// expand gives the names that a name with any number of ranges stands for, the
// last range running fastest. Brackets around an IPv6 address stay.
func expand(name string) ([]string, error) {
	open := strings.IndexByte(name, '[')
	if open < 0 {
		return []string{name}, nil
	}
	inner, rest, ok := strings.Cut(name[open+1:], "]")
	if !ok {
		return nil, errors.New("a bracket is not closed")
	}
	heads := []string{name[:open] + "[" + inner + "]"}
	if !strings.Contains(inner, ":") {
		var err error
		if heads, err = numbers(name[:open], inner); err != nil {
			return nil, err
		}
	}
	tails, err := expand(rest)
	if err != nil {
		return nil, err
	}
	return product(heads, tails)
}

func product(heads, tails []string) ([]string, error) {
	if len(heads)*len(tails) > maxHosts {
		return nil, fmt.Errorf("more than %d hosts", maxHosts)
	}
	all := make([]string, 0, len(heads)*len(tails))
	for _, h := range heads {
		for _, t := range tails {
			all = append(all, h+t)
		}
	}
	return all, nil
}

// numbers appends to prefix each number of a list of ranges, 1,3,5-9.
func numbers(prefix, list string) ([]string, error) {
	var names []string
	for _, item := range strings.Split(list, ",") {
		low, high, isRange := strings.Cut(item, "-")
		if !isRange {
			high = low
		}
		from, err1 := strconv.ParseUint(low, 10, 32)
		to, err2 := strconv.ParseUint(high, 10, 32)
		switch {
		case err1 != nil || err2 != nil:
			return nil, fmt.Errorf("%q is not a range of numbers: write 1-9, 01-40 or 1,3,5-9", item)
		case from > to:
			return nil, fmt.Errorf("the range %q runs backwards: write %s-%s", item, high, low)
		case to-from >= maxHosts:
			return nil, fmt.Errorf("the range %q has more than %d hosts", item, maxHosts)
		}
		for n := from; n <= to; n++ {
			names = append(names, fmt.Sprintf("%s%0*d", prefix, len(low), n))
		}
	}
	return names, nil
}
