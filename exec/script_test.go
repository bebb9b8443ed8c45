package exec

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"fantail/parser"
	"fantail/planner"
)

// script reads a file of test cases, which testdata/README.md describes.
type script struct {
	path  string
	lines []string
	at    int // index of the line to read next
}

// scriptFile is a log that a script gives.
type scriptFile struct {
	name   string
	header string // the first line of every host's part; "" none
	lines  []string
}

// scriptCase is a query and what it must give.
type scriptCase struct {
	line  int // of eval
	files []scriptFile
	query string
	hosts int // 0: 1, 2 and 3
	fails bool
	want  string // rows; of one that fails, a part of the error
}

func (s *script) errorf(format string, args ...any) error {
	return fmt.Errorf("%s:%d: %s", s.path, s.at, fmt.Sprintf(format, args...))
}

// block takes lines up to a blank one, or one that is the mark.
func (s *script) block(mark string) []string {
	begin := s.at
	for s.at < len(s.lines) {
		line := s.lines[s.at]
		s.at++
		if line == mark || mark == "" && line == "end" {
			return s.lines[begin : s.at-1]
		}
		if line == "" && mark == "" {
			return s.lines[begin : s.at-1]
		}
	}
	return s.lines[begin:s.at]
}

func (s *script) cases() ([]scriptCase, error) {
	var cases []scriptCase
	var files []scriptFile
	used := false
	for s.at < len(s.lines) {
		line := s.lines[s.at]
		s.at++
		verb, rest, _ := strings.Cut(line, " ")
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case verb == "load":
			if used {
				files, used = nil, false
			}
			f, err := s.load(strings.Fields(rest))
			if err != nil {
				return nil, err
			}
			files = append(files[:len(files):len(files)], f)
		case verb == "eval":
			c, err := s.eval(rest)
			if err != nil {
				return nil, err
			}
			c.files, used = files, true
			cases = append(cases, c)
		default:
			return nil, s.errorf("%q is neither load nor eval", line)
		}
	}
	return cases, nil
}

func (s *script) load(words []string) (f scriptFile, err error) {
	header, mark := false, ""
	for i := 1; i < len(words); i++ {
		switch {
		case words[i] == "header":
			header = true
		case words[i] == "until" && i+1 < len(words):
			i++
			mark = words[i]
		default:
			return f, s.errorf("load does not know %q", words[i])
		}
	}
	if len(words) == 0 {
		return f, s.errorf("load needs a name")
	}
	f = scriptFile{name: words[0], lines: s.block(mark)}
	if header && len(f.lines) > 0 {
		f.header, f.lines = f.lines[0]+"\n", f.lines[1:]
	}
	return f, nil
}

func (s *script) eval(rest string) (c scriptCase, err error) {
	c = scriptCase{line: s.at, query: rest}
	if hosts, ok := strings.CutPrefix(rest, "hosts "); ok {
		n, query, _ := strings.Cut(hosts, " ")
		if c.hosts, err = strconv.Atoi(n); err != nil || c.hosts < 1 {
			return c, s.errorf("%q is no number of hosts", n)
		}
		c.query = query
	}
	for s.at < len(s.lines) {
		line := s.lines[s.at]
		s.at++
		part, fails := strings.CutPrefix(line, "fail ")
		switch {
		case strings.HasPrefix(line, " "):
			c.query += "\n" + line
		case line == "expect":
			c.want = strings.Join(s.block(""), "\n")
			return c, nil
		case fails && part != "":
			c.fails, c.want = true, part
			return c, nil
		default:
			return c, s.errorf("%q where expect or fail belongs", line)
		}
	}
	return c, s.errorf("the file ends before expect")
}

// part is what the host of that number has of a file: an equal share of its lines.
func (f *scriptFile) part(host, hosts int) memFile {
	lines := f.lines[len(f.lines)*host/hosts : len(f.lines)*(host+1)/hosts]
	text := strings.Join(lines, "\n")
	if len(lines) > 0 {
		text += "\n"
	}
	return memFile{f.name, f.header + text}
}

// run gives the rows of a case, as CSV, where null is null and an empty text "".
func (c *scriptCase) run(t *testing.T, hosts, block int) (string, error) {
	q, err := parser.Parse(c.query)
	if err != nil {
		return "", err
	}
	p, err := planner.New(q)
	if err != nil {
		return "", err
	}
	sink := newCollect(t, p)
	for h := range hosts {
		src := &memSource{cut: func() int { return block }}
		for _, f := range c.files {
			src.files = append(src.files, f.part(h, hosts))
		}
		// The name with which a host is asked decides between values of equal age.
		env := Env{Hostname: "web" + strconv.Itoa(h+1), Server: "server" + strconv.Itoa(h+1), Workers: 1 + block%2}
		run := newRun(&p.Host, src, &env, sink)
		if block < 100 {
			run.maxGroups = 2
		}
		if err := run.start(context.Background()); err != nil {
			return "", err
		}
	}
	rows, err := sink.csv()
	return strings.Join(rows, "\n"), err
}

// csv is the result as it would be in a file, a line for each row.
func (c *collect) csv() (rows []string, err error) {
	p := c.merger.plan
	add := func(res *Result, err error) error {
		if err != nil {
			return err
		}
		for _, row := range res.Rows {
			rows = append(rows, csvRow(p.Merge.Columns, row))
		}
		return nil
	}
	if len(p.Host.Rows) == 0 || len(p.Merge.OrderBy) > 0 {
		for i := range c.rows {
			if err := c.merger.AddRows(&c.rows[i]); err != nil {
				return nil, err
			}
		}
		return rows, add(c.merger.Result(time.Time{}))
	}
	for i := range c.rows {
		if p.Host.Raw() {
			for line := range strings.Lines(string(c.rows[i].Data)) {
				rows = append(rows, csvCell(Cell{Text: strings.TrimSuffix(line, "\n")}))
			}
		} else if err := add(c.merger.RowsResult(&c.rows[i])); err != nil {
			return nil, err
		}
	}
	rows = rows[min(len(rows), p.Merge.Offset):]
	if p.Merge.Limit >= 0 {
		rows = rows[:min(len(rows), p.Merge.Limit)]
	}
	return rows, nil
}

func csvRow(columns []planner.Output, row []Cell) string {
	var cells []string
	for i, cell := range row {
		if !columns[i].Key {
			cells = append(cells, csvCell(cell))
		}
	}
	return strings.Join(cells, ",")
}

func csvCell(c Cell) string {
	switch {
	case c.Null:
		return "null"
	case c.Text == "" || c.Text == "null" || c.Text == "end" || strings.ContainsAny(c.Text, ",\"\n\r") || strings.TrimSpace(c.Text) != c.Text:
		return `"` + strings.ReplaceAll(c.Text, `"`, `""`) + `"`
	}
	return c.Text
}

// check runs a case on several numbers of hosts, in blocks of several sizes.
func (c *scriptCase) check(t *testing.T) error {
	numbers := []int{1, 2, 3}
	if c.hosts > 0 {
		numbers = []int{c.hosts}
	}
	for _, hosts := range numbers {
		for _, block := range []int{1, 90, 1 << 20} {
			got, err := c.run(t, hosts, block)
			switch {
			case c.fails && err == nil:
				return fmt.Errorf("%s\nno error with %q, but\n%s", c.query, c.want, got)
			case c.fails && !strings.Contains(err.Error(), c.want):
				return fmt.Errorf("%s\n got %w\nwant %s", c.query, err, c.want)
			case c.fails:
			case err != nil:
				return fmt.Errorf("%s\n%w", c.query, err)
			case got != c.want:
				return fmt.Errorf("%s\non %d hosts, in blocks of %d bytes\n got:\n%s\nwant:\n%s", c.query, hosts, block, got, c.want)
			}
		}
	}
	return nil
}

// TestScripts runs the cases in testdata/*.test.
func TestScripts(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join("..", "testdata", "*.test"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".test"), func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			s := script{path: filepath.Base(path), lines: strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")}
			cases, err := s.cases()
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range cases {
				if err := c.check(t); err != nil {
					t.Errorf("%s:%d: %v", s.path, c.line, err)
				}
			}
		})
	}
}

// TestScriptCanFail: a case whose rows or error are others is found.
func TestScriptCanFail(t *testing.T) {
	for _, text := range []string{
		"load a\nx=1\n\neval select x logformat generickv\nexpect\n2\n",
		"load a\nx=1\n\neval select count(*)\nexpect\n1\n1\n",
		"eval select count(*)\nfail no such thing\n",
		"eval select\nfail no such thing\n",
		"eval select\nexpect\n1\n",
		"eval select count(*)\n",
		"evil select count(*)\n",
		"load\n",
		"load a hedaer\n",
		"eval hosts 0 select count(*)\nexpect\n0\n",
	} {
		s := script{path: "a.test", lines: strings.Split(text, "\n")}
		cases, err := s.cases()
		for _, c := range cases {
			err = errors.Join(err, c.check(t))
		}
		if err == nil {
			t.Errorf("nothing wrong with %q", text)
		}
	}
}
