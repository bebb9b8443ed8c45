package cli

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"time"
)

// writeDemoLog appends statistics lines to a log until ctx is done: some ten a
// second, more on the first hosts, with latencies as services have them.
func writeDemoLog(ctx context.Context, path string, host int) {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return
	}
	defer f.Close()
	random := rand.New(rand.NewPCG(uint64(host), 0))
	tick := time.NewTicker(time.Duration(60+20*host) * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			if _, err := f.WriteString(demoLine(random, now)); err != nil {
				return
			}
		}
	}
}

// demoLine is a line of DTail's default format; the latency is log-normal, in
// milliseconds.
func demoLine(random *rand.Rand, now time.Time) string {
	latency := math.Exp(3 + 0.8*random.NormFloat64())
	return fmt.Sprintf("INFO|%s|1|demo.go:1|8|100|30|1.50|1h0m0s|MAPREDUCE:STATS|service=%s|latency=%.1f|bytes=%d\n",
		now.Format("20060102-150405"), demoService(random.IntN(3)), latency, random.IntN(20_000))
}

func demoService(i int) string {
	return [...]string{"cart", "checkout", "search"}[i]
}
