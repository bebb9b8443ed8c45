package format

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// parseCase is a log, the fields wanted of it, and what is found: a line for
// each record, "-" for a null.
type parseCase struct {
	name, format, table string // table: or the pattern
	fields              string // separated by blanks; with $: a variable
	log                 string
	want                string
	malformed           int
}

const head = "INFO|20261120-101112|4711|stats.go:56|8|100|30|1.50|48h0m1s|MAPREDUCE:STATS|"

func parseCases() []parseCase {
	cases := []parseCase{
		{"default", "default", "STATS", "a b", head + "a=1|b=2\n" + head + "b=3\n", "1,2\n-,3\n", 0},
		{"every part of the head", "default", "STATS",
			"$severity $loglevel $time $date $hour $minute $second $pid $caller $cpus $goroutines $cgocalls $loadavg $uptime",
			head + "a=1\n", "INFO,INFO,20261120-101112,20261120,10,11,12,4711,stats.go:56,8,100,30,1.50,48h0m1s\n", 0},
		{"a short time has no parts", "default", "STATS", "$time $date $hour $second",
			strings.Replace(head, "2026", "", 1) + "a=1\n", "1120-101112,-,-,-\n", 0},
		{"other tables are no records", "default", "STATS", "a",
			strings.Replace(head, "STATS", "STATS2", 1) + "a=1\nnonsense\n\n" + head + "a=2\nMAPREDUCE:STATS\n", "2\n", 0},
		{"without a table every line is", "default", "", "a $severity", "x\n\n" + head + "a=1\n", "-,-\n-,-\n1,INFO\n", 2},
		{"a head without fields", "default", "STATS", "a", strings.TrimSuffix(head, "|") + "\n" + head + "\n", "-\n-\n", 2},
		{"cut off while written", "default", "STATS", "a b", head + "a=1|b\n", "1,-\n", 1},
		{"first of two", "default", "STATS", "a b", head + "a=1|a=2|b=3|a=4\n", "1,3\n", 0},
		{"empty is not null", "default", "STATS", "a b", head + "a=|c=1\n", ",-\n", 0},
		{"equals signs and prefixes", "default", "STATS", "a ab b", head + "ab=1|a=x=y|=5|b==\n", "x=y,1,=\n", 0},
		{"DOS", "default", "STATS", "a", head + "a=1\r\n" + head + "a=\r\n", "1\n\n", 0},
		{"no last newline", "default", "STATS", "a", head + "a=1", "1\n", 0},
		{"nothing wanted", "default", "STATS", "", head + "a=1\n", "\n", 0},

		{"generic", "generic", "", "a $b", "a=1\n\nx\n", "-,-\n-,-\n-,-\n", 0},

		{"kv", "generickv", "", "a b", "a=1|b=2\nb=3\n\nx\n", "1,2\n-,3\n-,-\n-,-\n", 0},
		{"a token without equals sign", "generickv", "", "a b", "a|b=2||a=1|c\n", "1,2\n", 0},
		{"first of two, kv", "generickv", "", "a", "a=|a=2\n", "\n", 0},
		{"variables, kv", "generickv", "", "$hour a $severity time $time $x", "a=1|time=20261120-101112|lvl=x|level=y\nts=1\n", "10,1,y,20261120-101112,20261120-101112,-\n-,-,-,-,1,-\n", 0},
		{"DOS, kv", "generickv", "", "a", "x=1|a=2\r\n", "2\n", 0},

		{"csv", "csv", "", "b a", "a,b\n1,2\n3,4\n", "2,1\n4,3\n", 0},
		{"DOS and byte order mark", "csv", "", "a b", "\ufeffa,b\r\n1,2\r\n", "1,2\n", 0},
		{"shorter and longer", "csv", "", "a b c", "a,b,c\n1\n1,2,3,4\n\n", "1,-,-\n1,2,3\n,-,-\n", 3},
		{"empty fields", "csv", "", "a b c", "a,b,c\n,,\n", ",,\n", 0},
		{"quotes", "csv", "", "a b c", "\"a\",\"b,x\",c\n\"1,\"\"2\"\"\",3,\"\"\n", "1,\"2\",-,\n", 0},
		{"a quoted title", "csv", "", "b,x count(a)", "\"b,x\",\"count(a)\"\n1,2\n", "1,2\n", 0},
		{"quotes not closed, or in the middle", "csv", "", "a b", "a,b\n\"1,2\n\"1\"x,2\"3\"\n", "1,2,-\n1x,2\"3\"\n", 1},
		{"first of two, csv", "csv", "", "a b", "a,b,a\n1,2,3\n", "1,2\n", 0},
		{"only a header", "csv", "", "a", "a,b", "", 0},
		{"a column that is not there", "csv", "", "x", "a,b\n1,2\n", "-\n", 0},
		{"variables, csv", "csv", "", "$time $hour $severity time", "level,time\nwarn,2026-11-20 10:11:12\n", "2026-11-20 10:11:12,10,warn,2026-11-20 10:11:12\n", 0},
		{"tsv", "tsv", "", "b a $date", "a\tb\tts\n1\t2,3\t1120 10:11:12.5\n\"4\tx\n\n", "2,3,1,1120\nx,\"4,-\n-,,-\n", 2},
		{"a variable is no column", "csv", "", "$a `$a", "a,$a\n1,2\n", "-,2\n", 0},
	}
	for _, more := range [][]parseCase{jsonCases(), logfmtCases(), accessCases(), syslogCases(), containerCases(), regexCases(), autoCases()} {
		cases = append(cases, more...)
	}
	return cases
}

func wantedFields(names string) []Field {
	var fields []Field
	for _, n := range strings.Fields(names) {
		name, quoted := strings.CutPrefix(n, "`")
		fields = append(fields, Field{Name: name, Var: !quoted && n[0] == '$'})
	}
	return fields
}

// newParser makes the parser of a case.
func newParser(t testing.TB, c parseCase) Parser {
	t.Helper()
	p, err := New(Spec{Name: c.format, Table: c.table, Pattern: c.table}, wantedFields(c.fields), []byte(c.log))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// cutLines are the spans of the lines of text.
func cutLines(text []byte) []Span {
	var lines []Span
	for at := 0; at < len(text); {
		end := len(text)
		if i := bytes.IndexByte(text[at:], '\n'); i >= 0 {
			end = at + i
		}
		lines = append(lines, Span{uint32(at), uint32(end)})
		at = end + 1
	}
	return lines
}

// parse parses the log in batches of n lines, and shows what is found.
func parse(p Parser, log []byte, n int) (shown string, malformed int) {
	var out strings.Builder
	var b Batch
	lines := cutLines(log)
	for i := 0; i < len(lines); i += n {
		chunk := lines[i:min(i+n, len(lines))]
		from := chunk[0].Start
		b.Text = append(b.Text[:0], log[from:chunk[len(chunk)-1].End]...)
		b.Offset = int64(from)
		b.Lines = nil
		for _, s := range chunk {
			b.Lines = append(b.Lines, Span{s.Start - from, s.End - from})
		}
		p.Parse(&b)
		showBatch(&out, &b)
	}
	return out.String(), b.Malformed
}

func showBatch(out *strings.Builder, b *Batch) {
	for i := range b.Lines {
		for f, cells := range b.Fields {
			if f > 0 {
				out.WriteByte(',')
			}
			if s := cells[i]; s.IsNull() {
				out.WriteByte('-')
			} else {
				out.Write(b.Text[s.Start:s.End])
			}
		}
		out.WriteByte('\n')
	}
}

func TestFormats(t *testing.T) {
	for _, c := range parseCases() {
		for n := 1; n < 6; n++ { // however the file is cut into batches
			got, malformed := parse(newParser(t, c), []byte(c.log), n)
			if got != c.want || malformed != c.malformed {
				t.Errorf("%s, %d lines at once: got %q, %d malformed; want %q, %d", c.name, n, got, malformed, c.want, c.malformed)
			}
		}
	}
}

func TestUnknownFormat(t *testing.T) {
	if _, err := New(Spec{Name: "xml"}, nil, nil); err == nil {
		t.Error("no error")
	}
}

// benchLog are n lines of each format that have host, latency and bytes.
func benchLog(format string, n int) []byte {
	var w bytes.Buffer
	switch format {
	case "csv":
		w.WriteString("time,host,service,status,latency,bytes\n")
	case "tsv":
		w.WriteString("time\thost\tservice\tstatus\tlatency\tbytes\n")
	}
	for i := range n {
		switch format {
		case "csv":
			fmt.Fprintf(&w, "20261120-101112,web%d,\"check,out\",200,%d.345,%d\n", i%200, i%90, i)
		case "tsv":
			fmt.Fprintf(&w, "20261120-101112\tweb%d\tcheckout\t200\t%d.345\t%d\n", i%200, i%90, i)
		case "json":
			fmt.Fprintf(&w, `{"time":"2026-11-20T10:11:12.%06dZ","level":"info","msg":"request done","host":"web%d","service":"checkout",`+
				`"http":{"method":"GET","status":200},"latency":%d.345,"bytes":%d}`+"\n", i, i%200, i%90, i)
		case "logfmt":
			fmt.Fprintf(&w, "ts=2026-11-20T10:11:12.%06dZ level=info msg=\"request done\" host=web%d service=checkout status=200 latency=%d.345 bytes=%d\n", i, i%200, i%90, i)
		case "combined", "common":
			fmt.Fprintf(&w, `192.0.2.%d - - [20/Nov/2026:10:11:12 +0000] "GET /item/%d?ref=wool HTTP/1.1" 200 %d`, i%256, i, i*31)
			if format == "combined" {
				w.WriteString(` "https://example.com/search?q=wool" "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0"`)
			}
			w.WriteByte('\n')
		case "syslog":
			fmt.Fprintf(&w, "<165>1 2026-11-20T10:11:12.%06dZ web%d shopd %d ORDER [order@32473 id=\"%d\" total=\"12.50\"] order paid by customer\n", i, i%200, i%9, i)
		case "klog":
			fmt.Fprintf(&w, "I1120 10:11:12.%06d    4711 server.go:%d] request done in %d ms for web%d\n", i, i%99+1, i%90, i%200)
		case "cri":
			fmt.Fprintf(&w, "2026-11-20T10:11:12.%09dZ stdout F request done in %d ms for web%d\n", i, i%90, i%200)
		case "docker":
			fmt.Fprintf(&w, `{"log":"request \"done\" in %d ms for web%d\n","stream":"stdout","time":"2026-11-20T10:11:12.%09dZ"}`+"\n", i%90, i%200, i)
		case "auto":
			fmt.Fprintf(&w, "2026-11-20T10:11:12.%09dZ stdout F {\"host\":\"web%d\",\"latency\":%d.345,\"service\":\"a\\\"b\"}\n", i, i%200, i%90)
		default:
			fmt.Fprintf(&w, head+"host=web%d|service=checkout|status=ok|code=200|latency=%d.345|bytes=%d\n", i%200, i%90, i)
		}
	}
	return w.Bytes()
}

// benchFields are three fields of such a log.
func benchFields(format string) string {
	switch format {
	case "combined", "common":
		return "remote_addr path status"
	case "syslog":
		return "host severity sd.order@32473.id"
	case "klog":
		return "severity file msg"
	case "cri", "docker":
		return "time stream msg"
	}
	return "host latency service"
}

const benchPattern = `host=(?P<host>\w+)\|service=(?P<service>\w+)\|.*latency=(?P<latency>[0-9.]+)`

// parseAgain returns a function that parses a log again and again.
func parseAgain(t testing.TB, format string, log []byte) func() {
	p, err := New(Spec{Name: format, Pattern: benchPattern}, wantedFields(benchFields(format)), log)
	if err != nil {
		t.Fatal(err)
	}
	lines := cutLines(log)
	b := Batch{Text: slices.Grow(slices.Clone(log), len(log))}
	return func() {
		b.Text = b.Text[:len(log)]
		b.Lines = append(b.Lines[:0:cap(b.Lines)], lines...)
		p.Parse(&b)
	}
}

func formats() []string {
	return []string{"default", "generic", "generickv", "csv", "json", "tsv", "logfmt", "combined", "common",
		"syslog", "klog", "cri", "docker", "regex", "auto"}
}

func TestNoAllocations(t *testing.T) {
	for _, f := range formats() {
		again := parseAgain(t, f, benchLog(f, 100))
		again()
		if n := testing.AllocsPerRun(10, again); n > 2 {
			t.Errorf("%s: %v allocations for 100 lines", f, n)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	for _, f := range formats() {
		b.Run(f, func(b *testing.B) {
			log := benchLog(f, 1000)
			again := parseAgain(b, f, log)
			b.SetBytes(int64(len(log)))
			for b.Loop() {
				again()
			}
		})
	}
}

// FuzzParse: no log makes a parser panic, give a span outside of the text, or
// see something else when the log is cut elsewhere.
func FuzzParse(f *testing.F) {
	for _, c := range parseCases() {
		f.Add(c.format, c.table, c.fields, []byte(c.log))
	}
	f.Fuzz(func(t *testing.T, format, table, fields string, log []byte) {
		p, err := New(Spec{Name: format, Table: table, Pattern: table}, wantedFields(fields), log)
		if err != nil {
			return
		}
		whole, malformed := parse(p, log, 1<<20)
		if one, m := parse(p, log, 1); one != whole || m != malformed {
			t.Errorf("at once: %q (%d malformed), line by line: %q (%d)", whole, malformed, one, m)
		}
	})
}
