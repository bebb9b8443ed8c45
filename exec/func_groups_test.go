package exec

import (
	"strings"
	"testing"
	"time"
)

func TestOverGroups(t *testing.T) {
	log := memFile{"a", "k=a|x=1\nk=b|x=2\nk=b|x=3.5\nk=c\nk=d|x=6\nk=d|x=-2.5\n"} // sums 1, 5.5, none, 3.5
	for text, want := range map[string]string{
		"select k, ratio_to_total(x), percentage(x) logformat generickv group by k": "a,0.1,10\nb,0.55,55\nc,null,null\nd,0.35,35\n",
		"select k, percentile(x) logformat generickv group by k":                    "a,33.333333333333336\nb,100\nc,null\nd,66.66666666666667\n",
		// The total is of all groups, whatever having or a limit leave out.
		"select k, percentage(x) as p logformat generickv group by k having percentage(x) > 10 and sum(x) > 3 order by p":            "b,55\nd,35\n",
		"select k, percentage(x) logformat generickv group by k having sum(x) > 3 order by sum(x) limit 1":                           "b,55\n",
		"select k, round(percentage(x) filter (where x > 0)) as p, sum(x) logformat generickv group by k order by percentile(x) asc": "a,8,1\nd,48,3.5\nb,44,5.5\nc,null,null\n",
		"select percentage(x) logformat generickv":                                            "100\n",
		"select k, percentage(y) logformat generickv group by k limit 1":                      "a,null\n",
		"select k, ratio_to_total($z) as z logformat generickv set $z = 0 group by k limit 1": "a,null\n",
		"select rate(x), delta(x) logformat generickv interval 10":                            "null,null\n",
	} {
		if got := query(t, text, log); got != want {
			t.Errorf("%s\n got %q\nwant %q", text, got, want)
		}
	}
}

// TestRateAndDelta: over windows that come late, are dropped, or are not there.
func TestRateAndDelta(t *testing.T) {
	const text = "select k, rate(x), delta(x) logformat generickv group by k interval 10"
	logs := map[int64]string{60: "k=a|x=1\nk=b|x=7\n", 70: "k=a|x=5\nk=c|x=1.5\n", 80: "k=a|x=2\nk=c|x=1\n", 100: "k=a|x=1\n"}
	want := map[int64]string{60: "a 0.1 null,b 0.7 null", 70: "a 0.5 4,c 0.15 null", 80: "a 0.2 -3,c 0.1 -0.5", 100: "a 0.1 null"}
	var merger *Merger
	for _, at := range []int64{100, 80, 60, 70} {
		c, part := partialOf(t, text, logs[at])
		if merger == nil {
			merger = c.merger
		}
		part.Window = time.Unix(at, 0)
		if err := merger.Add(&part); err != nil {
			t.Fatal(err)
		}
	}
	for _, w := range merger.Windows() {
		for range 2 { // shown twice
			res, err := merger.Result(w)
			if err != nil {
				t.Fatal(err)
			}
			if got := shown(res); got != want[w.Unix()] {
				t.Errorf("%s: got %q, want %q", w, got, want[w.Unix()])
			}
		}
		merger.Drop(w)
	}
	if merger.bytes != merger.dropped.bytes || merger.groups != 0 {
		t.Errorf("%d bytes and %d groups are left", merger.bytes, merger.groups)
	}
}

// shown is a result on one line.
func shown(res *Result) string {
	var rows []string
	for _, row := range res.Rows {
		var cells []string
		for _, c := range row {
			if c.Null {
				c.Text = "null"
			}
			cells = append(cells, c.Text)
		}
		rows = append(rows, strings.Join(cells, " "))
	}
	return strings.Join(rows, ",")
}
