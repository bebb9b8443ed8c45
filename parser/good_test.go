package parser

// goodQueries are queries and their canonical text; "" is the query itself.
func goodQueries() [][2]string {
	return [][2]string{
		// What DTail's documents and tests write.
		{`select count($line), last($time) from STATS group by $hostname`, `select count($line), last($time) from STATS group by $hostname`},
		{`from STATS select sum($goroutines),sum($cgocalls),last($time),max(lifetimeConnections)`,
			`select sum($goroutines), sum($cgocalls), last($time), max(lifetimeConnections) from STATS`},
		{`SELECT $hostname,max($goroutines),max($cgocalls),$loadavg,lifetimeConnections FROM STATS GROUP BY $hostname ORDER BY max($cgocalls)`,
			`select $hostname, max($goroutines), max($cgocalls), $loadavg, lifetimeConnections from STATS group by $hostname order by max($cgocalls) desc`},
		{"select s1, `from`, count(s3) from table where w1 == 2 and w2 eq \"free beer\" group by g1, g2 order by count(s3) interval 10 limit 23",
			"select s1, `from`, count(s3) from TABLE where w1 == 2 and w2 eq \"free beer\" group by g1, g2 order by count(s3) desc limit 23 interval 10s"},
		{`limit 23 interval 10 rorder by count(s3) group by g1 g2 where w1 == 2, w2 eq "free beer" from table select s1 s2 count(s3)`,
			`select s1, s2, count(s3) from TABLE where w1 == 2 and w2 eq "free beer" group by g1, g2 order by count(s3) asc limit 23 interval 10s`},
		{`select foo from bar set $foo = "bar", $baz = 12, $bay = $foo logformat generickv`,
			`select foo from BAR logformat generickv set $foo = "bar", $baz = 12, $bay = $foo`},
		{`select $mask, count($line) set $mask = maskdigits($line), $md5 = md5sum(maskdigits($line)) group by $mask`,
			`select $mask, count($line) set $mask = maskdigits($line), $md5 = md5sum(maskdigits($line)) group by $mask`},
		{`select a from t outfile /var/tmp/out.csv interval 60`, `select a from T interval 1m outfile "/var/tmp/out.csv"`},
		{`select a from t outfile append "out file.csv"`, `select a from T outfile append "out file.csv"`},
		{`select a from t where b hasprefix "x" c nhasprefix "y" d hassuffix "z" e nhassuffix "w"`,
			`select a from T where b hasprefix "x" and c nhasprefix "y" and d hassuffix "z" and e nhassuffix "w"`},
		{`select a where b contains "x" and c ncontains "y" and d lacks e`, `select a where b contains "x" and c lacks "y" and d lacks e`},
		{`select count($line) from * group $line order $line`, `select count($line) from * group by $line order by $line desc`},
		{`select count(*) from . rorder count(*)`, `select count(*) from * order by count(*) asc`},
		{`select len(a), avg(b), min(c), max(d) where 2 <= a and b =< 3 and c => 4 and d <> 5 and e=6`,
			`select len(a), avg(b), min(c), max(d) where 2 <= a and b <= 3 and c >= 4 and d != 5 and e == 6`},
		// Names.
		{"select `a b`, `count(x)`, `x``y`, `$z`, `1`, `abc`", "select `a b`, `count(x)`, `x``y`, `$z`, `1`, abc"},
		{`select http.status, größe, _x, $a.b`, `select http.status, größe, _x, $a.b`},
		{"select a from `foo-bar`", "select a from `FOO-BAR`"},
		{"select a from `select`", "select a from `SELECT`"},
		{"select a as b, count(c) as `n o`, `like` as `in`", ""},
		{"select append", ""},
		{"select li\u212ae", ""}, // the Kelvin sign has a k as its lower case
		{"select * where * == 1", ""},
		// Literals.
		{`select a where b eq "say \"\\d\" \d" or b eq 'it''s \'`, `select a where b eq "say \"\d\" \d" or b eq "it's \\"`},
		{`select a where b =~ "\d+\.\d+" and c !~ '^"x"$'`, `select a where b =~ "\d+\.\d+" and c !~ "^\"x\"$"`},
		{`select a where b eq "" and c ne ''`, `select a where b eq "" and c ne ""`},
		{`select a where b > 3.14 and c < -1e6 and d == 1E-3`, `select a where b > 3.14 and c < -1e6 and d == 1E-3`},
		{"select a where b eq 'x\ny' -- a comment\n--another\nlimit 1--last", "select a where b eq \"x\ny\" limit 1"},
		// Conditions.
		{`select a where b == 1 or c == 2 and not d == 3`, ""},
		{`select a where (b == 1 or c == 2) and not (d == 3 and e == 4)`, ""},
		{`select a where ((b == 1)) and (c == 2 and (d == 3))`, `select a where b == 1 and (c == 2 and d == 3)`},
		{`select a where b == 1 or c == 2, d == 3 (e == 4)`, `select a where (b == 1 or c == 2) and d == 3 and e == 4`},
		{`select a where not not b is null and not c is not null`, ""},
		{`select a where (b) == (-1)`, `select a where b == -1`},
		{`select a where maskdigits(b) eq "x" and md5sum( maskdigits (c) ) ne d`, `select a where maskdigits(b) eq "x" and md5sum(maskdigits(c)) ne d`},
		// Clauses.
		{`select a, count(*) group by a having count(*) > 1 and a is not null`, ""},
		{`select count(*) having count(*) > 1`, ""},
		{`select a order by b asc, c desc, d`, `select a order by b asc, c desc, d desc`},
		{`select a rorder b c`, `select a order by b asc, c asc`},
		{`EXPLAIN Select COUNT(*) INTERVAL 1h30m`, `explain select count(*) interval 1h30m`},
		{`select a interval 90s limit 0`, `select a limit 0 interval 1m30s`},
		{`select a interval 2d12h5ms`, ""},
		{`select a outfile append /tmp/a--b.csv`, `select a outfile append "/tmp/a--b.csv"`},
		{`select a outfile -- where?` + "\n (x)", `select a outfile "(x)"`},
		{"select a outfile 'append'", `select a outfile "append"`},
		{"select a outfile `b`", `select a outfile "b"`},
		{`select a logformat csv`, ""},
		{`select host sent status`, `select host, sent, status`},
	}
}
