package format

import (
	"regexp"
	"testing"
)

func accessCases() []parseCase {
	const line = `127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326`
	const all = "remote_addr ident user time_local request method path query protocol status bytes "
	const parsed = "127.0.0.1,-,frank,10/Oct/2000:13:55:36 -0700,GET /apache_pb.gif HTTP/1.0,GET,/apache_pb.gif,-,HTTP/1.0,200,2326,"
	const agent = ` "http://www.example.com/start.html" "Mozilla/4.08 [en] (Win98; I ;Nav)"`
	return []parseCase{
		{"common, httpd's example", "common", "", all + "extra1", line + "\n", parsed + "-\n", 0},
		{"combined, httpd's example", "combined", "", all + "referer user_agent extra1", line + agent + "\n",
			parsed + "http://www.example.com/start.html,Mozilla/4.08 [en] (Win98; I ;Nav),-\n", 0},
		{"common, combined lines", "common", "", "status referer extra1 extra2 extra3", line + agent + "\n",
			"200,-,http://www.example.com/start.html,Mozilla/4.08 [en] (Win98; I ;Nav),-\n", 0},
		{"combined, more behind", "combined", "", "extra1 extra2 extra3 extra4 extra5 user_agent", line + agent + ` 0.031 "a b" [c d] - x` + "\n",
			"0.031,a b,c d,-,x,Mozilla/4.08 [en] (Win98; I ;Nav)\n", 0},
		{"combined, an extra field without those before", "combined", "", "extra3", line + agent + " 1 2 3 4\n", "3\n", 0},
		{"access, variables", "combined", "", "$time $date $hour $minute $second $severity", line + agent + "\n",
			"10/Oct/2000:13:55:36 -0700,10/Oct/2000,13,55,36,-\n", 0},
		{"access, queries", "common", "", "path query", `::1 - - [x] "GET /a?b=c?d HTTP/1.1" 200 1` + "\n" + `::1 - - [x] "GET /a? HTTP/1.1" 200 1` + "\n" + `::1 - - [x] "GET /a b HTTP/1.1" 200 1` + "\n",
			"/a,b=c?d\n/a,\n/a b,-\n", 0},
		{"access, requests that are none", "common", "", "request method path status", `::1 - - [x] "-" 408 -` + "\n" + `::1 - - [x] "\x16\x03\"\\\q\xzz" 400 1` + "\n" + `::1 - - [x] "" 400 1` + "\n" + `::1 - - [x] "GET /" 400 1` + "\n",
			"-,-,-,408\n\x16\x03\"\\\\q\\xzz,-,-,400\n,-,-,400\nGET /,-,-,400\n", 0},
		{"access, a user with blanks", "common", "", "user status", `::1 - a b [x] "GET / HTTP/1.1" 200 1` + "\n", "a b,200\n", 0},
		{"combined, not well-formed", "combined", "", "remote_addr status referer user_agent", line + "\n" + line + ` "x` + "\n" + "\n" + "x\n" + `::1 - - [x "GET / HTTP/1.1" 200 1` + "\n" +
			`::1 - - [x] "GET / HTTP/1.1 200 1` + "\n" + `::1 - - [x] GET / HTTP/1.1 200 1` + "\n" + `::1 - - [x] "-" 20 1` + "\n" + `::1 - - [x] "-" 200` + "\n",
			"127.0.0.1,200,-,-\n127.0.0.1,200,-,-\n-,-,-,-\nx,-,-,-\n::1,-,-,-\n::1,-,-,-\n::1,-,-,-\n::1,20,-,-\n::1,200,-,-\n", 9},
		{"common, DOS", "common", "", "bytes", line + "\r\n", "2326\n", 0},
		{"access, unknown fields", "common", "", "extra0 extra01 extra100 extra extra99999999999999999999 x", line + " a\n", "-,-,-,-,-,-\n", 0},
	}
}

// TestAccessFile compares a real log with what a regular expression finds in it.
func TestAccessFile(t *testing.T) {
	log := readLog(t, "logs/combined.log")
	got := fieldsOf(t, "combined", "remote_addr user time_local method path query protocol status bytes referer user_agent $date $hour $minute $second", log)
	re := regexp.MustCompile(`^(\S+) - (\S+) \[((.{11}):(\d\d):(\d\d):(\d\d) [^]]+)\] "(\S+) ([^ ?]*)(?:\?(\S*))? (\S+)" (\d{3}) (\S+) "([^"]*)" "([^"]*)"$`)
	order := []int{1, 2, 3, 8, 9, 10, 11, 12, 13, 14, 15, 4, 5, 6, 7}
	lines := cutLines(log)
	if len(got) != len(lines) || len(lines) != 1900 {
		t.Fatalf("%d of %d lines", len(got), len(lines))
	}
	matched := 0
	for i, s := range lines {
		m := re.FindSubmatch(log[s.Start:s.End])
		if m == nil {
			continue
		}
		matched++
		for f, group := range order {
			want := string(m[group])
			if want == "-" {
				want = ""
			}
			if got[i][f] != want {
				t.Errorf("line %d, field %d: %q, want %q", i+1, f, got[i][f], want)
			}
		}
	}
	if matched < 1890 {
		t.Errorf("the expression matches only %d lines", matched)
	}
}
