package format

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestMatcherOracle compares with package regexp.
func TestMatcherOracle(t *testing.T) {
	patterns := []string{`(?P<a>a*)(b|ab)?(?P<c>c?)`, `^(\S+) (\S*) ?(.*)$`, `(a|ab)(c|bcd)(d*)`, `(?:(a)|b)*`, `(a*)*`, `(a|b)*?c`, `\b(\w+)\B(.)`, `(?i)(AÉ?)b`,
		`(?m)^(b)$`, `x*`, `()`, `(é|[^a])+`, `ab(c+)`, `(?s)(.)\z`, `(\pL)(\d{2,3}?)`, `$(a)?`, `((a)(b)?)+`, `[[:^alpha:]](.?)`, `(a)|^b|c$`, `(?:a{2}|(b)){2,}`}
	rapid.Check(t, func(t *rapid.T) {
		pattern := rapid.OneOf(rapid.SampledFrom(patterns), rapid.StringMatching(`(\((a|b|c\*|\.\?)\)[*+?]?|[abc.]\??|\||\^|\\b){1,6}`)).Draw(t, "pattern")
		text := rapid.SliceOf(rapid.SampledFrom([]byte("aaabbbccd 1é\xc3\xa9\xff\nÉ"))).Draw(t, "text")
		m, err := NewMatcher(pattern)
		if err != nil {
			t.Skip(err)
		}
		for range 2 { // the second time in used memory
			got, want := m.Match(text), m.re.FindSubmatchIndex(text)
			if (got == nil) != (want == nil) || want != nil && !slices.Equal(got[2:], want[2:]) {
				t.Errorf("%s in %q: %v, want %v", pattern, text, got, want)
			}
		}
	})
}

// TestMatcherLong: a text that is too long for it goes to package regexp.
func TestMatcherLong(t *testing.T) {
	m, err := NewMatcher(`(x)(y)`)
	if err != nil {
		t.Fatal(err)
	}
	text := append(make([]byte, maxSeen), "xy"...)
	if got, want := m.Match(text), []int{maxSeen, maxSeen + 1, maxSeen + 1, maxSeen + 2}; got == nil || !slices.Equal(got[2:], want) {
		t.Errorf("%v, want %v", got, want)
	}
}
