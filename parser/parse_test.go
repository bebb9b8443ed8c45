package parser

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"
)

// diff compares queries but for their text and positions.
func diff(a, b *Query) string {
	a, b = unplaced(a), unplaced(b)
	if reflect.DeepEqual(a, b) {
		return ""
	}
	return cmp.Diff(a, b, cmpopts.IgnoreUnexported(Query{}))
}

// unplaced is a copy of a query that was written nowhere.
func unplaced(q *Query) *Query {
	c := *q
	c.Text, c.pos, c.Outfile.Pos = "", nil, 0
	if q.Parse != nil {
		p := *q.Parse
		c.Parse, p.Pos, p.Input = &p, 0, unplacedExpr(p.Input)
	}
	c.Where, c.Having = unplacedExpr(q.Where), unplacedExpr(q.Having)
	c.Select, c.Set = slices.Clone(q.Select), slices.Clone(q.Set)
	c.GroupBy, c.OrderBy = slices.Clone(q.GroupBy), slices.Clone(q.OrderBy)
	for i := range c.Select {
		c.Select[i].Expr = unplacedExpr(c.Select[i].Expr)
	}
	for i := range c.Set {
		c.Set[i].Pos, c.Set[i].Expr = 0, unplacedExpr(c.Set[i].Expr)
	}
	for i := range c.GroupBy {
		c.GroupBy[i] = unplacedExpr(c.GroupBy[i])
	}
	for i := range c.OrderBy {
		c.OrderBy[i].Expr = unplacedExpr(c.OrderBy[i].Expr)
	}
	return &c
}

func unplacedExpr(e Expr) Expr {
	switch e := e.(type) {
	case *Field:
		return &Field{Name: e.Name}
	case *Var:
		return &Var{Name: e.Name}
	case *Number:
		return &Number{Text: e.Text}
	case *String:
		return &String{Value: e.Value}
	case *Call:
		return &Call{Func: e.Func, Args: unplacedList(e.Args), Filter: unplacedExpr(e.Filter)}
	case *Word:
		return &Word{Text: e.Text}
	case *In:
		return &In{X: unplacedExpr(e.X), List: unplacedList(e.List)}
	case *Between:
		return &Between{X: unplacedExpr(e.X), Lo: unplacedExpr(e.Lo), Hi: unplacedExpr(e.Hi)}
	case *Cast:
		return &Cast{X: unplacedExpr(e.X), Type: e.Type}
	case *Case:
		c := &Case{X: unplacedExpr(e.X), Else: unplacedExpr(e.Else)}
		for _, w := range e.Whens {
			c.Whens = append(c.Whens, When{unplacedExpr(w.If), unplacedExpr(w.Then)})
		}
		return c
	case *Unary:
		return &Unary{Op: e.Op, X: unplacedExpr(e.X)}
	case *Binary:
		return &Binary{Op: e.Op, L: unplacedExpr(e.L), R: unplacedExpr(e.R)}
	case *IsNull:
		return &IsNull{X: unplacedExpr(e.X), Not: e.Not}
	}
	return nil
}

func unplacedList(list []Expr) []Expr {
	var all []Expr
	for _, e := range list {
		all = append(all, unplacedExpr(e))
	}
	return all
}

// testRoundTrip holds a query against what its canonical text parses to.
func testRoundTrip(t interface {
	Helper()
	Fatalf(string, ...any)
}, q *Query) {
	t.Helper()
	text := q.String()
	again, err := Parse(text)
	if err != nil {
		t.Fatalf("canonical text of %q does not parse: %v", q.Text, err)
	}
	if d := diff(q, again); d != "" {
		t.Fatalf("%q changed over its canonical text %q:\n%s", q.Text, text, d)
	}
	if again.String() != text {
		t.Fatalf("canonical text is not stable: %q, then %q", text, again)
	}
}

func TestGoodQueries(t *testing.T) {
	for _, good := range goodQueries() {
		want := good[1]
		if want == "" {
			want = good[0]
		}
		q, err := Parse(good[0])
		if err != nil {
			t.Error(err)
			continue
		}
		if q.String() != want {
			t.Errorf("%s\n got %s\nwant %s", good[0], q, want)
		}
		testRoundTrip(t, q)
	}
}

func TestQuery(t *testing.T) {
	text := "explain select Count(*) as n, `a b` from stats where x = 5 y !~ 'z' set $x = md5sum(x) rorder by n interval 2m outfile append f.csv"
	q, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	want := &Query{
		Explain: true,
		Select:  []Item{{&Call{Func: "count", Args: []Expr{&Var{Name: "*"}}}, "n"}, {&Field{Name: "a b"}, ""}},
		From:    "STATS",
		Set:     []Assign{{0, "$x", &Call{Func: "md5sum", Args: []Expr{&Field{Name: "x"}}}}},
		Where: &Binary{Op: "and",
			L: &Binary{Op: "==", L: &Field{Name: "x"}, R: &Number{Text: "5"}},
			R: &Binary{Op: "!~", L: &Field{Name: "y"}, R: &String{Value: "z"}}},
		OrderBy:  []Order{{&Field{Name: "n"}, true}},
		Limit:    -1,
		Interval: 2 * time.Minute,
		Outfile:  Outfile{Path: "f.csv", Append: true},
	}
	if d := diff(want, q); d != "" {
		t.Error(d)
	}
	if got := q.Select[1].Title(); got != "a b" {
		t.Errorf("title %q", got)
	}
}

// TestExprText writes trees that no query has, but that a later stage could make.
func TestExprText(t *testing.T) {
	a := &Binary{Op: "==", L: &Field{Name: "a"}, R: &Number{Text: "1"}}
	for want, e := range map[string]Expr{
		"(a == 1) == (a == 1)":     &Binary{Op: "==", L: a, R: a},
		"(not a == 1) is null":     &IsNull{X: &Unary{Op: "not", X: a}},
		"a == 1 and a == 1":        &Binary{Op: "and", L: a, R: a},
		"not (a == 1 or a == 1)":   &Unary{Op: "not", X: &Binary{Op: "or", L: a, R: a}},
		"md5sum((a == 1) is null)": &Call{Func: "md5sum", Args: []Expr{&IsNull{X: a}}},
	} {
		if got := e.String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// TestPositions looks at what stands in the text where a node says it is.
func TestPositions(t *testing.T) {
	text := "select count(a), 'x' set $v = md5sum(b) where (c == -1 or $d is null) e =~ 'f' rorder by g having h > 1 outfile /i"
	q, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	where := q.Where.(*Binary)
	or := where.L.(*Binary)
	for _, at := range []struct {
		pos  int
		want string
	}{
		{q.At("select"), "select"}, {q.At("set"), "set"}, {q.At("where"), "where"}, {q.At("order"), "rorder"},
		{q.At("having"), "having"}, {q.At("outfile"), "outfile"}, {q.At("limit"), "select"},
		{q.Select[0].Expr.Pos(), "count(a)"}, {q.Select[1].Expr.Pos(), "'x'"},
		{q.Set[0].Pos, "$v"}, {q.Set[0].Expr.Pos(), "md5sum"}, {q.Set[0].Expr.(*Call).Args[0].Pos(), "b)"},
		{where.Pos(), "c =="}, {where.OpAt, "e =~"}, {where.R.(*Binary).OpAt, "=~"},
		{or.OpAt, "or"}, {or.L.(*Binary).R.Pos(), "-1"}, {or.R.Pos(), "$d"},
		{q.OrderBy[0].Expr.Pos(), "g"}, {q.Outfile.Pos, "/i"},
	} {
		if !strings.HasPrefix(text[at.pos:], at.want) {
			t.Errorf("at %d is %q, want %q", at.pos, text[at.pos:], at.want)
		}
	}
}

func TestLimits(t *testing.T) {
	condition := func(s string) string { return "select a where " + s }
	for name, c := range map[string]struct{ text, msg string }{
		"deep":     {condition(strings.Repeat("(", 200) + "b == 1" + strings.Repeat(")", 200)), ""},
		"deeper":   {condition(strings.Repeat("(", 201) + "b == 1" + strings.Repeat(")", 201)), "more than 200 levels of nesting"},
		"nots":     {condition(strings.Repeat("not ", 200) + "b == 1"), ""},
		"more":     {condition(strings.Repeat("not ", 201) + "b == 1"), "more than 200 levels of nesting"},
		"calls":    {"select " + strings.Repeat("md5sum(", 201) + "a" + strings.Repeat(")", 201), "more than 200 levels of nesting"},
		"attack":   {condition(strings.Repeat("(", 300_000)), "the query is longer than 65536 bytes"},
		"attack 2": {condition(strings.Repeat("not ", 100_000)), "the query is longer than 65536 bytes"},
		"attack 3": {condition(strings.Repeat("(", 60_000)), "more than 200 levels of nesting"},
		"long":     {condition("b == 1" + strings.Repeat(" and b == 1", 5900)), ""},
		"grows":    {condition("b=1" + strings.Repeat(",b=1", 16000)), "in its canonical form, the query is longer than 65536 bytes"},
		"name":     {"select " + strings.Repeat("x", 60_000) + "(a)", `unknown function "` + strings.Repeat("x", 40) + `…"`},
	} {
		start := time.Now()
		q, err := Parse(c.text)
		switch e, _ := err.(*Error); {
		case e == nil && c.msg != "":
			t.Errorf("%s: no error, want %s", name, c.msg)
		case e != nil && e.Msg != c.msg:
			t.Errorf("%s: %s, want %s", name, e.Msg, c.msg)
		case e != nil && len(e.Error()) > 500:
			t.Errorf("%s: error of %d bytes", name, len(e.Error()))
		case e == nil:
			testRoundTrip(t, q)
		}
		if d := time.Since(start); d > time.Second {
			t.Errorf("%s took %v", name, d)
		}
	}
}

// oracle parses with the grammar that Grammar prints, instead of the climber.
func oracle() *participle.Parser[statement] {
	expressions := expressionParser()
	return newParser(func(lex *lexer.PeekingLexer) (Expr, error) {
		if c := (climber{lex}); !c.operandIsNext() && lex.Peek().Value != "not" {
			return nil, participle.NextMatch
		}
		e, err := expressions.ParseFromLexer(lex, participle.AllowTrailing(true))
		if err != nil {
			return nil, err
		}
		return e.tree(), nil
	})
}

// TestGrammarAgrees compares the climber with the grammar, on queries that are
// mutated token by token.
func TestGrammarAgrees(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	grammar := oracle()
	accepted := 0
	for _, good := range goodQueries() {
		for range 100 {
			text := mutate(random, good[0])
			q, err := parse(text, queryParser())
			o, oracleErr := parse(text, grammar)
			if err != nil && strings.Contains(err.Hint, "needs commas") {
				continue // what that goes by are positions, which the grammar's trees lack
			}
			if (err == nil) != (oracleErr == nil) {
				t.Fatalf("%q\nclimber: %v\ngrammar: %v", text, err, oracleErr)
			}
			if err != nil {
				continue
			}
			accepted++
			if d := diff(q, o); d != "" {
				t.Fatalf("%q: climber and grammar differ:\n%s", text, d)
			}
		}
	}
	if accepted < 100 {
		t.Errorf("only %d mutated queries were accepted", accepted)
	}
}

// mutate replaces, removes, repeats or swaps a few tokens of a query.
func mutate(random *rand.Rand, text string) string {
	words := strings.Fields(text)
	other := strings.Fields(`( ) , - * . == = < =~ !~ and or not is null filter (where a ) all distinct offset 5 5m "x" 'y' + / % || << :: ::int in like between case when then else end true $v a b c by as asc eq lacks ( a == 1 ) sum( select where having from`)
	for range 1 + random.IntN(3) {
		i, j := random.IntN(len(words)), random.IntN(len(words))
		switch random.IntN(4) {
		case 0:
			words[i] = other[random.IntN(len(other))]
		case 1:
			words[i] = ""
		case 2:
			words[i] += " " + other[random.IntN(len(other))]
		case 3:
			words[i], words[j] = words[j], words[i]
		}
	}
	return strings.Join(words, " ")
}

func FuzzParse(f *testing.F) {
	for _, good := range goodQueries() {
		f.Add(good[0])
	}
	for _, bad := range badQueries() {
		f.Add(strings.Replace(bad.marked, "‸", "", 1))
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, err := Parse(text)
		if err == nil {
			testRoundTrip(t, q)
			return
		}
		if e := err.(*Error); e.Offset < 0 || e.Offset > len(text) || e.Msg == "" || e.Error() == "" {
			t.Errorf("%+v", e)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	text := goodQueries()[3][0]
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(text); err != nil {
			b.Fatal(err)
		}
	}
}
