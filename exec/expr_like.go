package exec

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"fantail/planner"
)

func compileLike(e *planner.Like, p *program) (cond, error) {
	x, err := compileValue(e.X, p)
	if err != nil {
		return nil, err
	}
	match, err := likeMatcher(e.Pattern, e.Fold)
	return &matchCond{x: x, match: match}, err
}

// likeMatcher is a pattern's match function: a plain search where the pattern is
// one text with % around it, else a regular expression.
func likeMatcher(pattern string, fold bool) (func([]byte) bool, error) {
	texts, plain := cutPattern(pattern)
	if !fold && plain && len(texts) <= 3 {
		first, last := []byte(texts[0]), []byte(texts[len(texts)-1])
		switch {
		case len(texts) == 1:
			return func(s []byte) bool { return bytes.Equal(s, first) }, nil
		case len(texts) == 2:
			return func(s []byte) bool {
				return len(s) >= len(first)+len(last) && bytes.HasPrefix(s, first) && bytes.HasSuffix(s, last)
			}, nil
		case len(first)+len(last) == 0:
			middle := []byte(texts[1])
			return func(s []byte) bool { return bytes.Contains(s, middle) }, nil
		}
	}
	re, err := regexp.Compile(likeRegexp(pattern, fold))
	if err != nil {
		return nil, fmt.Errorf("pattern %q: %w", pattern, err)
	}
	return re.Match, nil
}

// cutPattern gives the texts between the % of a pattern; plain tells that there
// is no other character that stands for something.
func cutPattern(pattern string) (texts []string, plain bool) {
	return strings.Split(pattern, "%"), !strings.ContainsAny(pattern, `_\`)
}

// likeRegexp is the regular expression of a pattern.
func likeRegexp(pattern string, fold bool) string {
	var re strings.Builder
	re.WriteString("(?s")
	if fold {
		re.WriteByte('i')
	}
	re.WriteString(")^")
	escaped := false
	for _, r := range pattern {
		switch {
		case escaped && r != '%' && r != '_' && r != '\\':
			re.WriteString(regexp.QuoteMeta(`\` + string(r)))
		case escaped:
			re.WriteString(regexp.QuoteMeta(string(r)))
		case r == '\\':
			escaped = true
			continue
		case r == '%':
			re.WriteString(".*")
		case r == '_':
			re.WriteByte('.')
		default:
			re.WriteString(regexp.QuoteMeta(string(r)))
		}
		escaped = false
	}
	if escaped {
		re.WriteString(`\\`)
	}
	return re.String() + "$"
}
