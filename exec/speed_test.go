package exec

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"testing"
)

// loopSource gives the same block again and again.
type loopSource struct {
	file *File
	data []byte
	left int // how many times
}

func (s *loopSource) Close() error { return nil }

func (s *loopSource) Next(_ context.Context, b *Block) error {
	if s.left == 0 {
		return io.EOF
	}
	s.left--
	b.File, b.Data = s.file, append(b.Data[:0], s.data...)
	b.End = Position{Path: s.file.Path, Generations: []Generation{{}}}
	return nil
}

// statsLines are n lines of statistics from 200 hosts.
func statsLines(n int) []byte {
	var w bytes.Buffer
	for i := range n {
		fmt.Fprintf(&w, "INFO|20260115-%02d%02d%02d|4711|stats.go:56|8|100|30|1.50|48h0m1s|MAPREDUCE:STATS|"+
			"hostname=web%d|service=checkout|status=ok|code=200|latency=%d.%03d|bytes=%d\n",
			i/3600%24, i/60%60, i%60, i*7919%200, i%90, i*31%1000, i*2654435761%10000)
	}
	return w.Bytes()
}

func BenchmarkRun(b *testing.B) {
	queries := []struct{ name, text string }{
		{"group", "select hostname, count(*), avg(latency), max(latency) from stats group by hostname"},
		{"last", "select hostname, last($time), sum(bytes) from stats group by hostname"},
		{"where", "select count(*) from stats where latency > 50 and status eq \"ok\""},
		{"arith", "select hostname, sum(latency * 1000 + bytes), count(*) filter (where code >= 500) from stats group by hostname"},
		{"in", "select count(*) from stats where status in (\"ok\", \"late\") and code between 200 and 299 and latency < 50s"},
		{"distinct", "select hostname, count(distinct bytes) from stats group by hostname"},
		{"percentile", "select hostname, p50(latency), p99(latency) from stats group by hostname"},
		{"approximate", "select hostname, approx_percentile(latency, 0.99), approx_distinct(bytes) from stats group by hostname"},
		{"stddev", "select hostname, stddev(latency), arg_max(bytes, latency) from stats group by hostname"},
		{"topk", "select topk(hostname, 10), histogram(latency) from stats"},
		{"pattern", "select pattern($line), count(*) group by pattern($line)"},
		{"parse", "select h, count(*) parse \"|hostname=<h>|\" group by h"},
		{"parse regex", "select h, count(*) parse regex \"hostname=(?P<h>\\w+)\" group by h"},
		{"grep", "select $line where $line =~ \"web12.\\|\""},
		{"literal", "select count(*) where $line =~ \"web123\""},
		{"cat", "select $line"},
	}
	data := statsLines(1500) // 256 KiB
	for _, q := range queries {
		b.Run(q.name, func(b *testing.B) {
			p := mustPlan(b, q.text)
			src := &loopSource{file: &File{Path: "a.log", Head: data}, data: data, left: b.N}
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			if err := Run(b.Context(), &p.Host, src, Env{Workers: 1}, discard{}); err != nil {
				b.Fatal(err)
			}
		})
	}
}

// discard is a Sink that takes no notice.
type discard struct{}

func (discard) Rows(*Rows) error       { return nil }
func (discard) Partial(*Partial) error { return nil }
func (discard) Notice(Notice) error    { return nil }
