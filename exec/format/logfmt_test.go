package format

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func logfmtCases() []parseCase {
	return []parseCase{
		{"logfmt", "logfmt", "", "b a", "a=1 b=x\nb=\"x y\"  a=\n", "x,1\nx y,\n", 0},
		{"logfmt, escapes", "logfmt", "", "a b", `a="say \"hi\"\n\t\u00e9\\" b=c:\d` + "\n", "say \"hi\"\n\té\\,c:\\d\n", 0},
		{"logfmt, first of two and prefixes", "logfmt", "", "a ab abcdefghij", "ab=1 a=2 a=3 abcdefghijk=4 abcdefghij=5 ab=6\n", "2,1,5\n", 0},
		{"logfmt, no equals sign", "logfmt", "", "a b c", "a b=1 c\nb=\n", ",1,\n-,,-\n", 0},
		{"logfmt, equals signs in a value", "logfmt", "", "a b q", "a=x=y b=\"k=v w=z\" q=/s?w=1&v=2\n", "x=y,k=v w=z,/s?w=1&v=2\n", 0},
		{"logfmt, blanks", "logfmt", "", "a b", "  a=1\tb=2  \n", "1,2\n", 0},
		{"logfmt, DOS", "logfmt", "", "a b", "b=2 a=1\r\na=\"1\"\r\n", "1,2\n1,-\n", 0},
		{"logfmt, variables", "logfmt", "", "$time $hour $loglevel", "ts=2026-11-20T10:11:12Z lvl=warn\nmsg=x ts=\n", "2026-11-20T10:11:12Z,10,warn\n,-,-\n", 0},
		{"logfmt, not well-formed", "logfmt", "", "a b", "hello world\n\na=1 b=\"x y\na=\"\\\"\nx=\"1\"b=2\n", "-,-\n-,-\n1,x y\n\",-\n-,2\n", 4},
		{"logfmt, empty key", "logfmt", "", "a", "=x a=1\n", "1\n", 0},
	}
}

// TestLogfmtOracle writes random values, and finds them again.
func TestLogfmtOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.MapOf(rapid.StringMatching(`[a-z]{1,10}`), rapid.StringMatching(`[a-z0-9"\\ =é\n]{0,12}`)).Draw(t, "values")
		var tokens []string
		var fields []Field
		for key, value := range values {
			fields = append(fields, Field{Name: key})
			if strings.ContainsAny(value, "\"\\ =\n") || rapid.Bool().Draw(t, "quoted") {
				value = strconv.Quote(value)
			}
			tokens = append(tokens, key+"="+value)
		}
		line := strings.Join(tokens, " ")
		b := Batch{Text: []byte(line), Lines: []Span{{0, uint32(len(line))}}}
		fields = slices.Insert(fields, 0, Field{Name: "A"})
		newLogfmt(fields).Parse(&b)
		for f, field := range fields[1:] {
			s := b.Fields[f+1][0]
			if s.IsNull() || string(b.Text[s.Start:s.End]) != values[field.Name] {
				t.Errorf("%s of %s: %v, want %q", field.Name, line, s, values[field.Name])
			}
		}
		if !b.Fields[0][0].IsNull() {
			t.Errorf("%s has an A", line)
		}
	})
}
