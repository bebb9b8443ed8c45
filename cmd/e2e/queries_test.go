package e2e

import (
	"crypto/md5"
	"encoding/csv"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// statsLines is a host's log in DTail's own format, the same each time: several
// tables, lines of other kinds, lines that are broken, values that are missing,
// negative or no numbers. The second host has no currentConnections.
func statsLines(host, lines int) string {
	r := rand.New(rand.NewPCG(uint64(host), 42))
	var b strings.Builder
	b.Grow(lines * 200)
	for n := range lines {
		stamp := fmt.Sprintf("202611%02d-%02d%02d%02d", 20+n*3/lines, n%24, n/24%60, n%60)
		head := fmt.Sprintf("INFO|%s|%d|stats.go:53|%d|%d|%d|%d.%02d|%dm58s|", stamp, 4000+host, 2<<host, r.IntN(300), r.IntN(50), r.IntN(8), r.IntN(100), n%60)
		switch k := r.IntN(100); {
		case k < 3:
			fmt.Fprintf(&b, "INFO|%s|client connected from 10.0.0.%d\n", stamp, r.IntN(255))
		case k < 5:
			b.WriteString([]string{"\n", "INFO|\n", "|||||\n", head + "\n", "INFO|" + stamp + "|MAPREDUCE:STATS|lifetimeConnections=1\n",
				"garbage \xff\xfe €\n", head + "MAPREDUCE:STATSX|lifetimeConnections=7\n", head + "MAPREDUCE:\n"}[r.IntN(8)])
		case k < 20:
			fmt.Fprintf(&b, "%sMAPREDUCE:JOBS|job=job%d|seconds=%d.%d|result=%s\n", head, r.IntN(9), r.IntN(500), r.IntN(10), []string{"ok", "failed"}[r.IntN(2)])
		default:
			b.WriteString(head + "MAPREDUCE:STATS")
			statsFields(&b, r, host, n)
			b.WriteString("\n")
		}
	}
	return b.String()
}

func statsFields(b *strings.Builder, r *rand.Rand, host, n int) {
	fmt.Fprintf(b, "|host=web%d|lifetimeConnections=%d", host, n)
	if host != 2 {
		fmt.Fprintf(b, "|currentConnections=%d", r.IntN(100)-20)
	}
	if r.IntN(10) > 0 {
		fmt.Fprintf(b, "|service=%s", []string{"shop", "pay", "test-a", "search", "mail, spam", `say "hi"`, "größe"}[r.IntN(7)])
	}
	fmt.Fprintf(b, "|status=%d|bytes=%d", []int{200, 200, 200, 301, 404, 500, 503}[r.IntN(7)], r.Int64N(1<<40))
	switch r.IntN(12) {
	case 0:
	case 1:
		b.WriteString("|latency=n/a")
	default:
		fmt.Fprintf(b, "|latency=%d.%03d", r.IntN(1200), r.IntN(1000))
	}
	fmt.Fprintf(b, "|balance=-%d|path=/user/%d/page%d", 1+r.IntN(5000), r.IntN(40), r.IntN(3))
}

// asked is a query, and how awk says the same of each line: F(name) is a field,
// or "", and T the table.
type asked struct {
	name, query string
	when        string   // which lines count
	keys        []string // of the groups
	values      []string // what is aggregated
	out         string   // columns: k1 a key, n the lines, count1 sum1 avg1 min1 max1 last1 len1 of a value
	having      string   // of the groups: n, or an aggregate
	order       []int    // columns from 1, the first counts most; negative: descending numbers; else ascending text
	limit       int      // 0: none
}

const inStats = `T == "STATS"`

var askedQueries = []asked{
	{name: "documented sums", query: "from STATS select sum($goroutines),sum($cgocalls),last($time),max(lifetimeConnections)",
		when: inStats, values: []string{"$6", "$7", "$2", `F("lifetimeConnections")`}, out: "sum1 sum2 last3 max4"},
	{name: "documented groups", query: "from STATS select host,max($goroutines),max($cgocalls),$loadavg,lifetimeConnections group by host order by max($goroutines), host asc",
		when: inStats, keys: []string{`F("host")`}, values: []string{"$6", "$7", "$8", `F("lifetimeConnections")`}, out: "k1 max1 max2 last3 last4", order: []int{-2, 1}},
	{name: "connections", query: "select host, count($line), min(currentConnections), max(currentConnections), avg(currentConnections), sum(currentConnections), last(currentConnections), max(lifetimeConnections) from STATS group by host",
		when: inStats, keys: []string{`F("host")`}, values: []string{`F("currentConnections")`, `F("lifetimeConnections")`}, out: "k1 n min1 max1 avg1 sum1 last1 max2"},
	{name: "all together", query: "select count(*), count(currentConnections), min(currentConnections), max(currentConnections), avg(currentConnections), last(currentConnections) from STATS",
		when: inStats, values: []string{`F("currentConnections")`}, out: "n count1 min1 max1 avg1 last1"},
	{name: "negative", query: "select service, min(balance), max(balance), avg(balance), sum(balance) from STATS group by service",
		when: inStats, keys: []string{`F("service")`}, values: []string{`F("balance")`}, out: "k1 min1 max1 avg1 sum1"},
	{name: "not all are numbers", query: "select service count(latency) avg(latency) sum(latency) min(latency) max(latency) from STATS group by service",
		when: inStats, keys: []string{`F("service")`}, values: []string{`F("latency")`}, out: "k1 count1 avg1 sum1 min1 max1"},
	{name: "large sums", query: "select status, sum(bytes), max(bytes) from STATS group by status",
		when: inStats, keys: []string{`F("status")`}, values: []string{`F("bytes")`}, out: "k1 sum1 max1"},
	{name: "two keys", query: "select host, service, count(*), avg(currentConnections), len(service) from STATS group by host, service",
		when: inStats, keys: []string{`F("host")`, `F("service")`}, values: []string{`F("currentConnections")`, `F("service")`}, out: "k1 k2 n avg1 len2"},
	{name: "three keys", query: "select count(*), status, $hour, host from STATS group by status $hour host",
		when: inStats, keys: []string{`F("status")`, "substr($2, 10, 2)", `F("host")`}, out: "n k1 k2 k3"},
	{name: "and or not", query: `select host, count(*) from STATS where (status >= 500 or latency > 900) and not service hasprefix "test" group by host`,
		when: inStats + ` && (F("status") >= 500 || more(F("latency"), 900)) && F("service") != "" && F("service") !~ /^test/`, keys: []string{`F("host")`}, out: "k1 n"},
	{name: "commas and none", query: `select service, count(*), max(latency) from STATS where status == 200, latency < 100 service ne "shop" group by service`,
		when: inStats + ` && F("status") == 200 && less(F("latency"), 100) && F("service") != "" && F("service") != "shop"`, keys: []string{`F("service")`},
		values: []string{`F("latency")`}, out: "k1 n max1"},
	{name: "fields compared", query: "select host, count(*) from STATS where latency > currentConnections group by host", // as text where one is no number
		when: inStats + ` && (more(F("latency"), F("currentConnections")) || text(F("latency"), F("currentConnections")))`, keys: []string{`F("host")`}, out: "k1 n"},
	{name: "text operators", query: "select path, count(*) from STATS where path contains '/1' and path lacks 'page2' and path nhassuffix \"0\" and service =~ '^(shop|pay)$' group by path",
		when: inStats + ` && index(F("path"), "/1") && !index(F("path"), "page2") && F("path") !~ /0$/ && F("service") ~ /^(shop|pay)$/`, keys: []string{`F("path")`}, out: "k1 n"},
	{name: "null", query: "select host, count(*) from STATS where currentConnections is null or latency is null group by host",
		when: inStats + ` && (F("currentConnections") == "" || F("latency") == "")`, keys: []string{`F("host")`}, out: "k1 n"},
	{name: "set", query: "select $masked, $sum, count(*), sum(bytes) from STATS set $masked = maskdigits(path), $sum = md5sum($masked) group by $masked, $sum",
		when: inStats, keys: []string{`masked(F("path"))`, `"md5:" masked(F("path"))`}, values: []string{`F("bytes")`}, out: "k1 k2 n sum1"},
	{name: "having", query: "select path, count(*), avg(latency) from STATS group by path having max(latency) > 1199 and avg(latency) < 605",
		when: inStats, keys: []string{`F("path")`}, values: []string{`F("latency")`}, out: "k1 n avg1", having: "max1 > 1199 && avg1 < 605"},
	{name: "order and limit", query: "select path, count(*), sum(bytes) from STATS group by path order by sum(bytes) limit 7",
		when: inStats, keys: []string{`F("path")`}, values: []string{`F("bytes")`}, out: "k1 n sum1", order: []int{-3}, limit: 7},
	{name: "rorder", query: "select service, count(*) from STATS where service is not null group by service rorder by service limit 3",
		when: inStats + ` && F("service") != ""`, keys: []string{`F("service")`}, out: "k1 n", order: []int{1}, limit: 3},
	{name: "another table", query: "select job, result, count(*), avg(seconds) from jobs group by job, result",
		when: `T == "JOBS"`, keys: []string{`F("job")`, `F("result")`}, values: []string{`F("seconds")`}, out: "k1 k2 n avg1"},
	{name: "generic", query: "select count($line) where $line contains 'MAPREDUCE:' or $line eq '' logformat generic",
		when: `$0 ~ /MAPREDUCE:/ || $0 == ""`, out: "n"},
	{name: "generickv", query: "select service, count(*), max(bytes) where lifetimeConnections >= 100 group by service logformat generickv",
		when: `less(99, F("lifetimeConnections"))`, keys: []string{`F("service")`}, values: []string{`F("bytes")`}, out: "k1 n max1"},
	{name: "every line", query: "select count(*) from *", when: "1", out: "n"},
	{name: "nothing matches", query: "select host, count(*) from STATS where status == 999 group by host", when: "0", keys: []string{`""`}, out: "k1 n"},
}

const awkPrelude = `
BEGIN { FS = "|" }
function num(x) { return x ~ /^-?[0-9]+(\.[0-9]+)?$/ }
function less(a, b) { return num(a) && num(b) && a + 0 < b + 0 }
function more(a, b) { return less(b, a) }
function text(a, b) { return a != "" && b != "" && !(num(a) && num(b)) && (a "") > (b "") }
function masked(x) { gsub(/[0-9]/, ".", x); return x }
function F(x) { return x in f ? f[x] : "" }
{
	split("", f); T = ""
	if ($10 ~ /^MAPREDUCE:/) T = substr($10, 11)
	for (i = 1; i <= NF; i++) if ((p = index($i, "=")) > 1) f[substr($i, 1, p-1)] = substr($i, p+1)
}
`

// awk is the query's part of the program, with names that end with its number.
func (a *asked) awk(n int) string {
	var b strings.Builder
	key := `""`
	for _, k := range a.keys {
		key += ` (` + k + `) "\037"`
	}
	fmt.Fprintf(&b, "(%s) { k = %s; R%d[k]++\n", a.when, key, n)
	for i, v := range a.values {
		id := fmt.Sprintf("%d_%d", n, i+1)
		b.WriteString(strings.ReplaceAll(`v = `+v+`; if (v != "") { C_[k]++; L_[k] = v; if (num(v)) { N_[k]++; S_[k] += v; if (N_[k] == 1 || v+0 < A_[k]) A_[k] = v+0; if (N_[k] == 1 || v+0 > Z_[k]) Z_[k] = v+0 } }`+"\n", "_", id))
	}
	b.WriteString("}\nEND {\n")
	if len(a.keys) == 0 {
		fmt.Fprintf(&b, "R%d[\"\"] += 0\n", n) // one row, whatever there is
	}
	fmt.Fprintf(&b, "for (k in R%d) { split(k, kk, \"\\037\"); ", n)
	if a.having != "" {
		words := strings.Fields(a.having)
		for i, w := range words {
			words[i] = a.column(w, n)
		}
		fmt.Fprintf(&b, "if (!(%s)) continue; ", strings.Join(words, " "))
	}
	fmt.Fprintf(&b, "printf \"%d\"; ", n)
	for _, w := range strings.Fields(a.out) {
		fmt.Fprintf(&b, "printf \"\\t%%s\", %s; ", a.column(w, n))
	}
	b.WriteString("printf \"\\n\" } }\n")
	return b.String()
}

// column is the awk expression of a column; another word is itself.
func (a *asked) column(w string, n int) string {
	what := strings.TrimRight(w, "0123456789")
	id := fmt.Sprintf("%d_%s", n, w[len(what):])
	form := map[string]string{
		"k": "kk[" + w[len(what):] + "]", "n": fmt.Sprintf("R%d[k]+0", n), "count": "C_[k]+0", "last": "L_[k]", "len": `(C_[k] ? length(L_[k]) : "")`,
		"sum": `(N_[k] ? sprintf("%.17g", S_[k]) : "")`, "avg": `(N_[k] ? sprintf("%.17g", S_[k]/N_[k]) : "")`,
		"min": `(N_[k] ? sprintf("%.17g", A_[k]) : "")`, "max": `(N_[k] ? sprintf("%.17g", Z_[k]) : "")`,
	}[what]
	if form == "" || what == "" {
		return w
	}
	return "(" + strings.ReplaceAll(form, "_[", id+"[") + ")"
}

// askOracle has awk answer all queries at once, and meanwhile lets the test go
// on: parsing the lines is most of its work. What it returns waits for the rows.
func askOracle(t *testing.T, files []string) func() [][][]string {
	t.Helper()
	tool, err := exec.LookPath("mawk")
	if err != nil {
		tool = need(t, "awk")
	}
	program := awkPrelude
	for i := range askedQueries {
		program += askedQueries[i].awk(i)
	}
	cmd := exec.Command(tool, append([]string{program}, files...)...)
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	p := startProcess(t, cmd)
	return func() [][][]string {
		if status := p.wait(); status != 0 {
			t.Fatalf("%s: status %d: %s", tool, status, p.stderr.String())
		}
		return oracleRows(t, p.stdout.String())
	}
}

func oracleRows(t *testing.T, out string) [][][]string {
	t.Helper()
	rows := make([][][]string, len(askedQueries))
	for line := range strings.Lines(out) {
		cells := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		n, err := strconv.Atoi(cells[0])
		if err != nil {
			t.Fatal(line)
		}
		for i, c := range cells {
			if text, ok := strings.CutPrefix(c, "md5:"); ok {
				cells[i] = fmt.Sprintf("%x", md5.Sum([]byte(text)))
			}
		}
		rows[n] = append(rows[n], cells[1:])
	}
	return rows
}

// sortRows puts rows in the query's order; where it has none, in that of their
// first columns, which are keys, or the only row's.
func (a *asked) sortRows(rows [][]string) {
	order := a.order
	if order == nil {
		for i, w := range strings.Fields(a.out) {
			if w[0] == 'k' {
				order = append(order, i+1)
			}
		}
	}
	slices.SortFunc(rows, func(x, y []string) int {
		for _, c := range order {
			if c > 0 && x[c-1] != y[c-1] {
				return strings.Compare(x[c-1], y[c-1])
			}
			if c < 0 && number(x[-c-1]) != number(y[-c-1]) {
				if number(x[-c-1]) > number(y[-c-1]) {
					return -1
				}
				return 1
			}
		}
		return 0
	})
}

func number(s string) float64 {
	x, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return math.Inf(-1)
	}
	return x
}

func sameCell(got, want string) bool {
	x, err1 := strconv.ParseFloat(got, 64)
	y, err2 := strconv.ParseFloat(want, 64)
	if err1 != nil || err2 != nil {
		return got == want
	}
	return math.Abs(x-y) <= 1e-9*math.Max(math.Abs(x), math.Abs(y))
}

func parseCSV(t *testing.T, text string) [][]string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(rows) == 0 {
		t.Fatalf("%v in %s", err, short(text))
	}
	return rows[1:]
}

func (a *asked) compare(t *testing.T, text string, want [][]string) {
	t.Helper()
	got := parseCSV(t, text)
	if a.order == nil {
		a.sortRows(got)
	}
	a.sortRows(want)
	if a.limit > 0 {
		want = want[:min(a.limit, len(want))]
	}
	if len(got) != len(want) {
		t.Errorf("%d rows, want %d\n%s\n%v", len(got), len(want), short(text), want[:min(len(want), 5)])
		return
	}
	for i := range want {
		for j := range want[i] {
			if !sameCell(got[i][j], want[i][j]) {
				t.Errorf("row %d: %q\nwant   %q", i+1, got[i], want[i])
				break
			}
		}
	}
}

// statsFleet is three hosts with a log each.
func statsFleet(t *testing.T, lines int) (f *fleet, files []string) {
	f = newFleet(t, 3)
	dir := t.TempDir()
	for i := range f.hosts {
		path := filepath.Join(dir, fmt.Sprintf("web%d.log", i+1))
		write(t, path, statsLines(i+1, lines))
		files = append(files, path)
	}
	return f, files
}

// TestQueries: queries give what awk gives, and the same bytes wherever the lines
// come from.
func TestQueries(t *testing.T) {
	t.Parallel()
	lines := 20_000
	if long() {
		lines = 60_000
	}
	f, files := statsFleet(t, lines)
	var remote []string
	all := ""
	for i, h := range f.hosts {
		remote = append(remote, h.at(files[i]))
		all += read(t, files[i])
	}
	oracle := askOracle(t, files)
	given := make([]result, len(askedQueries))
	for i, a := range askedQueries {
		t.Run(a.name, func(t *testing.T) {
			query := []string{"dmap", "-quiet", "-format", "csv", a.query}
			local := f.run(append(query, files...)...)
			given[i] = local
			if r := f.run(append(query, remote...)...); r.stdout != local.stdout || r.status != local.status || r.stderr != "" {
				t.Errorf("hosts: %s\nlocal: %s", r, local)
			}
			if r := f.feed(strings.NewReader(all), query...); r.stdout != local.stdout || r.status != local.status || r.stderr != "" {
				t.Errorf("standard input: %s\nlocal: %s", r, local)
			}
		})
	}
	rows := oracle()
	for i, a := range askedQueries {
		t.Run("awk/"+a.name, func(t *testing.T) {
			status := 0
			if len(rows[i]) == 0 {
				status = 1
			}
			if given[i].status != status || given[i].stderr != "" {
				t.Error(given[i])
			}
			a.compare(t, given[i].stdout, rows[i])
		})
	}
}

// TestHostVariables: each host says its own name, and is told what the user calls
// it.
func TestHostVariables(t *testing.T) {
	t.Parallel()
	f, files := statsFleet(t, 2_000)
	query := "from STATS select $hostname,$server,$file,max(lifetimeConnections),count(currentConnections) group by $hostname,$server,$file order by $hostname asc"
	args := []string{"dmap", "-quiet", "-format", "csv", query}
	want := [][]string{}
	for i, h := range f.hosts {
		args = append(args, h.at(files[i]))
		n, last := 0, ""
		for line := range strings.Lines(read(t, files[i])) {
			if strings.Contains(line, "|MAPREDUCE:STATS|host=") {
				_, rest, _ := strings.Cut(line, "lifetimeConnections=")
				last, _, _ = strings.Cut(rest, "|")
				n += strings.Count(line, "|currentConnections=")
			}
		}
		want = append(want, []string{h.name, h.ip, files[i], last, strconv.Itoa(n)})
	}
	r := f.run(args...)
	if got := parseCSV(t, r.stdout); !slices.EqualFunc(got, want, slices.Equal[[]string]) || r.status != 0 {
		t.Errorf("%s\nwant %q", r, want)
	}
}

// TestRows: rows instead of groups, from all hosts.
func TestRows(t *testing.T) {
	t.Parallel()
	f, files := statsFleet(t, 5_000)
	var want []string
	for _, file := range files {
		for line := range strings.Lines(read(t, file)) {
			field := func(name string) string {
				_, rest, _ := strings.Cut(line, "|"+name+"=")
				value, _, _ := strings.Cut(strings.TrimSuffix(rest, "\n"), "|")
				return value
			}
			if strings.Contains(line, "|MAPREDUCE:STATS|host") && field("service") == "pay" && number(field("latency")) > 1190 {
				want = append(want, field("host")+","+field("latency")+","+field("path"))
			}
		}
	}
	slices.Sort(want)
	query := `select host, latency, path from STATS where service eq "pay" and latency > 1190 and latency ne "n/a"`
	args := []string{"dmap", "-quiet", "-format", "csv"}
	var remote []string
	for i, h := range f.hosts {
		remote = append(remote, h.at(files[i]))
	}
	for name, places := range map[string][]string{"local": files, "hosts": remote} {
		r := f.run(append(append(args, query), places...)...)
		got := strings.Split(strings.TrimSpace(r.stdout), "\n")
		slices.Sort(got[1:])
		if got[0] != "host,latency,path" || !slices.Equal(got[1:], want) || len(want) == 0 || r.status != 0 {
			t.Errorf("%s: %d rows, want %d; %s", name, len(got)-1, len(want), r)
		}
		r = f.run(append(append(args, query+" order by latency, host asc limit 3"), places...)...)
		top := slices.Clone(want)
		slices.SortFunc(top, func(x, y string) int { return strings.Compare(strings.Split(y, ",")[1], strings.Split(x, ",")[1]) })
		if got := strings.Split(strings.TrimSpace(r.stdout), "\n"); !slices.Equal(got[1:], top[:3]) {
			t.Errorf("%s: %q, want %q", name, got, top[:3])
		}
	}
}

// TestCSVFiles: each file has a header of its own.
func TestCSVFiles(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 2)
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a.csv"), filepath.Join(dir, "b.csv")
	write(t, a, "user,action,took\nanna,login,3\nbob,\"log,out\",4\nanna,\"say \"\"hi\"\"\",5\n")
	write(t, b, "took,extra,action,user\r\n10,x,login,bob\r\n-20,y,login,anna\r\n")
	want := "user,action,count(*),sum(took)\nanna,login,2,-17\nanna,\"say \"\"hi\"\"\",1,5\nbob,\"log,out\",1,4\nbob,login,1,10\n"
	query := []string{"dmap", "-quiet", "-format", "csv", "select user,action,count(*),sum(took) group by user,action logformat csv"}
	for name, places := range map[string][]string{
		"local": {a, b}, "one host": {f.hosts[0].at(a), f.hosts[0].at(b)}, "two hosts": {f.hosts[0].at(a), f.hosts[1].at(b)},
	} {
		if r := f.run(append(query, places...)...); r.stdout != want || r.status != 0 {
			t.Errorf("%s: %s\nwant %s", name, r, want)
		}
	}
}

// TestManyGroups: as many groups as there are, each time.
func TestManyGroups(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 3)
	dir := t.TempDir()
	args := []string{"dmap", "-quiet", "-format", "csv", "select id, count(*) group by id logformat generickv"}
	want := "id,count(*)\n"
	var rows []string
	for i, h := range f.hosts {
		var b strings.Builder
		for n := range 1600 {
			id := fmt.Sprintf("h%d-%d", i, n)
			fmt.Fprintf(&b, "id=%s|x=1\nid=shared|x=2\n", id)
			rows = append(rows, id+",1\n")
		}
		path := filepath.Join(dir, h.name)
		write(t, path, b.String())
		args = append(args, h.at(path))
	}
	slices.Sort(rows)
	want += strings.Join(rows, "") + "shared,4800\n"
	runs := 5
	if long() {
		runs = 50
	}
	for range runs {
		if r := f.run(args...); r.stdout != want || r.status != 0 {
			t.Fatal(r)
		}
	}
}
