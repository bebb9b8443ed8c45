package e2e

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestWrongQueries: what DTail takes for something else, and other slips.
func TestWrongQueries(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	log := filepath.Join(t.TempDir(), "a.log")
	write(t, log, "one\n")
	for _, q := range []struct{ query, at, says string }{
		{"select a having b > 1 logformat generickv", "having", "having needs group by"},
		{"select a; drop", ";", "one query only"},
		{"select sum()", "sum", "sum takes one argument"},
		{"select ``", "``", "empty"},
		{"select `", "`", "not closed"},
		{"select a a a logformat generickv", "a a logformat", "second column"},
		{`select a where b eq "unterminated`, `"untermin`, "not closed"},
		{"select a interval", "", "expected a length of time"},
		{"select a interval 10 20", "20", "unexpected"},
		{"select a interval 0", "0", "not 0"},
		{"select a limit 5 6", "6", "unexpected"},
		{"select a limit -1", "-", "whole number"},
		{"select a logformat generic kv", "kv", "unexpected"},
		{"select a logformat CSV", "CSV", `did you mean "csv"?`},
		{"select a from b from c", "from c", `a second "from"`},
		{"select count(*) group by a group by b", "group by b", `a second "group"`},
		{"select a, count(*) from T group by a order by a rorder by a", "rorder", "exclude each other"},
		{"select a outfile append", "", "expected a path"},
		{"select a set $b = md5sum(a", "(a", "not closed"},
		{"select $nosuch", "$nosuch", "no $nosuch"},
		{"select cuont(*)", "cuont", `did you mean "count"?`},
		{"select a frm b", "frm", `did you mean "from"?`},
		{`select a where b =~ "("`, `("`, "missing closing )"},
		{"select", "", "expected a column"},
		{"from STATS", "", "needs a select"},
		{"select a group by", "", "expected a field"},
		{"select count(*) where a ==", "", "expected a value"},
		{"select max(min(a)) from T", "min", "aggregate"},
		{"select count(*)\nfrom T\nwher a == 1", "wher", "unexpected"},
		{"select 'größe' , )", ")", `")" without "("`},
		{"select a AND", "", "expected a"},
	} {
		for _, args := range [][]string{{"dmap", q.query, log}, {"dmap", "-query", q.query, log}, {"dtail", "-query", q.query, log}} {
			t.Run(args[0]+" "+q.query, func(t *testing.T) {
				r := c.run(args...)
				if r.status != 2 || r.stdout != "" || !strings.HasPrefix(r.stderr, args[0]+": query:") || !strings.Contains(r.stderr, q.says) {
					t.Errorf("%s\nwant %q", r, q.says)
					return
				}
				checkCaret(t, q.query, q.at, r.stderr)
			})
		}
	}
}

// checkCaret compares where the caret points, and what is written before the
// message, with where it should; "" is the query's end.
func checkCaret(t *testing.T, query, at, stderr string) {
	t.Helper()
	offset := len(query)
	if at != "" {
		offset = strings.LastIndex(query, at)
	}
	before := query[:offset]
	line := strings.Count(before, "\n") + 1
	column := len([]rune(before[strings.LastIndex(before, "\n")+1:])) + 1
	caret := "\n" + strings.Repeat(" ", 1+column) + "^"
	if !strings.Contains(stderr+"\n", caret+"\n") {
		t.Errorf("no caret below byte %d:\n%s", offset, stderr)
	}
	if want := fmt.Sprintf(": query:%d:%d: ", line, column); !strings.Contains(stderr, want) {
		t.Errorf("want %q:\n%s", want, stderr)
	}
}

// TestHugeQueries: one clear error, soon and short.
func TestHugeQueries(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	log := filepath.Join(t.TempDir(), "a.log")
	write(t, log, "a=1\n")
	open := strings.Repeat("(", 30_000)
	for name, q := range map[string]struct{ query, says string }{
		"too long":                  {"select a where b eq '" + strings.Repeat("x", 64<<10) + "'", "65536"},
		"many parentheses":          {"select a where " + open + "a == 1" + strings.Repeat(")", 30_000), "200 levels"},
		"unclosed parentheses":      {"select a where " + open + open, ""},
		"more parentheses":          {"select a where " + strings.Repeat("(", 120_000), "65536"},
		"many nots":                 {"select a where " + strings.Repeat("not ", 16_000) + "a == 1", "200 levels"},
		"many functions":            {"select " + strings.Repeat("md5sum(", 9_000) + "a", ""},
		"closing only":              {"select a where " + strings.Repeat(")", 60_000), `")" without "("`},
		"many conditions, all fine": {"select a logformat generickv where " + strings.Repeat("a == 1 and ", 5_000) + "a == 1", "-"},
	} {
		t.Run(name, func(t *testing.T) {
			r := c.run("dmap", "-format", "csv", "-quiet", q.query, log)
			if q.says == "-" {
				if r.status != 0 || r.stdout != "a\n1\n" {
					t.Error(r)
				}
				return
			}
			if r.status != 2 || r.stdout != "" || !strings.Contains(r.stderr, q.says) || len(r.stderr) > 1000 {
				t.Error(r)
			}
		})
	}
}

// TestWrongFlags: which flag may be meant.
func TestWrongFlags(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	for _, a := range []struct{ line, says string }{
		{"dcat --plian x", "did you mean -plain?"},
		{"dmap -formt csv x", "did you mean -format?"},
		{"dgrep --servrs a x", "did you mean -servers?"},
		{"dtail -trustAllHost x", "did you mean -trustAllHosts?"},
		{"dserver -bindAdress x", "did you mean -bindAddress?"},
		{"dserver x", `unexpected argument "x"`},
		{"dserver -port 70000", "70000"},
		{"dcat -port 70000 x", "70000"},
		{"dcat -port x y", `"x"`},
		{"dcat -port", "needs a value"},
		{"dgrep", "which pattern?"},
		{"dmap", "which query?"},
		{"dmap -format xml select␣count(*) x", "none of table"},
		{"dtail -n x y", "-n 20"},
		{"dcat -logLevel loud x", "none of"},
		{"dgrep -A -1 x y", "too small"},
		{"dcat -servers web1", "which files?"},
		{"dcat -servers web[1-99999999] -files x", "range"},
		{"dcat -servers web[5-1] -files x", "backwards"},
		{"dcat -servers /none/such -files x", "does not exist"},
		{"dcat web1: x", "no path after the colon"},
	} {
		t.Run(a.line, func(t *testing.T) {
			args := strings.Fields(a.line)
			for i := range args {
				args[i] = strings.ReplaceAll(args[i], "␣", " ")
			}
			r := c.run(args...)
			if r.status != 2 || r.stdout != "" || strings.Count(r.stderr, "\n") != 1 || !strings.Contains(r.stderr, a.says) {
				t.Error(r)
			}
		})
	}
}

// TestWrongConfiguration: a file that is wrong is an error that says where.
func TestWrongConfiguration(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	dir := t.TempDir()
	log, cfg := filepath.Join(dir, "a.log"), filepath.Join(dir, "cfg.json")
	write(t, log, "one\n")
	for _, a := range []struct{ config, says string }{
		{"{\n  \"client\": {,}\n}", "line 2"},
		{`{"clinet": {}}`, "did you mean client?"},
		{`{"client": {"prot": 1}}`, "did you mean port?"},
		{`{"client": {"port": "many"}}`, "many"},
		{`{"server": {"prot": 1}}`, "did you mean port?"},
		{`[]`, "cfg.json"},
		{``, "cfg.json"},
		{"\x00\xff", "cfg.json"},
	} {
		t.Run(a.config, func(t *testing.T) {
			write(t, cfg, a.config)
			commands := [][]string{{"dcat", "-cfg", cfg, log}, {"dserver", "-check", "-cfg", cfg}}
			if strings.Contains(a.config, "server") {
				commands = commands[1:] // a client does not look there
			} else if strings.Contains(a.config, `"client"`) && !strings.Contains(a.config, "\n") {
				commands = commands[:1]
			}
			for _, args := range commands {
				r := c.run(args...)
				if r.status != 2 || r.stdout != "" || strings.Count(r.stderr, "\n") != 1 || !strings.Contains(r.stderr, a.says) || !strings.Contains(r.stderr, cfg) {
					t.Errorf("%s: %s", args[0], r)
				}
			}
		})
	}
	expect(t, c.run("dcat", "-cfg", filepath.Join(dir, "none"), log), 2, "", "no such file")
	expect(t, c.run("dcat", "-quiet", "-cfg", "none", log), 0, "one\n")
}

// TestOddPaths: blanks, commas, colons and what patterns are made of.
func TestOddPaths(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 2)
	dir := t.TempDir()
	for _, name := range []string{"a b.log", "a,b.log", " ,, .log", "a:b.log", "[x].log", "a*b.log", `back\slash.log`, "größe €.log", "-plain", "new\nline.log", "\x1b]0;title\x07", "'q\".log"} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(dir, name)
			write(t, path, name+"\n")
			want := name + "\n"
			expect(t, f.run("dcat", "-quiet", path), 0, want)
			expect(t, f.run("dcat", "-quiet", f.hosts[0].at(path)), 0, want)
			expect(t, f.run("dcat", "-quiet", "-servers", f.servers(), path), 0, want+want)
			listed := strings.ReplaceAll(path, ",", `\,`)
			expect(t, f.run("dcat", "-quiet", "-files", listed), 0, want)
			expect(t, f.run("dcat", "-quiet", "-servers", f.hosts[1].addr(), "-files", listed), 0, want)
			r := f.run("dcat", "-quiet", "-servers", f.hosts[1].addr(), "-files", listed+","+listed+"x")
			expect(t, r, 3, want, "no such file")
			if strings.ContainsAny(r.stderr, "\x1b\a") {
				t.Errorf("terminals obey %q", r.stderr)
			}
			expect(t, f.run("dgrep", "-quiet", "-ch", "", path), 0, fmt.Sprintln(strings.Count(want, "\n")))
			c := *f.client
			c.dir = dir
			expect(t, c.run("dcat", "-quiet", "--", "./"+name), 0, want)
			expect(t, c.run("dcat", "-quiet", "--", name), 0, want)
		})
	}
}

// TestServerLists: the ways in which hosts are named.
func TestServerLists(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 3)
	dir := t.TempDir()
	log, list := filepath.Join(dir, "a.log"), filepath.Join(dir, "servers")
	write(t, log, "one\n")
	write(t, list, fmt.Sprintf("# web\n\n%s\n   \n  %s   # the second\n\n#%s\r\n%s\n%s\n", f.hosts[0].addr(), f.hosts[1].addr(), "no.such.host", f.hosts[2].addr(), f.hosts[2].addr()))
	three := "one\none\none\n"
	expect(t, f.run("dcat", "-quiet", "-servers", list, log), 0, three)
	expect(t, f.run("dcat", "-quiet", "-discovery", "file:"+list, log), 0, three)
	expect(t, f.run("dcat", "-quiet", "-servers", "127.0.0.[1-3]", log), 0, three)
	expect(t, f.run("dcat", "-quiet", "127.0.0.[1,3]:"+log), 0, "one\none\n")
	expect(t, f.run("dcat", "-quiet", "-servers", f.servers()+","+f.servers()+", ,", log), 0, three)
	expect(t, f.run("dcat", "-quiet", f.user.Username+"@"+f.hosts[0].at(log)), 0, "one\n")
	expect(t, f.run("dcat", "-quiet", "-servers", f.user.Username+"@"+f.hosts[0].addr(), log), 0, "one\n")
	write(t, list, "# none\n\n")
	expect(t, f.run("dcat", "-quiet", "-servers", list, log), 2, "", "names no host")
}

// TestIPv6: an address in brackets, with and without port.
func TestIPv6(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Skip("needs IPv6: ", err)
	}
	l.Close()
	f := newFleet(t, 1)
	six := &host{fleet: f, name: "six", ip: "::1", hostKey: filepath.Join(f.home, "six.key")}
	if !six.launch() {
		t.Skip("the port is taken")
	}
	f.hosts = append(f.hosts, six)
	f.knowHosts()
	log := filepath.Join(t.TempDir(), "a.log")
	write(t, log, "one\n")
	for _, args := range [][]string{
		{"-servers", six.addr(), log}, {"-servers", "[::1]", log}, {"-servers", "::1", "-port", strconv.Itoa(f.port), log},
		{"[::1]:" + log}, {f.user.Username + "@[::1]:" + log}, {"-servers", f.user.Username + "@" + six.addr(), log},
	} {
		expect(t, f.run(append([]string{"dcat", "-quiet"}, args...)...), 0, "one\n")
	}
	expect(t, f.run("dcat", "-quiet", "-servers", f.servers(), log), 0, "one\none\n")
}

// TestReaderGone: a pipe's reader that has seen enough ends the command, and
// nobody is told.
func TestReaderGone(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 2)
	log := filepath.Join(t.TempDir(), "a.log")
	write(t, log, strings.Repeat("a line that is one of very many\n", 2_000_000)) // no pipe holds it
	for _, args := range [][]string{
		{"dcat", log}, {"dcat", f.hosts[0].at(log)}, {"dcat", f.hosts[0].at(log), f.hosts[1].at(log)}, {"dgrep", "very", f.hosts[0].at(log)},
		{"dtail", "-n", "+1", f.hosts[0].at(log)}, {"dmap", "-format", "csv", "select $line", f.hosts[0].at(log)}, {"dmap", "-format", "json", "select $lineno", log},
	} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			r, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			cmd := f.command(args...)
			cmd.Stdout = w
			p := startProcess(t, cmd)
			w.Close()
			if _, err := bufio.NewReaderSize(r, 64).ReadString('\n'); err != nil {
				t.Error(err)
			}
			r.Close()
			if p.wait(); p.stderr.String() != "" {
				t.Errorf("status %d: %s", p.status, p.stderr.String())
			}
		})
	}
	// The servers have not suffered.
	expect(t, f.run("dgrep", "-quiet", "-c", "", f.hosts[0].at(log)), 0, "2000000\n")
}

// TestStandardError: nobody to tell anything to.
func TestStandardError(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	sh := need(t, "sh")
	log := filepath.Join(t.TempDir(), "a.log")
	write(t, log, "one\n")
	dcat := filepath.Join(bins, "dcat")
	expect(t, c.run(sh, "-c", dcat+" "+log+" 2>&-"), 0, "one\n")
	expect(t, c.run(sh, "-c", dcat+" "+log+" "+log+"x 2>&-"), 3, "one\n")
	expect(t, c.run(sh, "-c", dcat+" "+log+" "+log+"x 2>/dev/full"), 3, "one\n")
	if _, err := os.Stat("/dev/full"); err == nil {
		r := c.run(sh, "-c", dcat+" -quiet "+log+" >/dev/full")
		if r.status != 2 || !strings.Contains(r.stderr, "no space left") {
			t.Error(r)
		}
	}
	// Its reader has gone.
	r, w := io.Pipe()
	r.Close()
	cmd := c.command("dcat", log, log+"x")
	cmd.Stderr = w
	p := startProcess(t, cmd)
	p.wait()
	if p.stdout.String() != "one\n" {
		t.Errorf("%q", p.stdout.String())
	}
}
