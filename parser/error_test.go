package parser

import (
	"strings"
	"testing"
)

func TestErrorText(t *testing.T) {
	long := strings.Repeat("x, ", 100)
	for _, c := range []struct{ name, query, mark, want string }{
		{"plain", "select a limit x", "x", `query:1:16: wrong
  select a limit x
                 ^
  try harder`},
		{"second line", "select a\nwhere ?\nlimit 1", "?", `query:2:7: wrong
  where ?
        ^
  try harder`},
		{"end", "select a", "", `query:1:9: wrong
  select a
          ^
  try harder`},
		{"wide", "x eq \"日本\" ?", "?", `query:1:11: wrong
  x eq "日本" ?
              ^
  try harder`},
		{"combining", "x eq \"e\u0301\" ?", "?", "query:1:11: wrong\n  x eq \"e\u0301\" ?\n           ^\n  try harder"},
		{"controls", "a\tb\x1b[31m\u202e ?\r\nlimit 1", "?", "query:1:11: wrong\n  a b\ufffd[31m\ufffd ?\n            ^\n  try harder"},
		{"long after", "select ? " + long, "?", "query:1:8: wrong\n  select ? " + long[:66] + "…\n         ^\n  try harder"},
		{"long before", "select " + long + "?", "?", "query:1:308: wrong\n  …" + long[len(long)-74:] + "?\n" + strings.Repeat(" ", 77) + "^\n  try harder"},
		{"long both", long + "?" + long, "?", "query:1:301: wrong\n  …" + long[len(long)-37:] + "?" + long[:36] + "…\n" + strings.Repeat(" ", 40) + "^\n  try harder"},
	} {
		q := &Query{Text: c.query}
		offset := strings.Index(c.query, c.mark)
		if c.mark == "" {
			offset = len(c.query)
		}
		if got := q.Errorf(offset, "try harder", "%s", "wrong").Error(); got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
}

// TestErrorWithoutQuery: later stages check queries that nobody wrote, too.
func TestErrorWithoutQuery(t *testing.T) {
	if got, want := (&Query{}).Errorf(7, "", "wrong").Error(), "query:1:1: wrong"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, offset := range []int{-1, 100} {
		if got := (&Error{Query: "ab", Offset: offset, Msg: "wrong"}).Error(); !strings.Contains(got, "\n  ab\n") {
			t.Errorf("offset %d: %q", offset, got)
		}
	}
}

func TestNearest(t *testing.T) {
	known := []string{"from", "where", "limit", "logformat", "set", "hostname", "$hostname"}
	for name, want := range map[string]string{
		"frm": "from", "FROM": "from", "form": "from", "wehre": "where", "wherre": "where", "limits": "limit",
		"logfmt": "", "logfromat": "logformat", "logfo": "logformat", "sets": "set", "size": "", "st": "set", "s": "",
		"$hostnam": "$hostname", "hstnme": "hostname", "": "", "lo": "", strings.Repeat("x", 1e6): "",
	} {
		if got := Nearest(name, known); got != want {
			t.Errorf("%.20s: %q, want %q", name, got, want)
		}
	}
	if got := Nearest("from", nil); got != "" {
		t.Error(got)
	}
}
