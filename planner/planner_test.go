package planner

import (
	"flag"
	"os"
	"reflect"
	"strings"
	"testing"

	"fantail/parser"
)

func mustPlan(t testing.TB, text string) *Plan {
	t.Helper()
	q, err := parser.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	p, err := New(q)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// hostCase is a query and its host's half; "" is the query itself.
type hostCase struct{ query, host string }

func hostCases() []hostCase {
	return []hostCase{
		{"select count(*)", ""},
		{"select count($line) from stats", "select count($line) from STATS"},
		{"select host, count(*) from stats", "select count(*) from STATS group by host"},
		{"select host, count(*) as n from stats group by host order by n limit 5", "select count(*) from STATS group by host"},
		{"select host, latency from stats group by host", "select last(latency) from STATS group by host"},
		{"select host from stats group by host", "select host from STATS group by host"},
		{"select host from stats group by host having count(*) > 2", "select count(*) from STATS group by host"},
		{"select host, max(x) from stats group by host having count(*) > 2 and max(x) > 3 or y is null order by min(x)",
			"select max(x), min(x), count(*), last(y) from STATS group by host"},
		{"select sum(x), sum(x) as again from stats", "select sum(x) from STATS"},
		{"select md5sum(h) as m, count(*) from stats group by m rorder by m", "select count(*) from STATS group by md5sum(h)"},
		{"select count(*) from stats group by a, b order by `count(*)`", "select count(*) from STATS group by a, b"},
		{"select $a, count(*) from * set $a = maskdigits(x), $b = $a where $b eq \"..\" group by $a",
			"select count(*) from * set $a = maskdigits(x), $b = $a where $b eq \"..\" group by $a"},
		{"select md5sum(maskdigits(last(x))), 5, \"t\" from stats", "select last(x) from STATS"},
		{"select avg(x) from stats interval 90s outfile append \"a.csv\"", "select avg(x) from STATS interval 1m30s"},
		{"select $line", ""},
		{"select *", "select $line"},
		{"select *, $line as l limit 3", "select $line limit 3"},
		{"select $line where $line =~ \"x\" limit 5", ""},
		{"select a, b from stats where c > 1 order by d, a limit 5", "select a, b, d from STATS where c > 1"},
		{"select a as b logformat csv rorder by b", "select a logformat csv"},
		{"select `count($line)`, sum(`a b`) logformat csv group by `$x`", "select last(`count($line)`), sum(`a b`) logformat csv group by `$x`"},
		{"select max(`sd.a@1.b`), $severity from * logformat syslog", "select max(`sd.a@1.b`), last($severity) from * logformat syslog"},
		{"select x logformat regex \"(?P<x>\\S+)\"", ""},
		{"select count(*) where status > 5", ""},
		{"select distinct a, b as c, a as d from stats order by c limit 5 offset 2", "select a, b from STATS group by a, b"},
		{"select distinct *", "select $line group by $line"},
		{"select distinct a, count(*) from stats group by a, b", "select count(*) from STATS group by a, b"},
		{"select a, lower(b) as l, sum(c) * 2 from stats group by all having l is not null", "select sum(c) from STATS group by a, lower(b)"},
		{"select count(*), sum(b) from stats group by all", "select count(*), sum(b) from STATS"},
		{"select a from stats logformat generickv where b > 1", "select a from STATS logformat generickv where b > 1"},
		{"select a from stats limit 5 offset 2", "select a from STATS limit 7"},
		{"select a from stats order by a limit 5 offset 2", "select a from STATS"},
		{"select count(*) filter (where a > 1) / count(*) as r, sum(b) filter (where c) from stats", "select count(*) filter (where a > 1), count(*), sum(b) filter (where c) from STATS"},
		{"select $hostname as h, `$hostname` as f logformat csv", "select $hostname, `$hostname` as c1 logformat csv"},
		{"select lower(a) as x, `lower(a)` as y, c1 as z logformat csv", "select lower(a), `lower(a)` as c1_, c1 logformat csv"},
		{"select last(a) as x, `last(a)` as y from stats group by c1, c1_", "select last(a), last(`last(a)`) from STATS group by c1, c1_"},
		{"select $x as p, `$x` as q logformat csv set $x = a", "select $x, `$x` as c1 logformat csv set $x = a"},
		{"select a from stats group by a, a", "select a from STATS group by a"},
		{"select $file as v, `$file` as f logformat csv group by v, f, v", "select $file, `$file` as c1 logformat csv group by $file, `$file`"},
		{"select sum(x) from stats group by `count(*)` having count(*) > 1", "select sum(x), count(*) from STATS group by `count(*)`"},
		{"select a as b, max(b) as a from stats", "select max(b) from STATS group by a"},
		{"select lower(svc) as svc, count(*) from stats group by url order by svc", "select last(svc), count(*) from STATS group by url"},
		{"select date_trunc(\"hour\", last(svc)), count(*) from stats group by \"hour\"", "select last(svc), count(*) from STATS group by \"hour\""},
		{"select distinct 5, \"t\" from stats", "select 5, \"t\" from STATS group by 5, \"t\""},
		{"select a, count(distinct b) + 1 as n, p99(c), median(c), arg_max(b, c), string_agg(b, \"\"), topk(b, 3), percentile(c, 0.5) from stats group by a",
			"select count(distinct b), p99(c), median(c), arg_max(b, c), string_agg(b, \"\"), topk(b, 3), percentile(c, 0.5) from STATS group by a"},
		{"select a, percentage(b) as p, sum(b), rate(c) filter (where c > 1), percentile(b) from stats group by a order by delta(c) interval 5",
			"select sum(b), sum(c) filter (where c > 1), sum(c) from STATS group by a interval 5s"},
		{"explain select a logformat generickv limit 0", "select a logformat generickv limit 0"},
	}
}

// TestHostHalf: the host's half is what it should be, and planned again on the
// host it is the same.
func TestHostHalf(t *testing.T) {
	for _, c := range hostCases() {
		p := mustPlan(t, c.query)
		want := c.host
		if want == "" {
			want = c.query
		}
		if p.Host.Text != want {
			t.Errorf("%s\n got %s\nwant %s", c.query, p.Host.Text, want)
		}
		again := mustPlan(t, p.Host.Text)
		if !reflect.DeepEqual(again.Host, p.Host) {
			t.Errorf("%s\nplanned again: %+v\nat first:      %+v", c.query, again.Host, p.Host)
		}
	}
}

// TestGuess: without from and logformat, a field or a variable of a format makes
// it auto, and nothing else does.
func TestGuess(t *testing.T) {
	for query, want := range map[string]string{
		"select $line": "generic", "select count(*) as n order by n": "generic", "select count(*), $file group by $file": "generic",
		"select $x set $x = $line": "generic", "select a": "auto", "select count(*) where a is null": "auto", "select $hour": "auto",
		"select count(a)": "auto", "select count(*) having max(a) > 1": "auto", "select $line order by a": "auto", "select $x set $x = a": "auto",
		"select a from stats": "default", "select a from *": "default", "select a logformat csv": "csv",
	} {
		if got := mustPlan(t, query).Host.Format; got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
}

// TestSlots: what the user's half shows is what the host's half gives.
func TestSlots(t *testing.T) {
	p := mustPlan(t, "select max(x), host, md5sum(y) as m, 1 as one from stats group by zone, host having count(*) > 1 order by m")
	if got := len(p.Host.Aggs); got != 3 {
		t.Fatalf("%d aggregates: %+v", got, p.Host.Aggs)
	}
	want := []Output{
		{Title: "zone", Expr: Slot(0), Key: true},
		{Title: "max(x)", Expr: Slot(2), Number: true},
		{Title: "host", Expr: Slot(1)},
		{Title: "m", Expr: &Call{Func: "md5sum", Args: []Expr{Slot(3)}}},
		{Title: "one", Expr: Const{Text: "1", Number: true}, Number: true},
	}
	if !reflect.DeepEqual(p.Merge.Columns, want) {
		t.Errorf("columns %+v", p.Merge.Columns)
	}
	having := &Compare{Op: ">", L: Slot(4), R: Const{Text: "1", Number: true}}
	if !reflect.DeepEqual(p.Merge.Having, Expr(having)) {
		t.Errorf("having %+v", p.Merge.Having)
	}
	if got := p.Merge.OrderBy; len(got) != 1 || got[0].Asc || !reflect.DeepEqual(got[0].Expr, want[3].Expr) {
		t.Errorf("order %+v", got)
	}
}

// TestNumberText: literals are numbers as JSON has them, but for what compares
// them as text.
func TestNumberText(t *testing.T) {
	for literal, want := range map[string]string{"007": "7", "0": "0", "000": "0", "0.50": "0.50", "00.5": "0.5", ".5": "0.5",
		"5.": "5", "5.e3": "5e3", "01e05": "1e05", "1.5E+3": "1.5E+3", "-007": "-7", "-.5": "-0.5", "09m": "09m"} {
		q, err := parser.Parse("select " + literal + " as x from stats")
		if err != nil {
			continue // not a number of the language
		}
		p, err := New(q)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Host.Rows[0].(Const).Text; got != want {
			t.Errorf("%s: %s, want %s", literal, got, want)
		}
	}
	for op, want := range map[string]string{"==": "7", "<": "7", "eq": "007", "contains": "007"} {
		p := mustPlan(t, "select a from stats where a "+op+" 007")
		if got := p.Host.Where.(*Compare).R.(Const).Text; got != want {
			t.Errorf("%s 007: %s, want %s", op, got, want)
		}
	}
}

func TestRaw(t *testing.T) {
	for query, want := range map[string]bool{"select $line": true, "select *": true, "select $line where $line contains \"x\"": true,
		"select $line, $file": false, "select $file": false, "select count($line)": false, "select 5": false,
		"select $x set $x = $line": false} {
		if got := mustPlan(t, query).Host.Raw(); got != want {
			t.Errorf("%s: %t", query, got)
		}
	}
}

// badCase is a query that is refused; ‸ stands before the place of the error.
type badCase struct{ marked, msg, hint string }

func badCases() []badCase {
	return []badCase{
		{"select ‸$hostnam", "logformat generic gives no $hostnam", "did you mean $hostname?"},
		{"select $a set $abc = 1 where ‸$abd == 1", "logformat generic gives no $abd", "did you mean $abc?"},
		{"select ‸$latency from stats", "logformat default gives no $latency", "a field of the line is written without $: latency"},
		{"select ‸$cpus logformat generickv", "logformat generickv gives no $cpus", ""},
		{"select count(*) from stats group by ‸$hst", "logformat default gives no $hst", ""},
		{"select max(‸$latency) from stats", "logformat default gives no $latency", "a field of the line is written without $: latency"},
		{"select count(*) from stats group by a having max(‸$xyzzy) > 1", "logformat default gives no $xyzzy", "a field of the line is written without $: xyzzy"},
		{"select a from stats order by ‸$xyzzy", "logformat default gives no $xyzzy", "a field of the line is written without $: xyzzy"},
		{"select ‸hostname logformat generic", "logformat generic has no fields, so no hostname", "did you mean $hostname?"},
		{"select count(*) logformat generic where ‸latency > 5", "logformat generic has no fields, so no latency",
			"say how the lines are to be read: from TABLE, or logformat NAME; a text is written in quotes"},
		{"select a, ‸rate(b) from stats group by a", "rate compares windows, and the query has no interval", "for example: interval 1m"},
		{"select a, percentage(‸$xyzzy) from stats group by a", "logformat default gives no $xyzzy", "a field of the line is written without $: xyzzy"},
		{"select a, ‸$hostnam", "logformat auto gives no $hostnam", "did you mean $hostname?"},
		{"select max(‸statsu) logformat combined", "logformat combined has no field statsu", "did you mean status?"},
		{"select ‸referer logformat common", "logformat common has no field referer", ""},
		{"select ‸extra0 logformat common", "logformat common has no field extra0", "did you mean extra1?"},
		{"select extra17, ‸extra100 logformat combined", "logformat combined has no field extra100", ""},
		{"select ‸$severity logformat combined", "logformat combined gives no $severity", "a field of the line is written without $: severity"},
		{"select app, sd.a.b, ‸sd.a logformat syslog", "logformat syslog has no field sd.a", ""},
		{"select ‸hour logformat klog", "logformat klog has no field hour", "did you mean $hour?"},
		{"select ‸massage logformat cri", "logformat cri has no field massage", "known: time, stream, flag, msg"},
		{"select msg, ‸log logformat docker", "logformat docker has no field log", ""},
		{"select ip, ‸pi logformat regex \"(?P<ip>x)\"", "logformat regex has no field pi", "did you mean ip?"},
		{"select $a set $a = 1, ‸$a = 2", "$a is set twice", ""},
		{"select $a set ‸$line = 1", "$line is given by the engine and cannot be set", "choose another name"},
		{"select $a set $a = ‸$b, $b = 1", "logformat generic gives no $b", ""},
		{"select distinct a from stats order by ‸b", "with distinct, rows can be ordered by what is selected only", "select it too"},
		{"select count(*) filter (where ‸$x > 1)", "logformat generic gives no $x", ""},
		{"select max(lat) as m, count(*) from stats group by ‸m", "m is the aggregate max(lat), but group by sees one line at a time",
			"having filters groups by it, order by orders them"},
		{"select max(lat) + 1 as m from stats group by a, ‸m", "m is the aggregate max(lat) + 1, but group by sees one line at a time", ""},
		{"select $line ‸interval 5", "interval needs an aggregate or group by",
			"count lines with count($line), or leave interval out to follow the lines themselves"},
	}
}

func TestBadQueries(t *testing.T) {
	for _, bad := range badCases() {
		text := strings.Replace(bad.marked, "‸", "", 1)
		q, err := parser.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		_, err = New(q)
		e, ok := err.(*parser.Error)
		if !ok {
			t.Errorf("%s: %v, want an *Error", text, err)
			continue
		}
		hint := bad.hint == "" || e.Hint == bad.hint
		if e.Offset != strings.Index(bad.marked, "‸") || e.Msg != bad.msg || !hint {
			t.Errorf("want %s (%s), got at %d:\n%v", bad.msg, bad.hint, e.Offset, e)
		}
	}
}

var update = flag.Bool("update", false, "write testdata/explain.txt anew")

func TestExplain(t *testing.T) {
	var got strings.Builder
	for _, query := range []string{
		"explain select host, count(*), avg(latency) as ms from stats where status ne \"ok\" group by host having count(*) > 1 order by ms limit 10 interval 1m outfile \"a.csv\"",
		"explain select $line where $line =~ \"error\" limit 5",
		"explain select a, b logformat csv rorder by b",
		"explain select count(*)",
		"explain select a, b from * group by a, b",
	} {
		got.WriteString(mustPlan(t, query).Explain() + "\n")
	}
	const file = "testdata/explain.txt"
	if *update {
		if err := os.WriteFile(file, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got.String(), want)
	}
}

// TestAggregates: percentiles are one aggregate, and second arguments are literals
// or expressions.
func TestAggregates(t *testing.T) {
	p := mustPlan(t, "select p99(a), median(a), percentile(a, 0.25), arg_min(a, \"b\"), arg_max(a, b), string_agg(a, \"\"), count(distinct a), count(distinct *), first(a) from *")
	a, all := Slot(0), p.Host.Aggs
	want := []Agg{{Func: "percentile", Param: "0.99", Arg: a}, {Func: "percentile", Param: "0.5", Arg: a}, {Func: "percentile", Param: "0.25", Arg: a},
		{Func: "arg_min", Arg: a, By: Const{Text: "b"}}, {Func: "arg_max", Arg: a, By: Slot(1)}, {Func: "string_agg", Arg: a},
		{Func: "count distinct", Arg: a}, {Func: "count distinct", Arg: Slot(2)}, {Func: "first", Arg: a}}
	for i := range all {
		all[i].Text = ""
	}
	if !reflect.DeepEqual(all, want) {
		t.Errorf("%+v", all)
	}
}
