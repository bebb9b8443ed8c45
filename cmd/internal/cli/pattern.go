package cli

import (
	"fmt"
	"regexp"
	"strings"

	"fantail/parser"
	"fantail/planner"
)

// linesQuery is the query, as text, for columns of the lines that the patterns
// ask for.
func (o *options) linesQuery(q parser.Query, columns ...parser.Expr) (string, error) {
	for _, c := range columns {
		q.Select = append(q.Select, parser.Item{Expr: c})
	}
	if len(o.patterns) > 0 {
		re, err := o.pattern()
		if err != nil {
			return "", err
		}
		op := "=~"
		if o.invert {
			op = "!~"
		}
		q.Where = &parser.Binary{Op: op, L: line(), R: &parser.String{Value: re}}
	}
	return q.String(), nil
}

// line is the variable $line.
func line() *parser.Var { return &parser.Var{Name: "$line"} }

// pattern is all patterns as one regular expression.
func (o *options) pattern() (string, error) {
	var each []string
	for _, p := range o.patterns {
		for _, line := range strings.Split(p, "\n") { // as grep reads them
			if o.fixed {
				line = regexp.QuoteMeta(line)
			}
			if _, err := regexp.Compile(line); err != nil {
				return "", fmt.Errorf("pattern %q: %w", line, err)
			}
			each = append(each, line)
		}
	}
	re := each[0]
	if len(each) > 1 {
		re = "(?:" + strings.Join(each, ")|(?:") + ")"
	}
	switch {
	case o.whole:
		re = "^(?:" + re + ")$"
	case o.word:
		re = `(?:^|\W)(?:` + re + `)(?:$|\W)`
	}
	if o.fold {
		re = "(?i)" + re
	}
	return re, nil
}

// nearby is what the flags say about lines near a match.
func (o *options) nearby() planner.Context {
	return planner.Context{
		Before:   max(o.before, o.context),
		After:    max(o.after, o.context),
		Max:      o.maximum,
		Numbered: o.number || o.offset,
	}
}
