package exec

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// distributions are kinds of numbers that logs have.
func distributions(r *rand.Rand) map[string]func() float64 {
	zipf := rand.NewZipf(r, 1.3, 1, 1<<20)
	return map[string]func() float64{
		"uniform":   func() float64 { return r.Float64() * 1000 },
		"lognormal": func() float64 { return math.Exp(r.NormFloat64()*2 + 3) },
		"zipf":      func() float64 { return float64(zipf.Uint64()) },
		"constant":  func() float64 { return 12.5 },
		"negative":  func() float64 { return -math.Exp(r.NormFloat64()) },
		"both":      func() float64 { return r.NormFloat64() },
	}
}

// sample are n numbers as text of six digits, and what those are.
func sample(n int, next func() float64) (texts []string, numbers []float64) {
	for range n {
		text := strconv.FormatFloat(next(), 'g', 6, 64)
		number, _ := strconv.ParseFloat(text, 64)
		texts, numbers = append(texts, text), append(numbers, number)
	}
	return texts, numbers
}

// pieces cuts texts into very uneven shards and gives the state of each.
func pieces(r *rand.Rand, name string, texts []string) (states [][]byte) {
	for len(texts) > 0 {
		n := min(1+r.IntN(1<<r.IntN(13)), len(texts))
		states = append(states, stateOf(name, texts[:n]...))
		texts = texts[n:]
	}
	return states
}

func number(t *testing.T, text string) float64 {
	t.Helper()
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestPercentiles: exact ones are the nearest rank, and approximate ones within
// 0.79 % of it.
func TestPercentiles(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	for kind, next := range distributions(r) {
		texts, numbers := sample(1+r.IntN(20_000), next)
		slices.Sort(numbers)
		for _, percent := range []int{0, 1, 50, 90, 99, 100} {
			rank := max((percent*len(numbers)+99)/100, 1)
			want := numbers[rank-1]
			share := strconv.FormatFloat(float64(percent)/100, 'g', -1, 64)
			exact, _ := merged(t, "percentile;"+share, pieces(r, "percentile", texts)...)
			if number(t, exact) != want {
				t.Errorf("%s: percentile %s is %s, want %v", kind, share, exact, want)
			}
			approx, _ := merged(t, "approx_percentile;"+share, pieces(r, "approx_percentile", texts)...)
			if got := number(t, approx); math.Abs(got-want) > 0.0079*math.Abs(want) {
				t.Errorf("%s: approximate percentile %s is %v, want %v", kind, share, got, want)
			}
		}
	}
}

// TestUnevenShards: a state weighs as many lines as it was made of.
func TestUnevenShards(t *testing.T) {
	most, few := make([]string, 1_000_000), make([]string, 10_000)
	for i := range most {
		most[i] = "10"
	}
	for i := range few {
		few[i] = "1000"
	}
	for _, name := range []string{"percentile;0.5", "approx_percentile;0.5"} {
		states := [][]byte{stateOf(name, few...), stateOf(name, most...)}
		got, _ := merged(t, name, states...)
		if f := number(t, got); math.Abs(f-10) > 0.079 || name[0] == 'p' && f != 10 {
			t.Errorf("%s is %s", name, got)
		}
	}
}

// TestApproxDistinct: within five times the stated error, for any number of
// values, in one piece or many.
func TestApproxDistinct(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 2))
	for _, n := range []int{1, 10, 100, 1000, 2047, 5000, 20_000, 300_000} {
		var texts []string
		for i := range n {
			texts = append(texts, fmt.Sprint("user", i))
		}
		whole, state := merged(t, "approx_distinct", stateOf("approx_distinct", texts...))
		shards := pieces(r, "approx_distinct", append(texts, texts[:n/3]...))
		if got, _ := merged(t, "approx_distinct", shards...); got != whole {
			t.Errorf("%d values: %s in pieces, %s at once", n, got, whole)
		}
		if off := math.Abs(number(t, whole)-float64(n)) / float64(n); off > 5*0.0081 {
			t.Errorf("%d values: %s", n, whole)
		}
		if len(state) > 1+registers || n <= 100 && len(state) > 1+3*n {
			t.Errorf("%d values: a state of %d bytes", n, len(state))
		}
	}
}

// TestApproxDistinctError measures the standard error.
func TestApproxDistinctError(t *testing.T) {
	squares, runs := 0.0, 40
	for run := range runs {
		var s sketchAgg
		s.grow(1)
		n := 20_000
		var texts []string
		for i := range n {
			texts = append(texts, strconv.Itoa(run*n+i))
		}
		b, c, sel := oneBatch(texts...)
		s.add(b, c, nil, sel, make([]int32, n))
		off := s.settled(0).estimate()/float64(n) - 1
		squares += off * off
	}
	if rms := math.Sqrt(squares / float64(runs)); rms > 0.0081*1.4 {
		t.Errorf("%.2f %%", rms*100)
	}
}

// TestValuesOracle compares what is counted by value with a map.
func TestValuesOracle(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	for range rounds(20) {
		var texts []string
		counts := map[string]int{}
		for range r.IntN(2000) {
			s := strconv.Itoa(int(r.ExpFloat64() * 30))
			texts = append(texts, s)
			counts[s]++
		}
		var keys []string
		for s := range counts {
			keys = append(keys, s)
		}
		slices.SortFunc(keys, func(x, y string) int { return cmp.Or(counts[y]-counts[x], strings.Compare(x, y)) })
		var top []string
		for _, s := range keys[:min(5, len(keys))] {
			top = append(top, fmt.Sprintf("%s:%d", s, counts[s]))
		}
		if got, _ := merged(t, "topk;5", pieces(r, "topk", texts)...); got != strings.Join(top, ", ") && len(texts) > 0 {
			t.Errorf("got %s, want %s", got, top)
		}
		if got, _ := merged(t, "count distinct", pieces(r, "count distinct", texts)...); got != strconv.Itoa(len(counts)) {
			t.Errorf("%s different values, want %d", got, len(counts))
		}
	}
}

// TestVarianceOracle compares with the textbook's two passes.
func TestVarianceOracle(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for kind, next := range distributions(r) {
		texts, numbers := sample(2+r.IntN(3000), next)
		mean, squares := 0.0, 0.0
		for _, x := range numbers {
			mean += x / float64(len(numbers))
		}
		for _, x := range numbers {
			squares += (x - mean) * (x - mean)
		}
		want := squares / float64(len(numbers)-1)
		v, _ := merged(t, "variance", pieces(r, "variance", texts)...)
		if got := number(t, v); math.Abs(got-want) > 1e-9*want+1e-20 {
			t.Errorf("%s: variance %v, want %v", kind, got, want)
		}
		s, _ := merged(t, "stddev", pieces(r, "stddev", texts)...)
		if got := number(t, s); math.Abs(got-math.Sqrt(want)) > 1e-9*want+1e-10 {
			t.Errorf("%s: standard deviation %v, want %v", kind, got, math.Sqrt(want))
		}
	}
}

// TestHistogramBins: every number is in the bin that its bounds say.
func TestHistogramBins(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 5))
	for range 20_000 {
		n := newNumber(r.Int64()>>r.IntN(63), r.IntN(maxExp-minExp+1)+minExp)
		if n.mant == 0 {
			continue
		}
		if r.IntN(2) == 0 {
			n = newNumber([]int64{1, 2, 5}[r.IntN(3)], int(n.exp))
		}
		bin := decimalBin(n)
		from, to := decimalBound(bin), decimalBound(bin+1)
		if n.compare(from) < 0 || n.compare(to) >= 0 || int64(bin) > lastDecimal {
			t.Fatalf("%s is not in %s..%s", n.append(nil), from.append(nil), to.append(nil))
		}
		if decimalBin(n.negated()) != -bin {
			t.Fatalf("-%s is elsewhere", n.append(nil))
		}
	}
}
