package exec

import (
	"regexp/syntax"
	"strings"
	"unicode/utf8"
)

// requiredLiteral is a text that everything the expression matches contains: the
// longest literal that stands outside of alternatives and repetitions. It is
// empty when there is none.
func requiredLiteral(re string) []byte {
	parsed, err := syntax.Parse(re, syntax.Perl)
	if err != nil {
		return nil
	}
	return []byte(longestLiteral(parsed.Simplify()))
}

// isLiteral tells whether an expression is its required literal and no more.
func isLiteral(re string) bool {
	parsed, err := syntax.Parse(re, syntax.Perl)
	return err == nil && parsed.Simplify().Op == syntax.OpLiteral
}

func longestLiteral(re *syntax.Regexp) string {
	switch re.Op {
	case syntax.OpLiteral:
		if re.Flags&syntax.FoldCase != 0 {
			return ""
		}
		s := string(re.Rune)
		if strings.ContainsRune(s, utf8.RuneError) {
			return "" // matches any invalid byte
		}
		return s
	case syntax.OpCapture, syntax.OpPlus:
		return longestLiteral(re.Sub[0])
	case syntax.OpConcat:
		best := ""
		for _, sub := range re.Sub {
			if s := longestLiteral(sub); len(s) > len(best) {
				best = s
			}
		}
		return best
	}
	return ""
}
