package e2e

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// BenchmarkCountAvgByField runs dmap and mawk in turn over the same log of
// FANTAIL_BENCH_MIB mebibytes (1024) in DTail's format, counting and averaging a
// field by another, and prints the seconds of both and their ratio:
//
//	go test ./cmd/e2e -run '^$' -bench CountAvgByField -benchtime 3x
func BenchmarkCountAvgByField(b *testing.B) {
	mawk := need(b, "mawk")
	mib := 1024
	if text := os.Getenv("FANTAIL_BENCH_MIB"); text != "" {
		var err error
		if mib, err = strconv.Atoi(text); err != nil {
			b.Fatal(err)
		}
	}
	log := statsLog(b, int64(mib)<<20)
	c := newClient(b)
	program := `$10=="MAPREDUCE:STATS"{h=substr($11,10);c[h]++;s[h]+=substr($15,9)}END{for(k in c)print k,c[k],s[k]/c[k]}`
	query := "select hostname, count($line), avg(latency) from stats group by hostname"
	c.run("cat", log) // both find it in the page cache
	var ours, theirs time.Duration
	for b.Loop() {
		ours += timed(c, "dmap", "-quiet", "-format", "csv", query, log)
		theirs += timed(c, mawk, "-F|", program, log)
	}
	n := float64(b.N)
	b.ReportMetric(ours.Seconds()/n, "dmap-s")
	b.ReportMetric(theirs.Seconds()/n, "mawk-s")
	b.ReportMetric(theirs.Seconds()/ours.Seconds(), "mawk/dmap")
	b.ReportMetric(0, "ns/op") // the sum of both says nothing
	if ours > theirs {
		b.Errorf("dmap took %v, mawk %v", ours, theirs)
	}
}

// timed runs a command that must succeed.
func timed(c *client, args ...string) time.Duration {
	c.t.Helper()
	begun := time.Now()
	if res := c.run(args...); res.status != 0 {
		c.t.Fatalf("%q: %v", args, res)
	}
	return time.Since(begun)
}

// statsLog writes a log of at least so many bytes, the same ones each time.
func statsLog(t testing.TB, size int64) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "stats.log")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	random := rand.New(rand.NewPCG(1, 2))
	var line []byte
	for written := int64(0); written < size; written += int64(len(line)) {
		line = fmt.Appendf(line[:0], "INFO|20260115-%02d%02d%02d|4711|stats.go:56|8|%d|30|1.50|48h0m1s|MAPREDUCE:STATS|"+
			"hostname=web%03d.example.org|service=checkout|status=ok|code=200|latency=%d.%03d|bytes=%d\n",
			random.IntN(24), random.IntN(60), random.IntN(60), random.IntN(200),
			random.IntN(200), random.IntN(500), random.IntN(1000), random.IntN(90_000))
		w.Write(line) // an error stays, and is that of Flush
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return path
}
