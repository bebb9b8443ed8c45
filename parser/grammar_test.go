package parser

import (
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/participle/v2/ebnf"
)

const manual = "../grammar.md"

func readManual(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(manual)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestManualGrammar holds the grammar in the manual against the parser's. With
// -args update it writes it there.
func TestManualGrammar(t *testing.T) {
	text := readManual(t)
	head, rest, ok := strings.Cut(text, "<!-- grammar: begin -->\n")
	_, tail, ok2 := strings.Cut(rest, "<!-- grammar: end -->")
	if !ok || !ok2 {
		t.Fatal("the markers are not there")
	}
	want := head + "<!-- grammar: begin -->\n```ebnf\n" + Grammar() + "```\n<!-- grammar: end -->" + tail
	if flag.Arg(0) == "update" {
		if err := os.WriteFile(manual, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if text != want {
		t.Errorf("%s is not up to date; write it with: go test ./parser -run TestManualGrammar -args update", manual)
	}
}

// TestGrammarIsComplete looks for productions that are used and not defined.
func TestGrammarIsComplete(t *testing.T) {
	grammar, err := ebnf.ParseString(Grammar())
	if err != nil {
		t.Fatal(err)
	}
	defined := map[string]bool{}
	for _, p := range grammar.Productions {
		defined[p.Production] = true
	}
	words := regexp.MustCompile(`"[^"]*"|<\w+>`).ReplaceAllString(Grammar(), "")
	for _, name := range regexp.MustCompile(`\w+`).FindAllString(words, -1) {
		if !defined[name] {
			t.Errorf("%s is not defined", name)
		}
	}
}

func TestManualExamples(t *testing.T) {
	examples := regexp.MustCompile("(?s)```sql\n(.*?)```").FindAllStringSubmatch(readManual(t), -1)
	if len(examples) < 15 {
		t.Fatalf("only %d examples", len(examples))
	}
	for _, example := range examples {
		q, err := Parse(example[1])
		if err != nil {
			t.Error(err)
			continue
		}
		testRoundTrip(t, q)
	}
}

// TestManualIsComplete looks for every keyword, function and format in the manual.
func TestManualIsComplete(t *testing.T) {
	text := readManual(t)
	literals := regexp.MustCompile(`"([^"]+)"`).FindAllStringSubmatch(Grammar(), -1)
	prose, _, _ := strings.Cut(text, "\n## Grammar\n")
	words := append(functionNames(), Formats()...)
	for _, l := range literals {
		words = append(words, l[1])
	}
	for _, w := range words {
		if !strings.Contains(prose, w) {
			t.Errorf("%s is not in the manual", w)
		}
	}
}

// TestKeywords holds the words of the grammar against the lexer's keywords: a
// word of one that the other does not know could never be parsed.
func TestKeywords(t *testing.T) {
	inGrammar := map[string]bool{}
	for _, l := range regexp.MustCompile(`"([a-z]+)"`).FindAllStringSubmatch(Grammar(), -1) {
		inGrammar[l[1]] = true
		if l[1] != "append" && l[1] != "regex" && !isKeyword(l[1]) { // those are words of outfile and parse only
			t.Errorf("%s is no keyword", l[1])
		}
	}
	for _, w := range clauseWords() {
		if !inGrammar[w] {
			t.Errorf("no clause begins with %s", w)
		}
	}
}
