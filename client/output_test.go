package client

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fantail/exec"
	"fantail/planner"
)

// sample is a table with everything that is hard to print.
func sample() *Table {
	return &Table{Hosts: 1, Result: &exec.Result{
		Columns: []planner.Output{{Title: "key", Key: true}, {Title: "name, quoted"}, {Title: "count($line)", Number: true}},
		Rows: [][]exec.Cell{
			{{Text: "k1"}, {Text: "a \"b\",\nc"}, {Text: "1"}},
			{{Text: "k2"}, {Text: "\x1b[31mred\xff‮"}, {Text: "12.5"}},
			{{Text: "k3"}, {Null: true}, {Null: true}},
		},
	}}
}

// windowed is a table of a window.
func windowed(revision int, missing ...string) *Table {
	t := &Table{Hosts: 3, Interval: time.Minute, Revision: revision, Missing: missing, Result: &exec.Result{
		Window:  time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC),
		Columns: []planner.Output{{Title: "n", Number: true}},
		Rows:    [][]exec.Cell{{{Text: "7"}}},
	}}
	return t
}

func TestTableOutput(t *testing.T) {
	t.Setenv("TZ", "UTC")
	var b bytes.Buffer
	o := &TableOutput{W: &b, Marks: []string{"", "", "▼"}}
	if err := o.Table(sample()); err != nil {
		t.Fatal(err)
	}
	want := "" +
		" key | name, quoted          | count($line) ▼ \n" +
		"-----+-----------------------+----------------\n" +
		" k1  | a \"b\",\\x0ac           |              1 \n" +
		" k2  | \\x1b[31mred\\xff\\u202e |           12.5 \n" +
		" k3  |                       |                \n"
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
}

func TestTableOutputOnTerminalDrawsOver(t *testing.T) {
	var b bytes.Buffer
	o := &TableOutput{W: &b, Terminal: true, Height: func() int { return 7 }}
	table := windowed(0)
	table.Rows = [][]exec.Cell{{{Text: "1"}}, {{Text: "2"}}, {{Text: "3"}}}
	for range 2 {
		shown := *table
		if err := o.Table(&shown); err != nil {
			t.Fatal(err)
		}
	}
	if !strings.Contains(b.String(), "… 1 more rows") {
		t.Errorf("a table that is too high is not cut: %q", b.String())
	}
	if n := strings.Count(b.String(), "\x1b[6A\x1b[J"); n != 1 {
		t.Errorf("the second table is not drawn over the first's 6 lines: %q", b.String())
	}
}

func TestTableOutputTitle(t *testing.T) {
	var b bytes.Buffer
	o := &TableOutput{W: &b}
	if err := o.Table(windowed(2, "web2")); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"by arrival", "2/3 hosts", "without web2", "revision 2"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is not in %q", want, b.String())
		}
	}
}

func TestCSVOutput(t *testing.T) {
	var b bytes.Buffer
	o := &CSVOutput{W: &b}
	if err := errors.Join(o.Table(sample())); err != nil {
		t.Fatal(err)
	}
	want := "\"name, quoted\",count($line)\n\"a \"\"b\"\",\nc\",1\n\x1b[31mred\xff‮,12.5\n,\n"
	if b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
	b.Reset()
	o = &CSVOutput{W: &b}
	if err := errors.Join(o.Table(windowed(0)), o.Table(windowed(1))); err != nil {
		t.Fatal(err)
	}
	want = "window,n,revision\n2026-11-21T10:00:00Z,7,0\n2026-11-21T10:00:00Z,7,1\n"
	if b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
}

func TestJSONOutput(t *testing.T) {
	var b bytes.Buffer
	o := &JSONOutput{W: &b}
	if err := errors.Join(o.Table(sample()), o.Table(windowed(0))); err != nil {
		t.Fatal(err)
	}
	want := `{"name, quoted":"a \"b\",\nc","count($line)":1}
{"name, quoted":"\u001b[31mred\ufffd` + "‮" + `","count($line)":12.5}
{"name, quoted":null,"count($line)":null}
{"window":"2026-11-21T10:00:00Z","n":7,"revision":0}
`
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
}

func TestLineOutput(t *testing.T) {
	rows := func(path, data string, info ...exec.RowInfo) *exec.Rows {
		return &exec.Rows{Path: path, Data: []byte(data), Info: info, N: len(info)}
	}
	tests := []struct {
		name string
		o    LineOutput
		rows []*exec.Rows
		want string
	}{
		{"plain", LineOutput{}, []*exec.Rows{rows("a", "x\n"), rows("a", "y")}, "x\ny"},
		{"files glued as cat does", LineOutput{}, []*exec.Rows{rows("a", "x"), rows("a", "y")}, "xy"},
		{"another file begins a line", LineOutput{Path: true}, []*exec.Rows{rows("a", "x"), rows("b", "y\n")}, "a:x\nb:y\n"},
		{"a line in pieces", LineOutput{Host: true}, []*exec.Rows{rows("a", "x"), rows("a", "y\nz\n")}, "h:xy\nh:z\n"},
		{"numbers and context", LineOutput{Host: true, Path: true, Number: true, Offset: true, Groups: true},
			[]*exec.Rows{rows("a", "x\ny\n", exec.RowInfo{Line: 3, Offset: 9, Break: true}, exec.RowInfo{Line: 4, Offset: 11, Context: true}),
				rows("a", "z\n", exec.RowInfo{Line: 9, Offset: 20, Break: true})},
			"h:a:3:9:x\nh-a-4-11-y\n--\nh:a:9:20:z\n"},
		{"nothing", LineOutput{Nothing: true}, []*exec.Rows{rows("a", "x\n")}, ""},
	}
	for _, tt := range tests {
		var b bytes.Buffer
		tt.o.W = &b
		for _, r := range tt.rows {
			if err := tt.o.Lines("h", r); err != nil {
				t.Fatal(err)
			}
		}
		if b.String() != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, b.String(), tt.want)
		}
	}
}

func TestFileOutput(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out.csv")
	read := func(name string) string {
		data, err := os.ReadFile(name)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		return string(data)
	}
	write := func(o *FileOutput, tables ...*Table) {
		t.Helper()
		o.Path, o.Query = path, "select n"
		for _, table := range tables {
			if err := o.Table(table); err != nil {
				t.Fatal(err)
			}
		}
	}
	plain := windowed(0)
	plain.Interval = 0

	o := &FileOutput{}
	write(o, plain)
	if got := read(path); got != "" {
		t.Errorf("the file is there before it is complete: %q", got)
	}
	if err := o.Commit(); err != nil {
		t.Fatal(err)
	}
	if got := read(path) + read(path+".query"); got != "n\n7\nselect n\n" {
		t.Errorf("committed %q", got)
	}

	o = &FileOutput{}
	write(o, sample())
	o.Abort()
	if got := read(path); got != "n\n7\n" {
		t.Errorf("an aborted result replaced the file: %q", got)
	}

	o = &FileOutput{Append: true}
	write(o, plain)
	if err := o.Commit(); err != nil {
		t.Fatal(err)
	}
	if got := read(path); got != "n\n7\n7\n" {
		t.Errorf("appended %q", got)
	}

	write(&FileOutput{}, windowed(0, "web1"))
	if got := read(path); got != "n\n7\n7\n" {
		t.Errorf("a window without one host replaced the file: %q", got)
	}
	write(&FileOutput{}, windowed(0))
	if got := read(path); got != "window,n,revision\n2026-11-21T10:00:00Z,7,0\n" {
		t.Errorf("window %q", got)
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %q %v", left, err)
	}
	if err := (&FileOutput{Path: "x.xls"}).Check(); err == nil || !strings.Contains(err.Error(), ".csv") {
		t.Errorf("unknown suffix: %v", err)
	}
}
