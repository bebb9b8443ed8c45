package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The oracle is GNU grep -a in the locale C.UTF-8. Where lines are valid UTF-8
// the two agree; in other lines RE2's dot matches a byte that is no UTF-8, grep's
// does not. What a word is made of goes by the locale in grep: there é is part
// of one, while RE2's \w is ASCII. A file that is named twice is read twice by
// grep, and it shows -- between matches for -A 0 too.

// greps compares dgrep with grep.
type greps struct {
	*client
	grep string
	dir  string // of the logs
}

func newGreps(t *testing.T, c *client) *greps {
	t.Helper()
	g := &greps{client: c, grep: need(t, "grep")}
	if r := c.run(g.grep, "--version"); !strings.Contains(r.stdout, "GNU grep") {
		t.Skip("needs grep: this one is not GNU's")
	}
	dir, err := filepath.Abs("../../testdata/logs")
	if err != nil {
		t.Fatal(err)
	}
	g.dir = dir
	return g
}

// with is g for a subtest.
func (g *greps) with(t *testing.T) *greps {
	c := *g.client
	c.t = t
	return &greps{&c, g.grep, g.dir}
}

func (g *greps) logs(names ...string) []string {
	var paths []string
	for _, n := range names {
		paths = append(paths, filepath.Join(g.dir, n))
	}
	return paths
}

// oracle is what grep gives. Of several files it names the lines' unasked, which
// dgrep does on terminals only.
func (g *greps) oracle(flags, files []string) result {
	g.t.Helper()
	args := []string{g.grep, "-a"}
	if !slices.Contains(flags, "-F") {
		args = append(args, "-E")
	}
	if !naming(flags) {
		args = append(args, "-h")
	}
	return g.run(append(append(args, flags...), files...)...)
}

// naming tells whether flags decide on names themselves.
func naming(flags []string) bool {
	return slices.ContainsFunc(flags, func(f string) bool {
		return len(f) > 1 && f[0] == '-' && f[1] != '-' && strings.ContainsAny(f, "HhclL")
	})
}

// compare runs both, dgrep with the files as arg says.
func (g *greps) compare(flags, files []string, arg func(string) string) {
	g.t.Helper()
	want := g.oracle(flags, files)
	args := append([]string{"dgrep", "-quiet"}, flags...)
	for _, f := range files {
		args = append(args, arg(f))
	}
	got := g.run(args...)
	got.stdout = withoutHost.ReplaceAllString(got.stdout, "")
	if got.stdout != want.stdout || got.status != want.status || (got.stderr == "") != (want.stderr == "") {
		g.t.Errorf("%q %q:\n%s\nstatus %d, want %d; %s", flags, files, firstDifference(got.stdout, want.stdout), got.status, want.status, short(got.stderr))
	}
}

// withoutHost takes off the name of the host that logs are on.
var withoutHost = regexp.MustCompile(`(?m)^127\.0\.0\.1[:-]`)

func firstDifference(got, want string) string {
	if got == want {
		return "the same output"
	}
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	i := 0
	for i < min(len(a), len(b)) && a[i] == b[i] {
		i++
	}
	at := func(l []string) string {
		if i < len(l) {
			return fmt.Sprintf("%q", short(l[i]))
		}
		return "none"
	}
	return fmt.Sprintf("%d lines, want %d; line %d: %s, want %s", len(a), len(b), i+1, at(a), at(b))
}

// grepCase is a pattern and where to look for it.
type grepCase struct {
	pattern []string
	files   []string
}

func grepCases() []grepCase {
	c := func(pattern string, files ...string) grepCase { return grepCase{[]string{pattern}, files} }
	return []grepCase{
		c("error", "Apache.log"),
		c("Failed|Invalid", "OpenSSH.log"),
		c("blk_-?[0-9]+ terminating", "HDFS.log", "Spark.log"),
		c("^Jun 14 .*root", "Linux.log"),
		c("GET /(images|favicon)", "combined.log"),
		{[]string{"-e", "WARN", "-e", "ERROR"}, []string{"Zookeeper.log"}},
		c(`kernel\[0\]:`, "Mac.log", "Android.log", "Apache.log"),
		c("lock=[[:digit:]]{6,}", "Android.log"),
		c("no such thing anywhere", "Linux.log", "HDFS.log"),
		c(".*user.*", "OpenSSH.log", "Linux.log"),
		c("", "Spark.log"),
	}
}

// product is each choice of one of each list, without the empty ones.
func product(lists ...[]string) [][]string {
	all := [][]string{nil}
	for _, list := range lists {
		var next [][]string
		for _, head := range all {
			for _, item := range list {
				choice := slices.Clone(head)
				if item != "" {
					choice = append(choice, strings.Fields(item)...)
				}
				next = append(next, choice)
			}
		}
		all = next
	}
	return all
}

// TestGrep compares all combinations of the common flags.
func TestGrep(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 1)
	g := newGreps(t, f.client)
	flags := product([]string{"", "-n", "-b -H"}, []string{"", "-i"}, []string{"", "-v"}, []string{"", "-w", "-x", "-F"},
		[]string{"", "-m 1", "-m3"}, []string{"", "-A1", "-C3"})
	flags = append(flags, product([]string{"-c", "-l", "-L", "-q"}, []string{"", "-i"}, []string{"", "-v"}, []string{"", "-w", "-x", "-F"},
		[]string{"", "-m 2"})...)
	cases := grepCases()
	remoteEach := 9
	if long() {
		remoteEach = 1
	}
	// Neighbours differ in what is sought, so that after all of the flags each
	// case has seen each of their values.
	for n, c := range cases {
		t.Run(strings.Join(c.pattern, " "), func(t *testing.T) {
			t.Parallel()
			g := g.with(t)
			for i := n; i < len(flags); i += len(cases) {
				if c.pattern[0] == "" && slices.Contains(flags[i], "-c") && slices.Contains(flags[i], "-v") {
					continue // where nothing can match, grep does not read, and counts nothing
				}
				all := append(slices.Clone(flags[i]), c.pattern...)
				g.compare(all, g.logs(c.files...), func(path string) string { return path })
				if i%remoteEach == 0 && !(len(c.files) == 1 && slices.Contains(flags[i], "-H")) { // then it is the host
					g.compare(all, g.logs(c.files...), f.hosts[0].at)
				}
			}
		})
	}
	t.Logf("%d combinations of flags", len(flags))
}

// TestGrepCorners compares what is easily done otherwise.
func TestGrepCorners(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 1)
	g := newGreps(t, f.client)
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		write(t, path, text)
		return path
	}
	near := file("near", "a1\nb\nc\na2\na3\nd\ne\nf\ng\nh\na4\ni\na5\n")
	open := file("open", "x\nlast match")
	words := file("words", "foo\nfoobar foo\nfoobar\nbarfoo\nfoo_\n_foo foo-bar\n-foo-\nfoofoo\nfoo.foo\n\n")
	utf8 := file("utf8", "Grüße\nGRÜSSE\ngrüsse\nÄrger\närger\nΣίσυφος\nnaïve café\nЖук жук\n한국어 로그\n€ 100\n")
	special := file("special", "a.c\nabc\na*c\n[x]\n(y)\n$HOME\n^start\na\\b\na|b\n")
	empty := file("empty", "")
	blank := file("blank", "\n\nx\n\n")
	crlf := file("crlf", "one\r\ntwo\r\n")
	for _, c := range []struct {
		flags string // separated by spaces; ␣ is one
		files []string
	}{
		{"-A1 -m1 a", []string{near}}, {"-A3 -m2 a", []string{near}}, {"-C1 -m1 a", []string{near}}, {"-B1 -m3 a", []string{near}},
		{"-A10 -m1 a", []string{near}}, {"-A1 -v -m2 a", []string{near}}, {"-C2 -m1 -v [0-9]", []string{near}}, {"-n -A1 -m1 a", []string{near, words}},
		{"-2 e", []string{near}}, {"-1 a[1-3]", []string{near}},
		{"-A1 -B2 a4", []string{near}}, {"-A2 -C1 a4", []string{near}}, {"-n -H -C1 a", []string{near, words, open}}, {"-c -m2 a", []string{near, words}},
		{"-h -n -A1 a", []string{near, words}}, {"-b a", []string{near}}, {"-nb -C1 a", []string{near}}, {"-Hnb a", []string{near, open}},
		{"match", []string{open}}, {"-v match", []string{open, near}}, {"-c match", []string{open}}, {"-A1 x", []string{open, near}}, {"-n last", []string{open, near}},
		{"-w foo", []string{words}}, {"-w -v foo", []string{words}}, {"-x foo", []string{words}}, {"-w -e foo -e bar", []string{words}}, {"-wc foo|bar", []string{words}},
		{"-w o+", []string{words}}, {"-w .*", []string{words}}, {"-x -w foo", []string{words}}, {"-w foobar|foo", []string{words}}, {"-w -i FOO", []string{words}},
		{"-i grüsse", []string{utf8}}, {"-i ÄRGER", []string{utf8}}, {"-i ЖУК", []string{utf8}}, {"gr.sse", []string{utf8}}, {"-x .....", []string{utf8}}, {"[äÄ]r", []string{utf8}},
		{"-F a.c", []string{special}}, {"-F [x]", []string{special}}, {"-F -x a*c", []string{special}}, {"-F -i A\\B", []string{special}}, {"-F -w a", []string{special}},
		{`a\.c`, []string{special}}, {`\[x\]`, []string{special}}, {`\$HOME`, []string{special}}, {`\^start`, []string{special}}, {`a\\b`, []string{special}}, {`[|]`, []string{special}},
		{"-e a -e b -F", []string{special}}, {"-e -foo", []string{words}}, {"-- -foo-", []string{words}}, {"-e -e", []string{words}},
		{"x", []string{empty}}, {"-c x", []string{empty}}, {"-L x", []string{empty}}, {"-l x", []string{empty, open}}, {"-L x", []string{empty, open, near}}, {"-v x", []string{empty}},
		{"-c ^$", []string{blank}}, {"-n ^$", []string{blank}}, {"-x -n -e␣", []string{blank}}, {"-v .", []string{blank}}, {"-vc .", []string{blank, empty}}, {"-A1 x", []string{blank}},
		{"two$", []string{crlf}}, {"two.$", []string{crlf}}, {"-x two", []string{crlf}}, {"-c -v o", []string{crlf}},
		{"-q a", []string{near}}, {"-q zzz", []string{near}}, {"-qv .", []string{near}}, {"-lc a", []string{near, open}}, {"-lv a", []string{near, open}}, {"-Lv a", []string{near, empty}},
		{"-cH a", []string{near}}, {"-ch a", []string{near, open}}, {"-lh a", []string{near, open}}, {"-lq a", []string{near}}, {"-cq zzz", []string{near}},
		{"-ivn A", []string{near}}, {"-ni -m2 A", []string{near}}, {"-vv a", []string{near}}, {"-E a(1|2)", []string{near}}, {"a{2", []string{special}},
	} {
		flags := strings.Fields(c.flags)
		for i := range flags {
			flags[i] = strings.ReplaceAll(flags[i], "␣", " ")
		}
		t.Run(c.flags, func(t *testing.T) {
			g := g.with(t)
			g.compare(flags, c.files, func(path string) string { return path })
			if len(c.files) > 1 || !strings.Contains(c.flags, "H") {
				g.compare(flags, c.files, f.hosts[0].at)
			}
		})
	}
}

// TestGrepStreams: standard input, and files that cannot be read.
func TestGrepStreams(t *testing.T) {
	t.Parallel()
	g := newGreps(t, newClient(t))
	linux := g.logs("Linux.log")[0]
	text := read(t, linux)
	for _, flags := range [][]string{{"root"}, {"-c", "root"}, {"-n", "-m2", "root"}, {"-q", "root"}, {"-v", "combo"}, {"-A1", "-m1", "root"}} {
		want := g.feed(strings.NewReader(text), append([]string{g.grep, "-aE"}, flags...)...)
		got := g.feed(strings.NewReader(text), append([]string{"dgrep", "-quiet"}, flags...)...)
		if got.stdout != want.stdout || got.status != want.status || got.stderr != "" {
			t.Errorf("%q: %s\nwant %s", flags, got, want)
		}
	}
	missing := filepath.Join(t.TempDir(), "missing")
	for _, c := range []struct {
		args   []string
		status int
		told   bool
	}{
		{[]string{"root", missing}, 2, true},
		{[]string{"-s", "root", missing}, 2, false},
		{[]string{"-q", "root", missing}, 2, true},
		{[]string{"root", missing, linux}, 3, true}, // grep has 2: it knows no partial results
		{[]string{"-s", "root", missing, linux}, 3, false},
	} {
		want := g.run(append([]string{g.grep, "-aEh"}, c.args...)...)
		got := g.run(append([]string{"dgrep", "-quiet"}, c.args...)...)
		if got.stdout != want.stdout || got.status != c.status || (got.stderr != "") != c.told || (want.stderr != "") != c.told {
			t.Errorf("%q: %s\nwant status %d, and %s", c.args, got, c.status, want)
		}
	}
}

// TestGrepPatternLines: what grep takes as one pattern is one.
func TestGrepPatternLines(t *testing.T) {
	t.Parallel()
	g := newGreps(t, newClient(t))
	path := filepath.Join(t.TempDir(), "a")
	if err := os.WriteFile(path, []byte("one\ntwo\nthree\nfour\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	g.compare([]string{"one\nfour"}, []string{path}, func(p string) string { return p })
	g.compare([]string{"-x", "-e", "on\nfour", "-e", "tw."}, []string{path}, func(p string) string { return p })
}
