package exec

import (
	"math/big"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParseNumber(t *testing.T) {
	long := strings.Repeat("9", 400)
	tests := []struct{ text, want string }{ // "": not a number
		{"0", "0"}, {"-0", "0"}, {"0.00", "0"}, {"0e5", "0"}, {"0e-9999999999999999999", "0"}, {"1", "1"}, {"+1", "1"}, {"-1.50", "-1.5"},
		{".5", "0.5"}, {"5.", "5"}, {"1e3", "1000"}, {"1E+3", "1000"}, {"12e-1", "1.2"}, {"1e0000000003", "1000"},
		{"9223372036854775807", "9223372036854775807"}, {"-9223372036854775807", "-9223372036854775807"},
		{"9223372036854775808", "9223372036854775810"}, {"0.12345678901234567890123", "0.123456789012345679"},
		{"999999999999999999999", "1000000000000000000000"}, {"00000000000000000000000000007.0000000000000000000000000000", "7"},
		{"1" + strings.Repeat("0", 100), "1e+100"}, {"9e308", "9e+308"}, {"1e-324", "1e-324"}, {"1000e-327", "1e-324"},
		{"123456789e-60", "1.23456789e-52"}, {"0." + strings.Repeat("0", 300) + "1", "1e-301"},
		{"", ""}, {"+", ""}, {"-", ""}, {".", ""}, {"e5", ""}, {"1e", ""}, {"1e+", ""}, {"1e5.", ""}, {"1.2.3", ""}, {"1,5", ""}, {"--1", ""},
		{"NaN", ""}, {"Inf", ""}, {"0x10", ""}, {"1_000", ""}, {" 1", ""}, {"1 ", ""}, {"1e309", ""}, {"1e-325", ""}, {long, ""},
		{long + "x", ""}, {long + ".5.", ""}, {long + "e-390", "10000000000"}, {"1e99999999999999999999", ""},
	}
	for _, tt := range tests {
		got := ""
		if n := parseNumber([]byte(tt.text)); n.ok {
			got = string(n.append(nil))
		}
		if got != tt.want {
			t.Errorf("%.50q: got %s, want %s", tt.text, got, tt.want)
		}
	}
}

// decimals are texts of decimals with up to 18 significant digits.
func decimals() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.StringMatching(`[+-]?[0-9]{1,9}(\.[0-9]{0,9})?`),
		rapid.StringMatching(`[+-]?[0-9]{0,9}\.[0-9]{1,9}`),
		rapid.StringMatching(`-?[0-9]{1,18}`),
		rapid.StringMatching(`-?[1-9]\.[0-9]{0,15}[eE][+-]?[1-9]?[0-9]`),
		rapid.StringMatching(`-?[1-9]{1,3}e-?2[0-9]{2}`),
		rapid.SampledFrom([]string{"9223372036854775807", "-9223372036854775807", "0", "-0.0", "1e-300", "1e300"}),
	)
}

func mustRat(t *rapid.T, text string) *big.Rat {
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		t.Fatalf("%q", text)
	}
	return r
}

// sameValue tells whether a text that a number was printed as is the exact
// value, or, where that is longer than anybody reads, the nearest float.
func sameValue(text string, want *big.Rat) bool {
	got, ok := new(big.Rat).SetString(text)
	if ok && got.Cmp(want) == 0 {
		return true
	}
	places, _ := want.FloatPrec()
	return len(want.FloatString(places)) > longest && text == newFloat(want).Text('g', -1)
}

func TestNumbersAreExact(t *testing.T) {
	trailing := regexp.MustCompile(`\.[0-9]*0$|\.$|^-?0[0-9]|^-0$|\+[^0-9]`)
	rapid.Check(t, func(t *rapid.T) {
		x, y := decimals().Draw(t, "x"), decimals().Draw(t, "y")
		n, m := parseNumber([]byte(x)), parseNumber([]byte(y))
		if !n.ok || !m.ok {
			t.Fatalf("%s or %s is not a number", x, y)
		}
		if got, want := n.compare(m), mustRat(t, x).Cmp(mustRat(t, y)); got != want {
			t.Errorf("%s against %s: got %d, want %d", x, y, got, want)
		}
		text := string(n.append(nil))
		if !sameValue(text, mustRat(t, x)) || trailing.MatchString(text) {
			t.Errorf("%s is printed as %s", x, text)
		}
	})
}

// TestLongNumbers: of many digits the 18 most significant are kept, rounded.
func TestLongNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.StringMatching(`-?[0-9]{10,40}(\.[0-9]{0,40})?(e-?[0-9])?`).Draw(t, "x")
		n := parseNumber([]byte(x))
		want := mustRat(t, x)
		off := new(big.Rat).Sub(n.rat(), want)
		limit := new(big.Rat).Mul(want, big.NewRat(1, 1e17*2))
		if !n.ok || off.Abs(off).Cmp(limit.Abs(limit)) > 0 {
			t.Errorf("%s is read as %s", x, n.append(nil))
		}
	})
}

func TestSumsAreExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOfN(decimals(), 1, 30).Draw(t, "texts")
		want := new(big.Rat)
		for _, x := range texts {
			want.Add(want, mustRat(t, x))
		}
		forward := sumOf(t, texts, func(i int) int { return 0 })
		order := rapid.Permutation(texts).Draw(t, "order")
		parts := sumOf(t, order, func(i int) int { return rapid.IntRange(0, 3).Draw(t, "part") })
		if forward != parts {
			t.Errorf("in order %s, in parts %s", forward, parts)
		}
		if !sameValue(forward, want) {
			t.Errorf("got %s, want %s", forward, want)
		}
	})
}

// sumOf adds each number to the part that it belongs to, and merges the parts by
// way of their states.
func sumOf(t *rapid.T, texts []string, part func(i int) int) string {
	var parts [4]sum
	for i, x := range texts {
		parts[part(i)].add(parseNumber([]byte(x)))
	}
	var total sum
	for _, p := range parts {
		s, rest, err := readSum(append(p.appendState(nil), "rest"...))
		if err != nil || string(rest) != "rest" {
			t.Fatalf("state %x: rest %q, %v", p.appendState(nil), rest, err)
		}
		total.merge(&s)
	}
	return string(total.appendText(nil))
}

// TestSumOverflow goes through the borders of 64 and of 128 bits, and back.
func TestSumOverflow(t *testing.T) {
	const greatest = 1<<63 - 1
	var s sum
	want := new(big.Int)
	add := func(mant int64, exp int16) {
		s.add(Number{mant: mant, exp: exp, ok: true})
		n := new(big.Int).Mul(big.NewInt(mant), bigPow10(int(exp)))
		want.Add(want, n)
		if s.int().Cmp(new(big.Int).Mul(want, bigPow10(-int(s.exp)))) != 0 {
			t.Fatalf("after %d × 10^%d: got %s × 10^%d, want %s", mant, exp, s.int(), s.exp, want)
		}
	}
	for _, sign := range []int64{1, -1} {
		for range 3 {
			add(sign*greatest, 0)
		}
		for range 60 {
			add(sign*greatest, 18) // 2^122.8 each
		}
		if s.large == nil {
			t.Error("no overflow")
		}
		for range 60 {
			add(-sign*greatest, 18)
		}
		if s.large != nil {
			t.Error("still large")
		}
		for range 6 {
			add(-sign*greatest, 0)
		}
	}
}
