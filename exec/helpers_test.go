package exec

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"fantail/parser"
	"fantail/planner"
)

// memFile is a log in memory.
type memFile struct{ path, data string }

// memSource gives logs in blocks of whole lines of about the size given by cut.
type memSource struct {
	files   []memFile
	cut     func() int // bytes; lines are not torn
	arrived time.Time
	at      int // index in files
	offset  int
	line    int64
	file    *File
	resume  map[string]Position
	between func() error // may return a Notice before a block; nil: none
}

func (s *memSource) Close() error { return nil }

func (s *memSource) Next(ctx context.Context, b *Block) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if s.between != nil {
		if err := s.between(); err != nil {
			return err
		}
	}
	if s.at == len(s.files) {
		return io.EOF
	}
	f := s.files[s.at]
	if s.file == nil {
		s.file = &File{Path: f.path, Head: []byte(f.data[:min(len(f.data), 64<<10)])}
		if p, ok := s.resume[f.path]; ok {
			s.offset = int(p.Generations[0].Offset)
			s.line = p.Generations[0].Lines
			s.file.State = p.State
		}
	}
	data := f.data[s.offset:]
	if n := min(s.cut(), len(data)); n < len(data) {
		n += strings.IndexByte(data[n:]+"\n", '\n') + 1
		data = data[:min(n, len(data))]
	}
	b.File, b.Offset, b.Line, b.Arrived = s.file, int64(s.offset), s.line, s.arrived
	b.Data = append(b.Data[:0], data...)
	s.offset += len(data)
	s.line += int64(strings.Count(data, "\n"))
	done := s.offset == len(f.data)
	b.End = Position{Path: f.path, Generations: []Generation{{Offset: int64(s.offset), Lines: s.line, Done: done}}}
	if done {
		s.at, s.offset, s.line, s.file = s.at+1, 0, 0, nil
	}
	return nil
}

// collect is a Sink that merges, and keeps what else it gets.
type collect struct {
	t       testing.TB
	merger  *Merger
	raw     bytes.Buffer
	rows    []Rows
	parts   []Partial
	notices []Notice
	fail    func() error // called with every frame; nil: never fails
}

func (c *collect) Rows(r *Rows) error {
	if c.fail != nil {
		if err := c.fail(); err != nil {
			return err
		}
	}
	c.raw.Write(r.Data)
	kept := *r
	kept.Data = bytes.Clone(r.Data)
	kept.Info = append([]RowInfo(nil), r.Info...)
	c.rows = append(c.rows, kept)
	return nil
}

func (c *collect) Partial(p *Partial) error {
	if c.fail != nil {
		if err := c.fail(); err != nil {
			return err
		}
	}
	c.parts = append(c.parts, *p)
	return c.merger.Add(p)
}

func (c *collect) Notice(n Notice) error {
	c.notices = append(c.notices, n)
	return nil
}

func mustPlan(t testing.TB, query string) *planner.Plan {
	t.Helper()
	q, err := parser.Parse(query)
	if err != nil {
		t.Fatal(err)
	}
	p, err := planner.New(q)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func newCollect(t testing.TB, p *planner.Plan) *collect {
	t.Helper()
	m, err := NewMerger(p)
	if err != nil {
		t.Fatal(err)
	}
	return &collect{t: t, merger: m}
}

// lines is the result as text: a line for each row, cells separated by commas,
// nulls as "null".
func (c *collect) lines() string {
	c.t.Helper()
	var out strings.Builder
	var results []*Result
	if p := c.merger.plan; len(p.Host.Rows) > 0 && len(p.Merge.OrderBy) == 0 {
		for i := range c.rows {
			res, err := c.merger.RowsResult(&c.rows[i])
			if err != nil {
				c.t.Fatal(err)
			}
			results = append(results, res)
		}
	} else {
		for i := range c.rows {
			if err := c.merger.AddRows(&c.rows[i]); err != nil {
				c.t.Fatal(err)
			}
		}
		res, err := c.merger.Result(time.Time{})
		if err != nil {
			c.t.Fatal(err)
		}
		results = append(results, res)
	}
	for _, res := range results {
		for _, row := range res.Rows {
			for i, cell := range row {
				if i > 0 {
					out.WriteByte(',')
				}
				if cell.Null {
					out.WriteString("null")
				}
				out.WriteString(cell.Text)
			}
			out.WriteByte('\n')
		}
	}
	return out.String()
}

// query runs a query over logs in memory, in blocks of 64 bytes on two workers.
func query(t testing.TB, text string, files ...memFile) string {
	t.Helper()
	return queryOn(t, "", text, files...)
}

func queryOn(t testing.TB, server, text string, files ...memFile) string {
	t.Helper()
	p := mustPlan(t, text)
	c := newCollect(t, p)
	src := &memSource{files: files, cut: func() int { return 64 }}
	if err := Run(context.Background(), &p.Host, src, Env{Hostname: "web1", Server: server, Workers: 2}, c); err != nil {
		t.Fatal(err)
	}
	return c.lines()
}
