package format

import (
	"bytes"
	encodingcsv "encoding/csv"
	"strconv"
	"strings"
	"testing"
)

func syslogCases() []parseCase {
	const all = "facility severity host app procid msgid msg $time"
	return []parseCase{
		// The examples of RFC 5424, section 6.5.
		{"RFC 5424, 1", "syslog", "", all, "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \ufeff'su root' failed for lonvick on /dev/pts/8\n",
			"auth,crit,mymachine.example.com,su,-,ID47,'su root' failed for lonvick on /dev/pts/8,2003-10-11T22:14:15.003Z\n", 0},
		{"RFC 5424, 2", "syslog", "", all, "<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - %% It's time to make the do-nuts.\n",
			"local4,notice,192.0.2.1,myproc,8710,-,%% It's time to make the do-nuts.,2003-08-24T05:14:15.000003-07:00\n", 0},
		{"RFC 5424, 3", "syslog", "", all + " sd.exampleSDID@32473.iut sd.exampleSDID@32473.eventSource sd.exampleSDID@32473.eventID sd.x.y",
			"<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [exampleSDID@32473 iut=\"3\" eventSource=\"Application\" eventID=\"1011\"] \ufeffAn application event log entry...\n",
			"local4,notice,mymachine.example.com,evntslog,-,ID47,An application event log entry...,2003-10-11T22:14:15.003Z,3,Application,1011,-\n", 0},
		{"RFC 5424, 4", "syslog", "", "msg sd.examplePriority@32473.class sd.exampleSDID@32473.iut",
			"<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [exampleSDID@32473 iut=\"3\"][examplePriority@32473 class=\"high\"]\n", "-,high,3\n", 0},
		{"RFC 5424, structured data", "syslog", "", "sd.a.b sd.a.c sd.a.d sd.e.f sd.a.b.c msg",
			`<0>1 - - - - - [a b="q\"b\\s\]x\n" c="" d="[]="][e][e f="1"][a.b c="2"]  m` + "\n", `q"b\s]x\n,,[]=,1,2, m` + "\n", 0},
		{"RFC 5424, everything missing", "syslog", "", all, "<191>1 - - - - - -\n", "local7,debug,-,-,-,-,-,-\n", 0},
		{"RFC 5424, not well-formed", "syslog", "", "host msg sd.a.b", "<1>1 - h - -\n<1>1 - h a p m [a b=\"x\n<1>1 - h a p m [a b=\"x\"\n<1>1 - h a p m [a b=x] m\n<1>1 - h a p m x\n<1>1 - h a p m\n<1>1 \n",
			"h,-,-\nh,-,-\nh,-,x\nh,-,-\nh,-,-\nh,-,-\n-,-,-\n", 7},
		// The examples of RFC 3164, section 5.4.
		{"RFC 3164, 1", "syslog", "", all, "<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8\n",
			"auth,crit,mymachine,su,-,-,'su root' failed for lonvick on /dev/pts/8,Oct 11 22:14:15\n", 0},
		{"RFC 3164, relayed", "syslog", "", all, "<13>Feb  5 17:32:18 10.0.0.99 Use the BFG!\n", "user,notice,10.0.0.99,-,-,-,Use the BFG!,Feb  5 17:32:18\n", 0},
		{"RFC 3164, 2", "syslog", "", all, "<165>Aug 24 05:34:00 CST 1987 mymachine myproc[10]: %% It's time\n", "local4,notice,CST,-,-,-,1987 mymachine myproc[10]: %% It's time,Aug 24 05:34:00\n", 0},
		{"RFC 3164, 3", "syslog", "", all, "<0>1990 Oct 22 10:52:01 TZ-6 scapegoat.dmz.example.org 10.1.2.3 sched[0]: That's All Folks!\n", "kern,emerg,-,-,-,-,-,-\n", 1},
		{"files", "syslog", "", all, "Nov 20 10:11:12 web1 sshd[4711]: Accepted\n2026-11-20T10:11:12.003+00:00 web1 cron[1]: x\nNov 20 10:11:12 web1 kernel: [ 1.2] eth0: up\n",
			"-,-,web1,sshd,4711,-,Accepted,Nov 20 10:11:12\n-,-,web1,cron,1,-,x,2026-11-20T10:11:12.003+00:00\n-,-,web1,kernel,-,-,[ 1.2] eth0: up,Nov 20 10:11:12\n", 0},
		{"tags", "syslog", "", "app procid msg", "Nov 20 10:11:12 h postfix/smtpd[1]: a\nNov 20 10:11:12 h com.apple.xpc[1] (x[2]): a\nNov 20 10:11:12 h a:b\nNov 20 10:11:12 h : b\nNov 20 10:11:12 h Microsoft Word[8]: b\nNov 20 10:11:12 h a b[8] c: d\nNov 20 10:11:12 h [1]: b\nNov 20 10:11:12 h a[1\nNov 20 10:11:12 h \n",
			"postfix/smtpd,1,a\ncom.apple.xpc,1,(x[2]): a\na,-,b\n-,-,: b\nMicrosoft Word,8,b\n-,-,a b[8] c: d\n-,-,[1]: b\n-,-,a[1\n-,-,\n", 0},
		{"syslog, variables", "syslog", "", "$severity $date $hour $minute $second", "<11>Nov  2 10:11:12 h a: b\n<11>1 2026-11-20T10:11:12Z - - - - -\n",
			"err,Nov  2,10,11,12\nerr,2026-11-20,10,11,12\n", 0},
		{"syslog, not well-formed", "syslog", "", "host msg facility", "\nNov 20 10:11:12\nNov 20 10:11:12 h\nhello\n<192>Nov 20 10:11:12 h a: b\n<1\n<>\n<12a>\nNov 20 10:11:1x h a: b\n2026-11-20 10:11:12 h a: b\n",
			"-,-,-\n-,-,-\n-,-,-\n-,-,-\n-,-,-\n-,-,-\n-,-,-\n-,-,-\n-,-,-\n-,-,-\n", 10},
	}
}

func containerCases() []parseCase {
	return []parseCase{
		{"klog", "klog", "", "severity time thread file msg $severity $time $date $hour $minute $second",
			"I1120 10:11:12.123456    4711 server.go:88] listening on [::]:8443\nE0102 03:04:05.000001 1234567 a.go:1] \n",
			"I,1120 10:11:12.123456,4711,server.go:88,listening on [::]:8443,I,1120 10:11:12.123456,1120,10,11,12\nE,0102 03:04:05.000001,1234567,a.go:1,,E,0102 03:04:05.000001,0102,03,04,05\n", 0},
		{"klog, not well-formed", "klog", "", "severity file msg", "\nX1120 10:11:12.123456    4711 server.go:88] x\nI1120 10:11:12.123456\nI1120 10:11:12.123456 4711\nI1120 10:11:12.123456 x] y\nI1120 10:11:12.123456] x y\nInfo: started\n",
			"-,-,-\n-,-,-\n-,-,-\n-,-,-\n-,-,-\n-,-,-\n-,-,-\n", 7},
		{"cri", "cri", "", "time stream flag msg $hour", "2016-10-06T00:17:09.669794202Z stdout P log content 1\n2016-10-06T00:17:09.669794203+01:00 stderr F \n2016-10-06T00:17:10.113242941Z stdout F:x a\n2016-10-06T00:17:10.113242941Z stdout F\n",
			"2016-10-06T00:17:09.669794202Z,stdout,P,log content 1,00\n2016-10-06T00:17:09.669794203+01:00,stderr,F,,00\n2016-10-06T00:17:10.113242941Z,stdout,F:x,a,00\n2016-10-06T00:17:10.113242941Z,stdout,F,,00\n", 0},
		{"cri, not well-formed", "cri", "", "stream msg", "\nx stdout F y\n2016-10-06T00:17:09Z stdin F y\n2016-10-06T00:17:09Z stdout X y\n2016-10-06T00:17:09Z stdout \n2016-10-06T00:17:09Z\n", "-,-\n-,-\n-,-\n-,-\n-,-\n-,-\n", 6},
		{"docker", "docker", "", "time stream msg $minute log", `{"log":"hello\n","stream":"stdout","time":"2026-11-20T10:11:12.1Z"}` + "\n" + `{"log":"a \"b\"\u003c\\n","stream":"stderr","time":"x"}` + "\n" + `{"log":"c\\\n"}` + "\n" + `{"log":"\n"}` + "\n",
			"2026-11-20T10:11:12.1Z,stdout,hello,11,-\nx,stderr,a \"b\"<\\n,-,-\n-,-,c\\,-,-\n-,-,,-,-\n", 0},
		{"docker, not well-formed", "docker", "", "msg", "hello\n" + `{"log":"x` + "\n", "-\n-\n", 2},
	}
}

func regexCases() []parseCase {
	return []parseCase{
		{"regex", "regex", `^(?P<ip>\S+) (?:(?P<n>\d+)|(?P<w>\w*))$`, "w ip n x", "::1 42\n::1 a\n::1 \nnonsense\n", "-,::1,42,-\na,::1,-,-\n,::1,-,-\n-,-,-,-\n", 1},
		{"regex, two of a name", "regex", `a(?<x>\d)|b(?<x>\d)`, "x", "b1\na2\n", "1\n2\n", 0},
		{"regex, variables", "regex", `^(?P<time>[0-9T:-]+) (?P<level>\w+)`, "$time $second $severity level", "2026-11-20T10:11:12 WARN x\n", "2026-11-20T10:11:12,12,WARN,WARN\n", 0},
		{"regex, nothing wanted", "regex", `(\d)`, "", "1\nx\n", "\n\n", 1},
		{"regex, DOS", "regex", `(?P<x>.)$`, "x", "ab\r\n", "b\n", 0},
	}
}

// TestSyslogFiles compares with what others have found in real logs.
func TestSyslogFiles(t *testing.T) {
	rows, err := encodingcsv.NewReader(bytes.NewReader(readLog(t, "logs/syslog.csv"))).ReadAll()
	if err != nil || len(rows) != 301 {
		t.Fatal(len(rows), err)
	}
	logs := map[string][][]string{}
	for _, want := range rows[1:] {
		file := want[0]
		if logs[file] == nil {
			logs[file] = fieldsOf(t, "syslog", "app procid msg", readLog(t, "logs/"+file))
		}
		line, _ := strconv.Atoi(want[1])
		got := logs[file][line-1]
		if strings.HasPrefix(want[2], "syslogd ") { // "syslogd 1.4.1: restart."
			continue
		}
		if got[0] != want[2] || got[1] != want[3] || strings.TrimSpace(got[2]) != want[4] {
			t.Errorf("%s, line %d: %q, want %q", file, line, got, want[2:])
		}
	}
}

// fieldsOf are the fields of every line of a log; a null is empty.
func fieldsOf(t *testing.T, format, names string, log []byte) [][]string {
	t.Helper()
	p, err := New(Spec{Name: format}, wantedFields(names), log)
	if err != nil {
		t.Fatal(err)
	}
	b := Batch{Text: bytes.Clone(log), Lines: cutLines(log)}
	p.Parse(&b)
	if b.Malformed > 0 {
		t.Errorf("%d malformed lines", b.Malformed)
	}
	var lines [][]string
	for i := range b.Lines {
		var cells []string
		for _, c := range b.Fields {
			text := ""
			if s := c[i]; !s.IsNull() {
				text = string(b.Text[s.Start:s.End])
			}
			cells = append(cells, text)
		}
		lines = append(lines, cells)
	}
	return lines
}
