package exec

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// leastAccuracy is what group by pattern(...) has reached; see TestPatternAccuracy.
var leastAccuracy = map[string]float64{
	"Android": 0.91, "Apache": 1, "HDFS": 0.95, "Linux": 1,
	"Mac": 0.84, "OpenSSH": 0.62, "Spark": 0.92, "Zookeeper": 0.99,
}

// messages reads the message part of each line of a real log, and the event that
// people have found it to be.
func messages(t testing.TB, name string) (texts [][]byte, events []string) {
	t.Helper()
	dir := filepath.Join("..", "testdata", "logs")
	log, err := os.ReadFile(filepath.Join(dir, name+".log"))
	if err != nil {
		t.Fatal(err)
	}
	truth, err := os.ReadFile(filepath.Join(dir, "loghub", name+".events"))
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.Split(bytes.TrimSuffix(log, []byte("\n")), []byte("\n"))
	for i, said := range strings.Split(strings.TrimSuffix(string(truth), "\n"), "\n") {
		var event string
		var length int
		if _, err := fmt.Sscan(said, &event, &length); err != nil {
			t.Fatalf("%s.events:%d: %v", name, i+1, err)
		}
		line := bytes.TrimSuffix(lines[i], []byte("\r"))
		texts = append(texts, line[len(line)-length:])
		events = append(events, event)
	}
	if len(texts) != len(lines) {
		t.Fatalf("%s: %d lines and %d events", name, len(lines), len(texts))
	}
	return texts, events
}

// groupingAccuracy is the share of lines whose group is exactly the event's lines,
// as papers about log parsing define it.
func groupingAccuracy(groups, events []string) float64 {
	inGroup, inEvent, inBoth := map[string]int{}, map[string]int{}, map[[2]string]int{}
	for i, g := range groups {
		inGroup[g]++
		inEvent[events[i]]++
		inBoth[[2]string{g, events[i]}]++
	}
	right := 0
	for both, n := range inBoth {
		if n == inGroup[both[0]] && n == inEvent[both[1]] {
			right += n
		}
	}
	return float64(right) / float64(len(groups))
}

// With -v it prints what each log has. The floors are what was reached, so that a
// change of a rule that helps one kind of log and hurts another shows.
func TestPatternAccuracy(t *testing.T) {
	if got := groupingAccuracy(strings.Fields("a a b c c d"), strings.Fields("1 1 2 3 4 4")); got != 0.5 {
		t.Fatalf("the measure itself: %v", got)
	}
	sum := 0.0
	for name, least := range leastAccuracy {
		texts, events := messages(t, name)
		groups := make([]string, len(texts))
		for i, text := range texts {
			p, _ := pattern(nil, [][]byte{text})
			groups[i] = string(p)
			if again, _ := pattern(nil, [][]byte{p}); string(again) != groups[i] {
				t.Errorf("%s\n is the pattern of %s\n and has the pattern %s", p, text, again)
			}
		}
		got := groupingAccuracy(groups, events)
		t.Logf("%-10s %.3f", name, got)
		if got < least {
			t.Errorf("%s: %.3f of the lines are in the right group, were %.3f", name, got, least)
		}
		sum += got
	}
	mean := sum / float64(len(leastAccuracy))
	t.Logf("%-10s %.3f", "mean", mean)
}

func BenchmarkPattern(b *testing.B) {
	for name := range leastAccuracy {
		b.Run(name, func(b *testing.B) {
			texts, _ := messages(b, name)
			bytes := 0
			for _, t := range texts {
				bytes += len(t)
			}
			var dst []byte
			var args [1][]byte
			b.SetBytes(int64(bytes))
			b.ReportAllocs()
			for b.Loop() {
				for _, t := range texts {
					args[0] = t
					dst, _ = pattern(dst[:0], args[:])
				}
			}
		})
	}
}
