package parser

import (
	"strings"
	"testing"
)

// badQuery is a query that is refused; ‸ stands before the place of the error.
type badQuery struct{ marked, msg, hint string }

func badQueries() []badQuery {
	return []badQuery{
		// What DTail accepts without a word.
		{`select a ‸having b > 1`, `having needs group by or an aggregate`, `where filters lines`},
		{`select a‸; drop`, `unexpected ";"`, `one query only, without a semicolon`},
		{`select a‸;`, `unexpected ";"`, `one query only, without a semicolon`},
		{`select ‸sum()`, `sum takes one argument, not 0`, ``},
		{"select ‸``", `the name is empty`, ``},
		{"select ‸`", `the name is not closed`, ``},
		{`select a ‸a a`, `a second column "a"`, `give it a name of its own with as`},
		{`select a where b eq ‸"unterminated`, `the text is not closed`, ``},
		{`select a interval‸`, `expected a length of time such as 90s or 5m after "interval"`, ``},
		{`select a interval 10 ‸20`, `unexpected "20"`, ``},
		{`select a limit 5 ‸6`, `unexpected "6"`, ``},
		{`select a logformat generic ‸kv`, `unexpected "kv"`, ``},
		{`select a logformat ‸CSV`, `unknown log format "CSV"`, `did you mean "csv"?`},
		{`select a from b ‸from c`, `a second "from" clause`, ``},
		{`select a group by b ‸group by c`, `a second "group" clause`, ``},
		{`select a order by a ‸rorder by a`, `order by and rorder by exclude each other`, ``},
		{`select a rorder by a ‸ORDER by a`, `order by and rorder by exclude each other`, ``},
		{`select a outfile append‸`, `expected a path after "append"`, ``},
		{`select a set $b = md5sum‸(a`, `"(" is not closed`, ``},
		{`select a interval ‸0`, `interval takes a length of time, not 0`, `seconds such as 60, or 90s, 5m, 1h30m`},
		{`select a limit ‸-1`, `expected a whole number of rows after "limit", not "-"`, ``},
		// Clauses.
		{`‸`, `the query is empty`, ``},
		{`‸ -- nothing`, `the query is empty`, ``},
		{`from x‸`, `a query needs a select clause`, ``},
		{`explain‸`, `expected select after "explain"`, ``},
		{`select‸`, `expected a column after "select"`, ``},
		{`select a, ‸from b`, `expected a value after ",", not "from"`, "if it is a name: `from`"},
		{`select ‸group`, `expected a column after "select", not "group"`, "if it is a name: `group`"},
		{`select a ‸explain`, `unexpected "explain"`, `explain comes first`},
		{`select a as ‸"b"`, `expected a name after "as", not "b"`, `a name goes without quotes, or in back-ticks`},
		{`select a from ‸"b"`, `expected a table, "*" or "." after "from", not "b"`, `a name goes without quotes, or in back-ticks`},
		{`select a parse ‸"x"`, `the pattern has no name in it`, "for example: parse \"<ip> - <user> [<time>]\""},
		{`select a parse ‸"<a><b>"`, `nothing tells where the value before <b> ends`, `put some text in between`},
		{`select a parse b ‸"<a> <_> <a>"`, `<a> stands there twice`, `what is not needed is <_>`},
		{`select a parse regex ‸"x (y)"`, `the pattern has no group with a name`, `a group with a name is a field: (?P<ip>\S+)`},
		{`select a parse regex "‸x (?P<y>"`, `wrong regular expression: missing closing )`, `the syntax is RE2's`},
		{`select a parse ‸count(*) "<a> b"`, `count is an aggregate, but parse sees one line at a time`, ``},
		{`select a parse ‸where a == 1`, `expected a pattern in quotes, or what to cut up after "parse", not "where"`, "if it is a name: `where`"},
		{`select a parse b‸`, `the query is not complete`, ``},
		{`select a logformat ‸xyz`, `unknown log format "xyz"`, `known: auto, default, generic, generickv, csv, tsv, json, logfmt, combined, common, syslog, klog, cri, docker, regex`},
		{`select a logformat csv ‸"x"`, `logformat csv takes no pattern`, `logformat regex does`},
		{`select a logformat ‸regex where a == 1`, `logformat regex needs a pattern in quotes`, `for example: logformat regex "(?P<ip>\S+) (?P<status>\d+)"`},
		{`select a logformat regex ‸"x (y)"`, `the pattern has no group with a name`, `a group with a name is a field: (?P<ip>\S+)`},
		{`select a logformat regex "‸x (?P<y>"`, `wrong regular expression: missing closing )`, `the syntax is RE2's`},
		{`select a limit ‸1.5`, `limit takes a whole number of rows, not 1.5`, ``},
		{`select a limit ‸99999999999999999999`, `limit takes a whole number of rows, not 99999999999999999999`, ``},
		{`select a interval ‸1.5`, `interval takes a length of time, not 1.5`, `seconds such as 60, or 90s, 5m, 1h30m`},
		{`select a interval ‸5w`, `"5w" is not a number`, `text needs quotes, and a name back-ticks`},
		{`select a interval ‸106751d1d`, `interval takes a length of time, not 106751d1d`, `seconds such as 60, or 90s, 5m, 1h30m`},
		{`select a interval ‸1.5s`, `interval takes a length of time, not 1.5s`, `seconds such as 60, or 90s, 5m, 1h30m`},
		{`select a rorder by a ‸asc`, `unexpected "asc"`, `asc and desc belong to order by`},
		{`select a outfile ‸limit 5`, `expected a path`, `a path that could be taken for something else needs quotes`},
		{`select a outfile ‸""`, `the path is empty`, ``},
		{`select a set ‸b = 5`, `expected a variable such as $name after "set", not "b"`, ``},
		{`select a set $b ‸== 5`, `expected "=" after "$b", not "=="`, ``},
		{`select a set $b = 5, $c ‸6`, `expected "=" after "$c", not "6"`, ``},
		{`select a set $b‸`, `expected "=" after "$b"`, ``},
		{`select a where‸`, `expected a condition after "where"`, ``},
		// Conditions and values.
		{`select a where ‸5`, `5 is not a condition`, `compare it with something`},
		{`select a where b == 1 or ‸-b`, `-b is not a condition`, `compare it with something`},
		{`select a where not ‸"b"`, `"b" is not a condition`, `compare it with something`},
		{`select a where case when ‸b + 1 then c end`, `b + 1 is not a condition`, `compare it with something`},
		{`select a having ‸count(*)`, `count(*) is not a condition`, `compare it with something`},
		{`select a where b == 1 ‸c`, `c is not a condition`, `compare it with something`},
		{`select a where a not ‸5`, `expected in, between, like or ilike after "not"`, ``},
		{`select a where b is not ‸5`, `expected null after "not", not "5"`, ``},
		{`select a where b is ‸5`, `expected null or not null after "is", not "5"`, ``},
		{`select a where b == 1 and‸`, `expected a condition after "and"`, ``},
		{`select a where b ==‸`, `expected a value after "=="`, ``},
		{`select a where b == ‸not c`, `expected a value after "==", not "not"`, "if it is a name: `not`"},
		{`select a where b < 1 ‸< 2`, `comparisons do not chain`, `join comparisons with "and"`},
		{`select a where b is null ‸== 2`, `comparisons do not chain`, `join comparisons with "and"`},
		{`select a where b > ‸90x`, `"90x" is not a number`, `text needs quotes, and a name back-ticks`},
		{`select a where b > ‸1h5KB`, `"1h5KB" is not a number`, `text needs quotes, and a name back-ticks`},
		{`select a where b in ‸c`, `expected "(" after "in", not "c"`, ``},
		{`select a where b in (‸)`, `expected a value`, ``},
		{`select a where b in (1) ‸in (2)`, `comparisons do not chain`, `join comparisons with "and"`},
		{`select a where b between 1 ‸or 2`, `expected and`, `x between 1 and 5`},
		{`select a where b like ‸c`, `expected a pattern in quotes`, ``},
		{`select a where b << ‸c`, `expected an IP network in quotes`, ``},
		{`select a where b << ‸"10.0.0.0/33"`, `"10.0.0.0/33" is not an IP network`, `an address and a number of bits, such as 10.0.0.0/8`},
		{`select case a ‸then 1 end`, `expected when`, `case when ... then ... else ... end`},
		{`select case when a == 1 ‸else 1 end`, `expected then`, `case when ... then ... else ... end`},
		{`select case when a == 1 then b‸`, `expected end`, `case when ... then ... else ... end`},
		{`select a::‸flaot`, `unknown type "flaot"`, `did you mean "float"?`},
		{`select a::‸time`, `casts to time are not supported`, `times are compared as text, and epoch(x) gives seconds`},
		{`select a::‸5`, `expected a type: int, float, string, duration, size after "::", not "5"`, ``},
		{`select a + ‸from b`, `expected a value after "+", not "from"`, "if it is a name: `from`"},
		{`select a ‸true`, `expected "," before true`, ``},
		{`select a where b == ‸10.0.0.1`, `"10.0.0.1" is not a number`, `text needs quotes, and a name back-ticks`},
		{`select a where b == 1‸)`, `")" without "("`, ``},
		{`select a where b =~ ‸c`, `expected a regular expression in quotes`, ``},
		{`select a where b =~ "‸(x"`, `wrong regular expression: missing closing )`, `the syntax is RE2's`},
		{`select a where b =~ "ab[‸z-a]"`, `wrong regular expression: invalid character class range: z-a`, `the syntax is RE2's`},
		// Functions.
		{`select ‸foo(a)`, `unknown function "foo"`, ``},
		{`select ‸cuont(a)`, `unknown function "cuont"`, `did you mean "count"?`},
		{`select ‸count()`, `count takes one argument, not 0`, `count(*) counts lines`},
		{`select ‸count(a, b)`, `count takes one argument, not 2`, `count(*) counts lines`},
		{`select count‸(a b`, `"(" is not closed`, ``},
		{`select ‸substr(a)`, `substr takes 2 to 3 arguments, not 1`, `substr(x, start) or substr(x, start, length)`},
		{`select ‸coalesce()`, `coalesce takes 1 arguments or more, not 0`, ``},
		{`select regexp_extract(a, ‸b)`, `expected a regular expression in quotes`, `regexp_extract(x, "expression") or regexp_extract(x, "expression", group)`},
		{`select regexp_extract(a, "‸(b")`, `wrong regular expression: missing closing )`, `the syntax is RE2's`},
		{`select regexp_extract(a, "(b)", ‸2)`, `the expression has no group 2`, `groups in it: 1`},
		{`select regexp_extract(a, "b", ‸1.5)`, `expected a whole number`, `regexp_extract(x, "expression") or regexp_extract(x, "expression", group)`},
		{`select date_trunc(‸"hours", a)`, `expected one of second, minute, hour, day, week, month, year in quotes`, `date_trunc("hour", x)`},
		{`select json_get(a, ‸b)`, `expected a text in quotes`, `json_get(x, "path.to[0].value")`},
		{`select a where ‸lenght(a) > 1`, `unknown function "lenght"`, `did you mean "length"?`},
		{`select a where ‸abs(a)`, `abs(a) is not a condition`, `compare it with something`},
		{`select count(a ‸b)`, `unexpected "b"`, ``},
		{`select sum(‸count(a))`, `count is an aggregate, but sum sees one line at a time`, ``},
		{`select a where ‸count(a) > 1`, `count is an aggregate, but where sees one line at a time`, `having filters groups`},
		{`select a set $b = md5sum(‸last(a))`, `last is an aggregate, but set sees one line at a time`, ``},
		{`select a group by ‸max(a)`, `max is an aggregate, but group by sees one line at a time`, ``},
		// Typing errors that optional commas could hide.
		{`select foo ‸frm bar`, `unexpected "frm"`, `did you mean "from"? A field needs commas here.`},
		{`select foo ‸limt 5`, `unexpected "limt"`, `did you mean "limit"? A field needs commas here.`},
		{`select foo ‸st $x = 5`, `unexpected "st"`, `did you mean "set"? A field needs commas here.`},
		{`select foo where a == 1 ‸limt 5`, `limt is not a condition`, `did you mean "limit"?`},
		{`select foo where a == 1 ‸gruop by x`, `unexpected "gruop"`, `did you mean "group"?`},
		{`select foo from x ‸wher a == 1`, `unexpected "wher"`, `did you mean "where"?`},
		{`select a ‸"b"`, `expected "," before "b"`, ``},
		{`select $a ‸(b)`, `expected "," before (b)`, ``},
		// What is not there yet.
		{`select ‸analyze a`, `"analyze" is not supported`, "if it is a name: `analyze`"},
		{`select distinct‸`, `expected a column after "distinct"`, ``},
		{`select ‸sum(distinct a)`, `sum takes no distinct`, `count(distinct x) counts different values`},
		{`select ‸count(distinct)`, `count takes one argument, not 0`, `count(*) counts lines`},
		{`select percentile(a, ‸99)`, `expected a share from 0 to 1`, `percentile(x, 0.99), or percentile(x) for the rank among groups`},
		{`select topk(a, ‸b)`, `expected a whole number`, `topk(x, 10)`},
		{`select ‸arg_max(a)`, `arg_max takes 2 arguments, not 1`, `arg_max(x, by)`},
		{`select count(*) filter ‸a`, `expected "(" after "filter", not "a"`, ``},
		{`select count(*) filter (‸a == 1)`, `expected where`, `filter (where ...)`},
		{`select count(*) filter (where ‸1)`, `1 is not a condition`, `compare it with something`},
		{`select count(*) filter (where ‸sum(a) > 1)`, `sum is an aggregate, but filter sees one line at a time`, ``},
		{`select lower(a) filter (where ‸a == 1)`, `filter belongs to aggregates, and lower sees one line at a time`, ``},
		{`select a group by all‸, b`, `unexpected ","`, ``},
		{`select a limit 5 offset ‸x`, `expected a whole number of rows after "offset", not "x"`, ``},
		{`select a ‸offset 5`, `unexpected "offset"`, ``},
		{`select a ‸since 5`, `"since" is not supported`, "if it is a name: `since`"},
		{`select cpu‸-usage`, `"-" inside a name`, "for a difference put blanks around it; a name with such characters needs back-ticks: `cpu-usage`"},
		{`select a where b == x‸:y/z`, `":" inside a name`, "a name with such characters needs back-ticks: `x:y/z`"},
		{`select a ‸| b`, `unexpected "|"`, `write || to join texts`},
		// Characters.
		{`select ‸$`, `expected a name after "$"`, ``},
		{`select a where b ‸! c`, `unexpected "!"`, `write not, != or !~`},
		{`select ‸{}`, `unexpected "{"`, `text needs quotes, and a name back-ticks`},
		{"select a where b eq \"‸\xff\"", `the query is not valid UTF-8 here`, ``},
		{`select ‸1.`, `"1." is not a number`, `text needs quotes, and a name back-ticks`},
		{`select ‸1e`, `"1e" is not a number`, `text needs quotes, and a name back-ticks`},
	}
}

func TestBadQueries(t *testing.T) {
	for _, bad := range badQueries() {
		text := strings.Replace(bad.marked, "‸", "", 1)
		_, err := Parse(text)
		e, ok := err.(*Error)
		if !ok {
			t.Errorf("%s: %v, want an *Error", text, err)
			continue
		}
		if want := strings.Index(bad.marked, "‸"); e.Offset != want || e.Msg != bad.msg || e.Hint != bad.hint || e.Query != text {
			t.Errorf("want at %d: %s (%s), got at %d:\n%v", want, bad.msg, bad.hint, e.Offset, e)
		}
	}
}
