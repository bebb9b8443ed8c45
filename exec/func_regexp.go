package exec

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"fantail/planner"
)

// literalRegexp is the expression that is an argument of a call.
func literalRegexp(e *planner.Call, i int) (*regexp.Regexp, error) {
	text, err := literal(e, i)
	if err != nil {
		return nil, err
	}
	return compileRegexp(text)
}

func compileRegexp(re string) (*regexp.Regexp, error) {
	r, err := regexp.Compile(re)
	if err != nil {
		return nil, fmt.Errorf("regular expression %q: %w", re, err)
	}
	return r, nil
}

// regexpExtract is the text of a group, by default the first one if the
// expression has any; null where nothing matches.
func regexpExtract(e *planner.Call) (rowFunc, error) {
	re, err := literalRegexp(e, 1)
	if err != nil {
		return nil, err
	}
	group := min(re.NumSubexp(), 1)
	if len(e.Args) > 2 {
		text, err := literal(e, 2)
		if err != nil {
			return nil, err
		}
		if group, err = strconv.Atoi(text); err != nil || group > re.NumSubexp() {
			return nil, fmt.Errorf("regular expression %q has %d groups, so no %s", re, re.NumSubexp(), text)
		}
	}
	return func(dst []byte, args [][]byte) ([]byte, bool) {
		at := re.FindSubmatchIndex(args[0])
		if at == nil || at[2*group] < 0 {
			return dst, false
		}
		return append(dst, args[0][at[2*group]:at[2*group+1]]...), true
	}, nil
}

// regexpReplace replaces every match. In the replacement \1 stands for the first
// group, and \0 for the match.
func regexpReplace(e *planner.Call) (rowFunc, error) {
	re, err := literalRegexp(e, 1)
	if err != nil {
		return nil, err
	}
	text, err := literal(e, 2)
	template := []byte(replacement(text))
	return func(dst []byte, args [][]byte) ([]byte, bool) {
		s, done := args[0], 0
		for _, at := range re.FindAllSubmatchIndex(s, -1) {
			dst = append(dst, s[done:at[0]]...)
			dst = re.Expand(dst, template, s, at)
			done = at[1]
		}
		return append(dst, s[done:]...), true
	}, err
}

// replacement is a template as package regexp has them.
func replacement(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '$':
			b.WriteString("$$")
		case c == '\\' && i+1 < len(text) && text[i+1] >= '0' && text[i+1] <= '9':
			i++
			b.WriteString("${" + text[i:i+1] + "}")
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
