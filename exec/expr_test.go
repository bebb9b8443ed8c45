package exec

import (
	"fmt"
	"hash/fnv"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
)

// oneLine has a value of every sort; nothing is missing.
const oneLine = "n=7|d=2.5|t=abc|u=Größe|z=0|e=|yes=true|no=false|lat=1.3s|mem=2KiB|ip=10.1.2.3|ip6=2001:db8::1|big=9223372036854775807|pct=50%|neg=-7.5\n"

// evaluate gives an expression's value for one line; a null is "null".
func evaluate(t testing.TB, expr string) string {
	t.Helper()
	return strings.TrimSuffix(query(t, "select "+expr+" as v from * logformat generickv", memFile{"a.log", oneLine}), "\n")
}

func TestExpressions(t *testing.T) {
	for _, c := range []struct{ expr, want string }{
		// Arithmetic.
		{"n + 1, n - 10, n * d, n / 2, n % 4, -n, -(-n)", "8,-3,17.5,3.5,3,-7,7"},
		{"0.1 + 0.2, 0.1 * 3, 1e3 + 1, 1 - 0.9", "0.3,0.3,1001,0.1"},
		{"2 + 3 * 4, (2 + 3) * 4, 10 - 4 - 3, 100 / 10 / 5, -2 * 3, 2 - -2, 17 % 5 * 2", "14,20,3,2,-6,4,4"},
		{"n / 0, n % 0, n / z, t + 1, missing * 2, e + 1, null + 1", "null,null,null,null,null,null,null"},
		{"neg % 2, 7.5 % -2, 5.5 % 0.1, 1 / 3, 2 / 3, -1 / 3", "-1.5,1.5,0,0.3333333333333333,0.6666666666666666,-0.3333333333333333"},
		{"big + 1, big * 10, big - big, 1e300 * 1e300, 1e-300 / 1e300", "9223372036854775810,92233720368547758100,0,null,null"},
		// Texts.
		{`t || u, t || n, n + 1 || "x", t || missing, t || ""`, "abcGröße,abc7,8x,null,abc"},
		// Literals and conditions as values.
		{"true, false, null, n > 5, n > 9, missing > 1, not yes, not no", "true,false,null,true,false,null,false,true"},
		{`yes and no, yes or no, t or yes, t and yes, t or no, (n > 5) == true`, "false,true,true,null,null,true"},
		// Tests.
		{`n in (1, 7), n in (1, 2), n not in (1, 2), t in ("x", "abc"), n in ("7.0")`, "true,false,true,true,true"},
		{`n in (1, null), n in (7, null), n not in (1, null), missing in (1), missing in ("a"), t in ("x", null)`, "null,true,null,null,null,null"},
		{`n between 5 and 7, n between 8 and 9, n not between 8 and 9, missing between 1 and 2, n between 8 and missing, n between 5 and missing`,
			"true,false,true,null,false,null"},
		{`t like "a%", t like "%c", t like "%b%", t like "a_c", t like "abc", t like "ab", t like "A%", t ilike "A%"`,
			"true,true,true,true,true,false,false,true"},
		{`u like "Gr__e", u ilike "GRÖSSE", u ilike "grö_E", pct like "50\%", t like "5\%", pct like "%\%%", t like "a%b%c", e like "", e like "%", t not like "x%", missing like "%"`,
			"true,false,true,true,false,true,true,true,true,true,null"},
		{`t like "ab%bc", t like "%%", t like "a\bc", t like "(abc|x)"`, "false,true,false,false"},
		{`ip << "10.0.0.0/8", ip << "10.1.2.3", ip << "11.0.0.0/8", ip << "::/0", t << "::/0", ip6 << "2001:db8::/32", ip6 << "0.0.0.0/0", missing << "::/0"`,
			"true,true,false,false,null,true,false,null"},
		// Choices.
		{`case when n > 9 then "big" when n > 5 then "mid" else "small" end, case n when 6 then "six" when 7 then "seven" end, case n when 8 then 1 end`,
			"mid,seven,null"},
		{`case when missing > 1 then 1 else 2 end, case missing when null then 1 else 2 end, case when yes then t end, case when n > 5 then n end + 1`, "2,2,abc,8"},
		// Casts.
		{`d::int, neg::int, t::int, n::float, d::string, "1e3"::int, 0.9::int, 1e-30::int`, "2,-7,null,7,2.5,1000,0,0"},
		{`"10" < "9", "10"::string < "9"::string, n::string == "7.0", n == "7.0"`, "false,true,false,true"},
		{`lat::duration, mem::size, n::duration, t::duration, lat::size, "1h30m"::duration, "1500 ms"::duration, "-2d"::duration, 1.5MB::float`,
			"1.3,2048,7,null,null,5400,1.5,-172800,1500000"},
		// Units.
		{`lat > 250ms, lat > 2s, lat < 1m, lat == 1300ms, 250ms, 1h30m, 1.5KiB, 2 * 10MB, -5m`, "true,false,true,true,0.25,5400,1536,20000000,-300"},
		{`mem > 2KB, mem == 2048B, mem in (1KB, 2KiB), lat between 1s and 2s, lat + 200ms, lat * 1s, n > 5s, lat > 1KB, mem > 1s, lat / 1ms`,
			"true,true,true,true,1.5,1.3,true,null,null,1300"},
	} {
		if got := evaluateAll(t, c.expr); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.expr, got, c.want)
		}
	}
}

// TestFunctions: every function of one line.
func TestFunctions(t *testing.T) {
	for _, c := range []struct{ expr, want string }{
		{`lower(u), upper(u), upper(t), lower(missing), trim("  a b ") || "|", trim("xxaxbxx", "x"), trim("äöaö", "äö"), trim(e)`,
			"größe,GRÖßE,ABC,null,a b|,axb,a,"},
		{`length(u), length(e), length(missing), length(u) + 1, length("日本")`, "5,0,null,6,2"},
		{`substr(u, 2), substr(u, 2, 2), substr(u, -2), substr(u, -2, 1), substr(u, 0, 2), substr(u, 9), substr(u, -9, 6), substr(u, 1, 0), substr(u, 1, -1), substr(u, t), substr(u, 2.9, 1)`,
			"röße,rö,ße,ß,G,,Gr,,,null,r"},
		{`replace(t, "b", "xx"), replace("aaa", "aa", "b"), replace(t, "", "x"), replace(t, "b", ""), replace(t, missing, "")`, "axxc,ba,abc,ac,null"},
		{`split_part("a,b,c", ",", 2), split_part("a,b,c", ",", -1), split_part("a,b", ",", 3), split_part("a", ",", 1), split_part("a", "", 1), split_part("a", "", 2), split_part("a", ",", 0)`,
			"b,c,,a,a,,null"},
		{`regexp_extract(ip, "(\d+)\.(\d+)"), regexp_extract(ip, "(\d+)\.(\d+)", 2), regexp_extract(ip, "\d+"), regexp_extract(t, "\d+"), regexp_extract(t, "b|(z)", 1), regexp_extract(missing, "x")`,
			"10,1,10,null,null,null"},
		{`regexp_replace(ip, "\d+", "N"), regexp_replace(t, "(a)(b)", "\2\1$1"), regexp_replace(t, "x*", "-"), regexp_replace(t, "z", "-")`,
			"N.N.N.N,ba$1c,-a-b-c-,abc"},
		{`coalesce(missing, t, n), coalesce(missing, missing), coalesce(missing, 5) + 1, coalesce(t), nullif(n, 7.0), nullif(n, 8), nullif(missing, 1), nullif(n, missing)`,
			"abc,null,6,abc,null,7,null,7"},
		{`abs(neg), abs(n), abs(t), round(2.5), round(neg), round(1.005, 2), round(1234, -2), round(0.4), round(n, 1), round(1e-300), round(5, 400), floor(neg), ceil(neg), floor(d), ceil(d), ceil(-0.5)`,
			"7.5,7,null,3,-8,1.01,1200,0,7,0,5,-8,-7,2,3,0"},
		{`bucket(17, 5), bucket(-3, 5), bucket(2.7, 0.5), bucket(n, 0), bucket(t, 5), bucket(10, 5), bucket(-5, 5), bucket(7, -5), bucket(lat::duration, 250ms)`,
			"15,-5,2.5,null,null,10,-5,5,1.25"},
		{`md5sum(t), maskdigits(ip), hash(t) == hash("abc"), hash(t) % 1 == 0, hash(t), hash(e)`,
			"900150983cd24fb0d6963f7d28e17f72,........,true,true," + hashOf("abc") + "," + hashOf("")},
		{`json_get(missing, "a"), json_get(t, "a")`, "null,null"},
		{`url_host("https://me@Example.com:8443/a?b=c#d"), url_host("//x/y"), url_host("/a/b"), url_host("http://[::1]:80/"), url_host("/go?to=http://x/"), url_host("http:///a")`,
			"Example.com,x,null,::1,null,null"},
		{`url_path("https://h/a/b?c=d"), url_path("/a/b?c#e"), url_path("https://h"), url_path("/a//b"), url_path("/to/http://x")`, "/a/b,/a/b,,/a//b,/to/http://x"},
		{`url_param("/s?q=a+b%21&x=1&q=2", "q"), url_param("/s?q=1", "x"), url_param("/s?x%20y=%zz", "x y"), url_param("/s?q", "q"), url_param("/s", "q")`,
			"a b!,null,%zz,,null"},
		{`ip_mask(ip, 24), ip_mask(ip, 0), ip_mask(ip6, 24, 32), ip_mask(ip6, 24), ip_mask(ip, 33), ip_mask(t, 8), ip_mask("::ffff:1.2.3.4", 8)`,
			"10.1.2.0/24,0.0.0.0/0,2001:db8::/32,null,null,null,1.0.0.0/8"},
	} {
		if got := evaluateAll(t, c.expr); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.expr, got, c.want)
		}
	}
}

// hashOf is the hash once more, by the standard library's FNV.
func hashOf(s string) string {
	f := fnv.New64a()
	f.Write([]byte(s))
	h := f.Sum64()
	for _, k := range []uint64{0xff51afd7ed558ccd, 0xc4ceb9fe1a85ec53} {
		h = (h ^ h>>33) * k
	}
	return fmt.Sprint((h ^ h>>33) >> 1)
}

func TestJSONGet(t *testing.T) {
	log := "m={\"a\":{\"b\":[1,\"x\\ny\"]},\"c\":null,\"d\":true}|n=1\nm=oops\nn=2\nm={\"d\":{\"e\":2.5}}\n"
	for text, want := range map[string]string{
		`select json_get(m, "a.b[0]") + n as v, json_get(m, "c") is null as c, json_get(m, "d") as d`:          "2,true,true\nnull,true,null\nnull,true,null\nnull,true,{\"e\":2.5}\n",
		`select json_get(json_get(m, "d"), "e") as e, length(json_get(m, "a.b[1]")) as l`:                      "null,3\nnull,null\nnull,null\n2.5,null\n",
		`select case when json_get(m, "d") then 1 end as v, json_get(m, "a.b[1]") =~ "^x.y$" as w where n > 0`: "1,false\nnull,null\n",
	} {
		if got := query(t, text+" from * logformat generickv", memFile{"a.log", log}); got != want {
			t.Errorf("%s\n got %q\nwant %q", text, got, want)
		}
	}
}

func TestTimes(t *testing.T) {
	for _, c := range []struct{ expr, want string }{
		{`epoch("2026-11-20T10:15:00Z"), epoch("2026-11-20 10:15:00.25+01:00"), epoch("20261120-101500"), epoch("20/Nov/2026:10:15:00 +0100"), epoch("1970-01-01T00:00:00,5")`,
			"1795169700,1795166100.25,1795169700,1795166100,0.5"},
		{`epoch(1795169700), epoch("1795169700123"), epoch("1795169700123456"), epoch("1795169700123456789"), epoch(-1)`,
			"1795169700,1795169700.123,1795169700.123456,1795169700.123456789,-1"},
		{`epoch(t), epoch(missing), epoch("2026-13-20T10:15:00Z"), epoch("2026-11-20"), epoch("2026-11-20T10:15:00X"), epoch("20/Xxx/2026:10:15:00 +0100"), epoch("20/Nov"), epoch("1e300"), date_trunc("hour", "1e40")`,
			"null,null,null,null,null,null,null,null,null"},
		{`date_trunc("hour", "2026-11-20T10:15:00.7Z"), date_trunc("day", "2026-11-20T23:15:00-07:30"), date_trunc("week", "2026-11-20 10:15:00"), date_trunc("month", "20261120-101500"), date_trunc("year", "2026-11-20T10:15:00Z"), date_trunc("minute", "1969-12-31T23:59:59Z"), date_trunc("second", t)`,
			"2026-11-20T10:00:00Z,2026-11-20T00:00:00-07:30,2026-11-16T00:00:00,2026-11-01T00:00:00,2026-01-01T00:00:00Z,1969-12-31T23:59:00Z,null"},
		{`strftime("%Y/%m/%d %H:%M:%S %j %w %%%s%x%", "2026-11-20T10:15:07.9+01:00"), strftime("%H", t)`, "2026/11/20 10:15:07 324 5 %1795166107%x%,null"},
		{`bucket("2026-11-20T10:17:30Z", 5m), bucket("20261120-101730", 1h), bucket("2026-11-20T10:17:30+01:00", 15m), bucket(lat, 250ms), bucket(t, 5m), bucket(17, 5s), bucket("2026-11-20T10:17:30Z", 0s)`,
			"2026-11-20T10:15:00Z,2026-11-20T10:00:00,2026-11-20T10:15:00+01:00,1.25,null,15,null"},
	} {
		if got := evaluateAll(t, c.expr); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.expr, got, c.want)
		}
	}
}

func TestPattern(t *testing.T) {
	for line, want := range map[string]string{
		"":                                                                   "",
		"user 42 logged in":                                                  "user <num> logged in",
		"took 1.5s, 12ms, 1h30m, 1,024":                                      "took <duration>, <duration>, <duration>, <num>",
		"free 17.0 KB of 4GiB, 64M, 9 B":                                     "free <size> of <size>, <size>, <size>",
		"10.0.0.1:8080 -> 1.2.3.4":                                           "<host>:<num> -> <host>",
		"from 2001:db8::1 and ::1, fe80::1%eth0":                             "from <host> and <host>, <host>",
		"[::1]:80 12:30:45 a::b 1:2:3:4:5:6:7:8":                             "[<host>]:<num> <time> <host> <host>",
		"std::vector x::y 12:30 ::":                                          "std::vector x::y <num>:<num> ::",
		"to ::ffff:10.1.2.3: 1::2::3":                                        "to <host>: <host>::<num>",
		"id 123e4567-e89b-12d3-a456-426614174000.":                           "id <uuid>.",
		"0xdeadbeef 0x1F deadbeef 12345678 4a5b6c7d8e":                       "<num> <num> <num> <num> <num>",
		"web12 sha1 b4 facade af43 af43e xaf43e12":                           "web<num> sha<num> b<num> facade af<num> <num> xaf<num>e<num>",
		"01HF7Z8Q9K2M3N4P5Q6R7S8T9V":                                         "<id>",
		"GET /api/users/42/orders/77?p=3":                                    "GET /api/users/<num>/orders/<num>?p=<num>",
		"/blobs/2026/11/20/0xff x /a/1/2":                                    "/blobs/<path> x /a/<path>",
		"/1/2 and /3":                                                        "/<path> and /<num>",
		"1/2 3/4/5/x":                                                        "<num>/<num> <num>/<path>/x",
		"open /var/log/a.log: /etc /home?x a/var/b/c":                        "open <path>: /etc /home?x a/var/b/c",
		"-5 +5 a-5 5% größe5 1.2.3 1.2.3.4.5 3-4":                            "<num> <num> a-<num> <num>% größe<num> <num> <num> <num>-<num>",
		"2026-11-20T10:15:00.123Z 2026/11/20 10:15":                          "<time> <time> <num>:<num>",
		"[20/Nov/2026:10:15:00 +0100] 20261120-101500":                       "[<time>] <time>",
		"at Fri Nov  6 9:05:00 2026 (Fri, 06 Nov 2026 09:05:00 GMT)":         "at <time> (<time>)",
		"Nov 20 10:15:00 Nov 20 May 7":                                       "<time> Nov <num> May <num>",
		"blk_-1608999687919862906 pid=12,uid=-2":                             "blk_<num> pid=<num>,uid=<num>",
		"www.example.com. db-1.example.de a@b.org":                           "<host>. <host> <email>",
		"com.example.net main.go libz2.so job.id v1.tar.gz":                  "com.example.net main.go libz<num>.so job.id v<num>.tar.gz",
		"from 10.0.0.1 (www.example.com) at 10.0.0.1 () x":                   "from <host> at <host> x",
		"from 10.0.0.1 (timeout)":                                            "from <host> (timeout)",
		"bssid 5c:50:15:4c:18:13 00-1b-63-84-45-e6":                          "bssid <mac> <mac>",
		"closed for user bob. Invalid user x-1 from":                         "closed for user <user>. Invalid user <user> from",
		"password for root, for invalid user al password for invalid user b": "password for <user>, for invalid user <user> password for invalid user <user>",
	} {
		got, _ := pattern([]byte("before/"), [][]byte{[]byte(line)})
		if string(got) != "before/"+want {
			t.Errorf("%s\n got %s\nwant %s", line, got[len("before/"):], want)
		}
		again, _ := pattern(nil, [][]byte{[]byte(want)})
		if string(again) != want {
			t.Errorf("the pattern of %s is %s", want, again)
		}
	}
}

func FuzzFunctions(f *testing.F) {
	f.Add([]byte("http://a/1?x=%4"), []byte("x"), []byte("-2"))
	f.Add([]byte("2001:db8::1/64"), []byte("\xff"), []byte("1e300"))
	f.Fuzz(func(t *testing.T, a, b, c []byte) {
		for _, fn := range []rowFunc{lower, upper, trim, length, hash, substr, replace, splitPart, urlHost, urlPath, urlParam, ipMask, pattern, epoch, md5sum, maskDigits} {
			args := [][]byte{a, b, c}
			got, _ := fn([]byte("head"), args)
			if !strings.HasPrefix(string(got), "head") {
				t.Errorf("%q %q %q: %q", a, b, c, got)
			}
		}
		if at, ok := parseInstant(a); ok {
			at.appendLocal(nil, at.local())
		}
		parseQuantity(a, true)
		parseQuantity(a, false)
	})
}

// evaluateAll evaluates a list of expressions.
func evaluateAll(t testing.TB, list string) string {
	t.Helper()
	var got []string
	for _, expr := range splitList(list) {
		got = append(got, evaluate(t, expr))
	}
	return strings.Join(got, ",")
}

// splitList cuts a list at the commas outside of quotes and parentheses.
func splitList(list string) []string {
	var items []string
	depth, start, quoted := 0, 0, false
	for i, r := range list {
		switch {
		case r == '"':
			quoted = !quoted
		case quoted:
		case r == '(':
			depth++
		case r == ')':
			depth--
		case r == ',' && depth == 0:
			items = append(items, strings.TrimSpace(list[start:i]))
			start = i + 1
		}
	}
	return append(items, strings.TrimSpace(list[start:]))
}

// TestTruthTables: all of three-valued logic.
func TestTruthTables(t *testing.T) {
	values := []string{"true", "false", "null"}
	and := []string{"true", "false", "null", "false", "false", "false", "null", "false", "null"}
	or := []string{"true", "true", "true", "true", "false", "null", "true", "null", "null"}
	for i, a := range values {
		for j, b := range values {
			for _, c := range []struct{ expr, want string }{
				{a + " and " + b, and[3*i+j]},
				{a + " or " + b, or[3*i+j]},
				{"not (" + a + " and " + b + ") ", evaluate(t, "not "+a+" or not "+b)},
				{"not " + a, []string{"false", "true", "null"}[i]},
				{a + " is null", fmt.Sprint(i == 2)},
				{a + " in (" + b + ")", evaluate(t, a+" == "+b)},
				{a + " not in (" + b + ", null)", map[bool]string{true: "false", false: "null"}[i == j && i < 2]},
			} {
				if got := evaluate(t, c.expr); got != c.want {
					t.Errorf("%s is %s, want %s", c.expr, got, c.want)
				}
			}
		}
	}
}

// TestUnits: what the parser takes for a number with a unit is one.
func TestUnits(t *testing.T) {
	for text, want := range map[string]string{
		"1ns": "0.000000001", "1us": "0.000001", "2µs": "0.000002", "2μs": "0.000002", "3ms": "0.003", "4s": "4", "5m": "300",
		"6h": "21600", "1d": "86400", "1h2m3s4ms": "3723.004", "1.5h": "5400", "7B": "7", "1kB": "1000", "1KB": "1000", "1MB": "1000000",
		"1GB": "1000000000", "1TB": "1000000000000", "1PB": "1000000000000000", "1KiB": "1024", "1MiB": "1048576", "1GiB": "1073741824",
		"1TiB": "1099511627776", "1PiB": "1125899906842624",
	} {
		if got := evaluate(t, text); got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
}

// TestBranchesSeeEveryLine: what one branch or filter asks for is there for the
// lines of the other.
func TestBranchesSeeEveryLine(t *testing.T) {
	log := "a=1|b=x\na=2|b=y\na=3\na=x|b=z\n"
	const sets = " from * logformat generickv set $c = a * 2, $d = maskdigits(a || b)"
	for text, want := range map[string]string{
		"select case when a > 1 then $c else $d end as v" + sets: ".x\n4\n6\nxz\n",
		"select a where b is not null and $c > 2" + sets:         "2\n",
		"select $d where $c > 2 or $d like \"x%\"" + sets:        ".y\nnull\nxz\n",
	} {
		if got := query(t, text, memFile{"a.log", log}); got != want {
			t.Errorf("%s\n got %q\nwant %q", text, got, want)
		}
	}
}

// TestAggregateExpressions: expressions over aggregates, on the user's half.
func TestAggregateExpressions(t *testing.T) {
	log := "s=a|x=1|y=2\ns=a|x=3|y=4\ns=b|x=10|y=5\ns=c\n"
	for text, want := range map[string]string{
		"select sum(x) / count(*) as r, s from * logformat generickv group by s order by r desc, s asc":                                                "10,b\n2,a\nnull,c\n",
		"select s, -max(x) + min(y), count(*) * 100 || \"%\" from * logformat generickv group by s":                                                    "a,-1,200%\nb,-5,100%\nc,null,100%\n",
		"select s, count(*) from * logformat generickv group by s having sum(x) * 2 between 5 and 10":                                                  "a,2\n",
		"select x > 2 as big, count(*) from * logformat generickv group by x > 2":                                                                      "false,1\ntrue,2\nnull,1\n",
		"select sum(x * y), sum(x) * sum(y) from * logformat generickv":                                                                                "64,154\n",
		"select s, case when count(*) > 1 then \"many\" else \"one\" end from * logformat generickv group by s order by count(*) desc, s desc limit 2": "a,many\nc,one\n",
	} {
		if got := query(t, text, memFile{"a.log", log}); got != want {
			t.Errorf("%s\n got %q\nwant %q", text, got, want)
		}
	}
}

// TestGroupClauses: distinct, group by all, offset and filter.
func TestGroupClauses(t *testing.T) {
	log := "s=a|x=1|y=2\ns=a|x=3|y=4\ns=b|x=10|y=5\ns=c\ns=a|x=1\n"
	const from = " from * logformat generickv"
	for text, want := range map[string]string{
		"select distinct s" + from:                                                                                                  "a\nb\nc\n",
		"select distinct x > 2 as big, s" + from:                                                                                    "false,a\ntrue,a\ntrue,b\nnull,c\n",
		"select distinct s" + from + " order by s desc limit 1 offset 1":                                                            "b\n",
		"select distinct *" + from + " where s eq \"c\"":                                                                            "s=c\n",
		"select distinct count(*) as n" + from + " group by s order by n":                                                           "3\n1\n",
		"select distinct s, 1 as one" + from + " where s ne \"a\"":                                                                  "b,1\nc,1\n",
		"select s, count(*), max(x)" + from + " group by all":                                                                       "a,3,3\nb,1,10\nc,1,null\n",
		"select count(*)" + from + " group by all":                                                                                  "5\n",
		"select s, x" + from + " group by all having x > 1":                                                                         "a,3\nb,10\n",
		"select s" + from + " group by s limit 1 offset 1":                                                                          "b\n",
		"select s" + from + " group by s limit 5 offset 9":                                                                          "",
		"select x" + from + " where x is not null order by x asc limit 2 offset 2":                                                  "3\n10\n",
		"select count(*) filter (where x > 1), count(*) filter (where y is null), count(*)" + from:                                  "2,2,5\n",
		"select s, sum(x) filter (where y > 2), sum(x), max(x) filter (where s eq \"z\")" + from + " group by s":                    "a,3,5,null\nb,10,10,null\nc,null,null,null\n",
		"select sum(x * 2) filter (where y > 2) as f, sum(x * 2), sum($d) filter (where x < 2), sum($d)" + from + " set $d = x + 1": "26,30,4,19\n",
		"select s, x from * logformat generickv where x > 100 group by all":                                                         "",
	} {
		if got := query(t, text, memFile{"a.log", log}); got != want {
			t.Errorf("%s\n got %q\nwant %q", text, got, want)
		}
	}
}

// TestArithmeticLaws: what is calculated is what fractions of big numbers give,
// to 18 digits, or in quotients to 53 bits.
func TestArithmeticLaws(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 3))
	random := func() Number {
		return newNumber(r.Int64()>>r.IntN(63)*(1-2*r.Int64N(2)), r.IntN(40)-20)
	}
	near := func(n Number, want *big.Rat, digits int) bool {
		diff := new(big.Rat).Sub(n.rat(), want)
		bound := new(big.Rat).Mul(want, ratPow10(-digits))
		return n.ok && diff.Abs(diff).Cmp(bound.Abs(bound)) <= 0
	}
	for range rounds(5000) {
		a, b := random(), random()
		x, y := a.rat(), b.rat()
		if got := a.add(b); !near(got, new(big.Rat).Add(x, y), 17) {
			t.Fatalf("%v + %v = %v", a, b, got)
		}
		if got := a.mul(b); !near(got, new(big.Rat).Mul(x, y), 17) {
			t.Fatalf("%v * %v = %v", a, b, got)
		}
		for _, way := range []func(mant, unit int64) int64{floor, ceil, halfUp, truncate} {
			whole := a.whole(0, way).rat()
			if diff := whole.Sub(whole, x); !a.whole(0, way).rat().IsInt() || diff.Abs(diff).Cmp(big.NewRat(1, 1)) >= 0 {
				t.Fatalf("%v is %v as a whole number", a, a.whole(0, way))
			}
		}
		if b.mant == 0 {
			continue
		}
		quotient := new(big.Rat).Quo(x, y)
		if got := a.div(b); !near(got, quotient, 15) {
			t.Fatalf("%v / %v = %v", a, b, got)
		}
		times := new(big.Int).Quo(quotient.Num(), quotient.Denom())
		if got := a.mod(b); !near(got, x.Sub(x, y.Mul(y, new(big.Rat).SetInt(times))), 17) {
			t.Fatalf("%v %% %v = %v", a, b, got)
		}
	}
}

// TestExpressionsAllocate: in the steady state, nothing for a line.
func TestExpressionsAllocate(t *testing.T) {
	data := statsLines(1500)
	for _, text := range []string{
		"select count(*) from stats where latency * 2 + 1 > 50 and bytes % 2 == 0",
		"select sum(latency / 3) from stats where status in (\"ok\", \"failed\") and code between 100 and 599 and hostname like \"web%\"",
		"select count(pattern($line)), count(lower(hostname) || substr(status, 1, 1)), sum(bucket(latency, 10)), sum(round(latency)) from stats",
		"select count(bucket($time, 5m)), count(date_trunc(\"hour\", $time)), sum(epoch($time)), count(split_part(hostname, \"b\", 2)), count(hash(hostname)) from stats",
		"select count(case when latency > 50ms then 1 else 0 end || status) from stats where not hostname << \"10.0.0.0/8\" or true",
	} {
		p := mustPlan(t, text)
		prog, err := newProgram(&p.Host, &Env{})
		if err != nil {
			t.Fatal(err)
		}
		blk := Block{File: &File{Path: "a", Head: data}}
		work := func() {
			blk.Data = append(blk.Data[:0], data...)
			_, err = prog.batches(&blk, func(b *batch, sel []int32) error {
				for _, arg := range prog.args {
					if arg != nil {
						b.numbers(arg.eval(b, sel), sel)
					}
				}
				return nil
			})
		}
		work()
		if n := testing.AllocsPerRun(10, work); n > 20 || err != nil {
			t.Errorf("%s: %v allocations for %d lines, %v", text, n, 1500, err)
		}
	}
}
