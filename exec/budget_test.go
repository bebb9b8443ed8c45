package exec

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestBudget: a query that needs more memory than it may have ends with an error
// that says what to do.
func TestBudget(t *testing.T) {
	var log strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&log, "user=u%d|ms=%d.%d|k=%d\n", i, i, i%7, i%3)
	}
	for text, want := range map[string]string{
		"select k, count(distinct user), p99(ms) logformat generickv group by k":                              "count(distinct user) takes more than 65536 bytes for 3 groups: approx_distinct takes at most 16 KiB for a group, or narrow the query with where, or group by something coarser",
		"select k, percentile(ms, 0.9) logformat generickv group by k":                                        "percentile(ms, 0.9) takes more than 65536 bytes for 3 groups: approx_percentile(x, 0.9) takes a few KiB for a group, or narrow the query with where, or group by something coarser",
		"select string_agg(user, \" \") logformat generickv":                                                  "string_agg(user, \" \") takes more than 65536 bytes for 1 group: narrow the query with where, or group by something coarser",
		"select user, count(*) logformat generickv group by user":                                             "5000 groups take more than 65536 bytes: narrow the query with where, or group by something coarser",
		"select k, approx_distinct(user), approx_percentile(ms, 0.9), max(ms) logformat generickv group by k": "",
	} {
		c, part := partialOf(t, text, log.String())
		c.merger.MaxBytes = 65536
		part.Window = time.Unix(60, 0)
		err := c.merger.Add(&part)
		if got := fmt.Sprint(err); got != want && (want != "" || err != nil) {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
		if c.merger.Drop(part.Window); c.merger.bytes != 0 {
			t.Errorf("%s: %d bytes are left", text, c.merger.bytes)
		}
	}
}

// TestHostBudget: a host sends what it has when that takes much, and the result is
// exact.
func TestHostBudget(t *testing.T) {
	var log strings.Builder
	const n = 150_000
	for i := range n {
		fmt.Fprintf(&log, "user=a-user-with-a-long-name-%09d\n", i)
	}
	p := mustPlan(t, "select count(distinct user), topk(user, 1) logformat generickv")
	c := newCollect(t, p)
	src := &memSource{files: []memFile{{"a", log.String()}}, cut: func() int { return 256 << 10 }}
	if err := Run(context.Background(), &p.Host, src, Env{Workers: 1}, c); err != nil {
		t.Fatal(err)
	}
	if len(c.parts) < 2 {
		t.Errorf("%d partials", len(c.parts))
	}
	if got := c.lines(); got != fmt.Sprintf("%d,a-user-with-a-long-name-000000000:1\n", n) {
		t.Errorf("got %s", got)
	}
}
