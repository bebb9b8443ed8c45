package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// interval is the windows' length: a minute, as people ask for, where there is
// the time.
func interval() time.Duration {
	if long() {
		return time.Minute
	}
	return 2 * time.Second
}

// windowKey is a window of one host.
type windowKey struct {
	start time.Time
	host  string
}

func (k windowKey) String() string { return k.start.UTC().Format("15:04:05") + " " + k.host }

// stats are what a query says about the lines of one host in one window.
type stats struct {
	count    int
	sum, max float64
}

func (s *stats) add(value int) {
	if s.count == 0 || float64(value) > s.max {
		s.max = float64(value)
	}
	s.count++
	s.sum += float64(value)
}

// statsQuery asks for them.
const statsQuery = "select $hostname, count($line) as n, sum(value) as s, avg(value) as a, max(value) as m from stats group by $hostname"

// statsLine is a line in DTail's format.
func statsLine(value int) string {
	return fmt.Sprintf("INFO|20261120-101112|1|stats.go:1|8|14|7|0.21|471h0m21s|MAPREDUCE:STATS|other=x|value=%d\n", value)
}

// meter is a host's log, and what has been written to it.
type meter struct {
	t       *testing.T
	host    string
	path    string
	f       *os.File
	next    int
	written map[windowKey]*stats
}

func newMeter(t *testing.T, host, path string) *meter {
	t.Helper()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return &meter{t: t, host: host, path: path, f: f, written: map[windowKey]*stats{}}
}

// write writes so many lines, and as many that are none of the query's.
func (m *meter) write(window time.Time, lines int) {
	m.t.Helper()
	if lines == 0 {
		return
	}
	key := windowKey{window, m.host}
	if m.written[key] == nil {
		m.written[key] = &stats{}
	}
	for range lines {
		m.next = (m.next*31 + 7) % 1009
		text := statsLine(m.next-300) + strings.Replace(statsLine(7), "STATS", "OTHER", 1)
		cut := m.next % len(text) // pieces of lines are no lines
		for _, part := range []string{text[:cut], text[cut:]} {
			if _, err := m.f.WriteString(part); err != nil {
				m.t.Fatal(err)
			}
		}
		m.written[key].add(m.next - 300)
	}
}

// middle waits for the middle of a window that has not come to it yet, and gives
// the window.
func middle(t *testing.T) time.Time {
	t.Helper()
	now := time.Now()
	window := now.Truncate(interval())
	if now.After(window.Add(interval() / 2)) {
		window = window.Add(interval())
	}
	<-time.After(time.Until(window.Add(interval() / 2)))
	return window.UTC()
}

// checkMiddle says that what was done since middle did not take so long that
// its lines may be in the next window.
func checkMiddle(t *testing.T, window time.Time) {
	t.Helper()
	if left := time.Until(window.Add(interval())); left < 300*time.Millisecond {
		t.Skipf("this machine is too busy: the lines were written %v before the window's end", left)
	}
}

// row is a row of a result.
type row struct {
	windowKey
	n, s, a, m float64
	revision   int
}

// parseRow reads a row of one format.
func parseRow(t *testing.T, format, line string) row {
	t.Helper()
	var r row
	var window string
	if format == "json" {
		var o struct {
			Window     string
			Host       string `json:"$hostname"`
			N, S, A, M float64
			Revision   int
		}
		if err := json.Unmarshal([]byte(line), &o); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		window = o.Window
		r = row{windowKey{host: o.Host}, o.N, o.S, o.A, o.M, o.Revision}
	} else {
		cells := strings.Split(line, ",")
		if len(cells) != 7 {
			t.Fatalf("not a row: %q", line)
		}
		window, r.host = cells[0], cells[1]
		for i, to := range []*float64{&r.n, &r.s, &r.a, &r.m} {
			var err error
			if *to, err = strconv.ParseFloat(cells[2+i], 64); err != nil {
				t.Fatalf("%v: %q", err, line)
			}
		}
		r.revision, _ = strconv.Atoi(cells[6])
	}
	var err error
	if r.start, err = time.Parse(time.RFC3339, window); err != nil {
		t.Fatalf("%v: %q", err, line)
	}
	r.start = r.start.UTC()
	return r
}

// tally is what the rows of a client say; a later revision counts.
type tally struct {
	t      *testing.T
	p      *process
	format string
	rows   map[windowKey]row
}

func newTally(t *testing.T, p *process, format string) *tally {
	return &tally{t: t, p: p, format: format, rows: map[windowKey]row{}}
}

// read reads a row.
func (y *tally) read() row {
	y.t.Helper()
	awaitWindow(y.p)
	line := y.p.readLine()
	if strings.HasPrefix(line, "window,") {
		awaitWindow(y.p)
		line = y.p.readLine()
	}
	r := parseRow(y.t, y.format, line)
	if old, ok := y.rows[r.windowKey]; ok && old.revision >= r.revision {
		y.t.Errorf("%v: revision %d comes after %d", r.windowKey, r.revision, old.revision)
	}
	y.rows[r.windowKey] = r
	return r
}

// awaitWindow waits for a line, for longer than readLine does where windows are
// long.
func awaitWindow(p *process) {
	p.t.Helper()
	limit := time.Now().Add(2 * interval())
	for time.Now().Before(limit) && !p.hasEnded() && !strings.Contains(p.stdout.rest(), "\n") {
		<-time.After(10 * time.Millisecond)
	}
}

// await reads rows until there is one of each host in a window.
func (y *tally) await(window time.Time, hosts ...string) {
	y.t.Helper()
	for slices.ContainsFunc(hosts, func(h string) bool { _, ok := y.rows[windowKey{window, h}]; return !ok }) {
		y.read()
	}
}

// check compares what was printed since a window with what was written.
func (y *tally) check(since time.Time, meters []*meter) {
	y.t.Helper()
	want := map[windowKey]*stats{}
	for _, m := range meters {
		maps.Copy(want, m.written)
	}
	for k, r := range y.rows {
		if k.start.Before(since) {
			continue
		}
		w := want[k]
		if w == nil {
			y.t.Errorf("%v: %v lines, but nothing was written", k, r.n)
			continue
		}
		if r.n != float64(w.count) || r.s != w.sum || r.m != w.max || math.Abs(r.a-w.sum/float64(w.count)) > 1e-9 {
			y.t.Errorf("%v: got %+v, want %+v", k, r, *w)
		}
		if r.revision != 0 {
			y.t.Errorf("%v: revision %d of a window that no host was late for", k, r.revision)
		}
	}
	for k := range want {
		if _, ok := y.rows[k]; !ok && !k.start.Before(since) {
			y.t.Errorf("%v: no row", k)
		}
	}
}

// settle writes lines until the client counts those of every log: then it
// follows them. They are not looked at.
func (y *tally) settle(meters []*meter) {
	y.t.Helper()
	missing := map[string]bool{}
	for _, m := range meters {
		missing[m.host] = true
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
			}
			for _, m := range meters {
				m.f.WriteString(statsLine(1))
			}
		}
	}()
	for len(missing) > 0 {
		delete(missing, y.read().host)
	}
	close(stop)
	<-stopped
}

// meters are logs of the hosts.
func meters(t *testing.T, hosts ...string) []*meter {
	t.Helper()
	var all []*meter
	for _, h := range hosts {
		dir := filepath.Join(t.TempDir(), h)
		must(t, os.Mkdir(dir, 0o755))
		all = append(all, newMeter(t, h, filepath.Join(dir, "stats.log")))
	}
	return all
}

func places(f *fleet, all []*meter) []string {
	var list []string
	for i, m := range all {
		list = append(list, f.hosts[i].at(m.path))
	}
	return list
}

// TestWindowsExact: each window of each host says what was written in it, in
// all formats, by both commands that take a query, and over local files.
func TestWindowsExact(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 3)
	f.env = append(f.env, "FANTAIL_HOSTNAME=web1")
	all := meters(t, "web1", "web2", "web3")
	query := fmt.Sprintf("%s interval %d", statsQuery, int(interval().Seconds()))
	var tallies []*tally
	for _, c := range []struct{ format, args string }{
		{"csv", "dmap -format csv"}, {"json", "dmap -format json"}, {"csv", "dtail -format csv -query"},
	} {
		p := f.start(slices.Concat(strings.Fields(c.args), []string{query}, places(f, all))...)
		tallies = append(tallies, newTally(t, p, c.format))
	}
	table := f.start(slices.Concat([]string{"dmap", "-format", "table", query}, places(f, all))...)
	local := newTally(t, f.start("dmap", "-format", "csv", query, all[0].path), "csv")
	for _, y := range tallies {
		y.settle(all)
	}
	local.settle(all[:1])
	first, last := writeWindows(t, all, [][]int{{50, 20, 1}, {7, 0, 300}, {5, 5, 0}, {3, 3, 3}})
	for _, y := range tallies {
		y.await(last, "web1", "web2", "web3")
		y.check(first, all)
		y.p.signal(os.Interrupt)
		if status := y.p.wait(); status != 130 || !strings.Contains(y.p.stderr.String(), "3/3 hosts · 3 files · ") {
			t.Errorf("status %d: %s", status, y.p.stderr.String())
		}
	}
	local.await(last, "web1")
	local.check(first, all[:1])
	awaitWindow(table)
	table.waitFor(" – " + last.Add(interval()).Format("15:04:05")) // TZ is UTC
	checkTables(t, table, all, first, last)
}

// nextWindow waits for the beginning of a window, behind all that was written,
// which may be read a moment late: that one is left empty.
func nextWindow() {
	now := time.Now()
	<-time.After(time.Until(now.Truncate(interval()).Add(2 * interval())))
}

// writeWindows writes so many lines per host in each of the windows that come,
// and gives the first and the last.
func writeWindows(t *testing.T, all []*meter, lines [][]int) (first, last time.Time) {
	t.Helper()
	nextWindow()
	for i, counts := range lines {
		last = middle(t)
		if i == 0 {
			first = last
		}
		for k, m := range all {
			m.write(last, counts[k])
		}
		checkMiddle(t, last)
	}
	return first, last
}

// checkTables reads what is drawn for people: one table a window, with a title.
func checkTables(t *testing.T, p *process, all []*meter, first, last time.Time) {
	t.Helper()
	p.waitFor("web3") // of the last window
	p.signal(os.Interrupt)
	p.wait()
	seen := map[windowKey]bool{}
	var window time.Time
	titles := map[time.Time]int{}
	for _, line := range strings.Split(p.stdout.String(), "\n") {
		if title, rest, ok := strings.Cut(line, " – "); ok {
			var err error
			if window, err = time.Parse("2006-01-02 15:04:05", title); err != nil {
				t.Fatal(err)
			}
			if titles[window]++; !window.Before(first) && !strings.Contains(rest, " · by arrival · 3/3 hosts") {
				t.Errorf("%s", line)
			}
			continue
		}
		cells := strings.Split(line, "|")
		if window.Before(first) || len(cells) != 5 || !strings.Contains(line, "web") {
			continue
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		key := windowKey{window, cells[0]}
		seen[key] = true
		for _, m := range all {
			if s := m.written[key]; m.host == cells[0] && (s == nil || strconv.Itoa(s.count) != cells[1]) {
				t.Errorf("table: %v: %s", key, line)
			}
		}
	}
	for _, m := range all {
		for k := range m.written {
			if !seen[k] {
				t.Errorf("table: %v is missing", k)
			}
			if titles[k.start] != 1 {
				t.Errorf("table: the window of %v was shown %d times", k, titles[k.start])
			}
		}
	}
	if t.Failed() {
		t.Log(p.stdout.String())
	}
}

// TestWindowsServerKilled: a host dies in a window and comes back; no line is
// lost or counted twice.
func TestWindowsServerKilled(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 3)
	all := meters(t, "web1", "web2", "web3")
	query := fmt.Sprintf("%s interval %d", statsQuery, int(interval().Seconds()))
	y := newTally(t, f.start(slices.Concat([]string{"dmap", "-format", "csv", query}, places(f, all))...), "csv")
	y.settle(all)
	nextWindow()
	first := middle(t)
	all[0].write(first, 40)
	all[1].write(first, 40)
	f.hosts[1].kill()
	all[1].write(first, 40)
	all[2].write(first, 40)
	y.p.waitForError("trying again")
	var window time.Time
	for down := range 4 {
		if down == 2 {
			f.hosts[1].restart()
		}
		window = middle(t)
		for _, m := range all {
			m.write(window, 10)
		}
	}
	y.p.waitForError("it goes on where it was cut")
	y.await(window, "web1", "web2", "web3")
	y.p.signal(os.Interrupt)
	if status := y.p.wait(); status != 130 {
		t.Error("status", status)
	}
	for strings.Contains(y.p.stdout.rest(), "\n") {
		y.read()
	}
	got, want := map[string]stats{}, map[string]stats{}
	for k, r := range y.rows {
		if !k.start.Before(first) {
			s := got[k.host]
			got[k.host] = stats{s.count + int(r.n), s.sum + r.s, max(s.max, r.m)}
		}
	}
	for _, m := range all {
		for _, w := range m.written {
			s := want[m.host]
			want[m.host] = stats{s.count + w.count, s.sum + w.sum, max(s.max, w.max)}
		}
	}
	if !maps.Equal(got, want) {
		t.Errorf("got %v, want %v\n%s", got, want, y.p.stdout.String())
	}
}

// rest is what readLine has not read.
func (o *output) rest() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(o.text.Bytes()[o.at:])
}
