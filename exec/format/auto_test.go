package format

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func autoCases() []parseCase {
	const cri = "2016-10-06T00:17:09.669794202Z stdout F "
	return []parseCase{
		{"auto, json", "auto", "", "a", `{"a":1}` + "\n", "1\n", 0},
		{"auto, csv", "auto", "", "b", "a,b\n1,2\n3,4\n", "2\n4\n", 0},
		{"auto, nothing known", "auto", "", "a $time", "hello world\na=1\n", "-,-\n-,-\n", 0},
		{"auto, empty", "auto", "", "a", "", "", 0},
		{"auto, json in cri", "auto", "", "a stream msg time $severity", cri + `{"a":1,"level":"warn","msg":"x\"y"}` + "\n" + cri + "panic\nnonsense\n" + cri + "\n",
			"1,stdout,x\"y,2016-10-06T00:17:09.669794202Z,warn\n-,stdout,panic,2016-10-06T00:17:09.669794202Z,-\n-,-,-,-,-\n-,stdout,,2016-10-06T00:17:09.669794202Z,-\n", 1},
		{"auto, logfmt in docker", "auto", "", "a stream msg log", `{"log":"a=\"1\" b=2\n","stream":"stdout","time":"x"}` + "\n", "1,stdout,a=\"1\" b=2,-\n", 0},
		{"auto, text in docker", "auto", "", "a msg", `{"log":"hello\n","stream":"stdout","time":"x"}` + "\n", "-,hello\n", 0},
		{"auto, table in cri", "auto", "", "b msg", cri + "a,b\n" + cri + "1,2\n" + cri + "3,4\n", "-,a,b\n-,1,2\n-,3,4\n", 0},
	}
}

// detectCases are the beginnings of files, and which format they have.
func detectCases() [][2]string {
	return [][2]string{
		{"", "generic"}, {"\n\n", "generic"}, {"hello, world\n", "generic"},
		{"\ufeff{\"a\":1}\r\n", "json"}, {"{}\n", "json"}, {"Starting up\n\n{\"a\":1}\n", "json"}, {"{\"a\":1\n", "generic"}, {"[1]\n", "generic"},
		{`{"log":"x\n","stream":"stdout","time":"t"}`, "docker"}, {`{"log":"x\n","stream":"stdout"}`, "json"},
		{"2016-10-06T00:17:09.669794202Z stdout F x\n", "cri"}, {"I1120 10:11:12.123456    4711 server.go:88] x\n", "klog"},
		{head + "a=1\n", "default"}, {strings.Replace(head, "INFO", "WARN", 1) + "a=1\n", "default"},
		{"a=1|b=2\na=2|b=3\n", "generickv"}, {"a=1|b c=2\n", "logfmt"},
		{"a=1 b=2\n", "logfmt"}, {"level=info msg=\"a b\" x\n", "logfmt"}, {"a=1\n", "generic"}, {"set a=1 b=2\n", "generic"}, {"a=1 b=\"x\n", "generic"},
		{"a=1 b=2\nx\nx\n", "generic"}, {"a=1 b=2\na=1 b=2\na=1 b=2\nx\n", "logfmt"},
		{"a,b\n1,2\n", "csv"}, {"a,b\n", "generic"}, {"a,a\n1,2\n", "generic"}, {"1,2\n3,4\n", "generic"}, {"a,b\n1,2,3\n", "generic"}, {"\"a\",\"b,c\"\n1,2\n", "csv"},
		{"a\tb\n1\t2\n", "tsv"}, {"a, b\n1, 2\n", "generic"}, {"$lineno,$offset,$line\n1,2,3\n", "csv"},
		{"Nov 20 10:11:12 web1 x y\n", "syslog"}, {"<13>Feb  5 17:32:18 10.0.0.99 Use the BFG!\n", "syslog"}, {"<13>1 - - - - - -\n", "syslog"},
		{"2026-11-20T10:11:12Z web1 app[1]: x\n", "syslog"}, {"2026-11-20T10:15:06Z WARN connection: lost\n", "generic"}, {"2026-11-20T10:15:06Z [main] x: y\n", "generic"},
		{"2026-11-20T10:15:06Z some text\n", "generic"},
		{`::1 - - [x] "GET / HTTP/1.1" 200 1` + "\n", "common"}, {`::1 - - [x] "GET / HTTP/1.1" 200 1 "-" "x" 1` + "\n", "combined"},
	}
}

func TestDetect(t *testing.T) {
	for _, c := range detectCases() {
		if got := Detect([]byte(c[0])); got != c[1] {
			t.Errorf("%q: %s, want %s", c[0], got, c[1])
		}
	}
}

// TestDetectFiles: the formats of logs as they are found.
func TestDetectFiles(t *testing.T) {
	for file, want := range map[string]string{
		"logs/Android.log": "generic", "logs/Apache.log": "generic", "logs/HDFS.log": "generic", "logs/Linux.log": "syslog", "logs/Mac.log": "syslog",
		"logs/OpenSSH.log": "syslog", "logs/Spark.log": "generic", "logs/Zookeeper.log": "generic", "logs/combined.log": "combined",
		"sample/events.kv": "generickv", "sample/requests.csv": "csv", "sample/shop.log": "generic", "sample/stats.log": "default",
		"sample/json.log": "json", "sample/tsv.log": "tsv", "sample/logfmt.log": "logfmt", "sample/combined.log": "combined", "sample/common.log": "common",
		"sample/syslog.log": "syslog", "sample/klog.log": "klog", "sample/cri.log": "cri", "sample/docker.log": "docker", "sample/regex.log": "generic",
	} {
		log := readLog(t, file)
		if got := Detect(log); got != want {
			t.Errorf("%s: %s, want %s", file, got, want)
		}
	}
	for _, format := range formats() {
		want := map[string]string{"generic": "default", "generickv": "default", "regex": "default", "auto": "cri"}[format]
		if want == "" {
			want = format
		}
		if got := Detect(benchLog(format, 30)); got != want {
			t.Errorf("benchLog(%s): %s", format, got)
		}
	}
}

// TestDetectGrowing: a file that was known by a line keeps its format, however
// much of it is there when one looks.
func TestDetectGrowing(t *testing.T) {
	for _, file := range []string{"sample/json.log", "sample/syslog.log", "sample/klog.log", "sample/cri.log", "logs/combined.log", "logs/Mac.log"} {
		lines := strings.SplitAfter(string(readLog(t, file)), "\n")
		first := Detect([]byte(lines[0]))
		for n := range min(len(lines), 2*detectLines) {
			if got := Detect([]byte(strings.Join(lines[:n+1], ""))); got != first {
				t.Errorf("%s: %s after one line, %s after %d", file, first, got, n+1)
			}
		}
	}
}

func readLog(t testing.TB, file string) []byte {
	t.Helper()
	log, err := os.ReadFile(filepath.Join("..", "..", "testdata", filepath.FromSlash(file)))
	if err != nil {
		t.Fatal(fmt.Errorf("%s: %w", file, err))
	}
	return log
}
