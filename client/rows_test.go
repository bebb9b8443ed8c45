package client

import (
	"strings"
	"testing"

	"fantail/exec"
)

// TestSkipRows: whatever frames lines come in, the first ones are left out, with
// what is known of them.
func TestSkipRows(t *testing.T) {
	lines := []string{"a\n", "\n", "ccc\n", "d\n", "e\n"}
	for size := 1; size <= len(lines); size++ {
		for skip := range len(lines) + 2 {
			var got strings.Builder
			var numbers []int64
			left := skip
			for at := 0; at < len(lines); at += size {
				part := lines[at:min(at+size, len(lines))]
				frame := &exec.Rows{Path: "x", N: len(part), Data: []byte(strings.Join(part, ""))}
				for i := range part {
					frame.Info = append(frame.Info, exec.RowInfo{Line: int64(at + i)})
				}
				frame, left = skipRows(frame, left)
				got.Write(frame.Data)
				for _, info := range frame.Info {
					numbers = append(numbers, info.Line)
				}
				if frame.N != strings.Count(string(frame.Data), "\n") || frame.N != len(frame.Info) {
					t.Errorf("%+v", frame)
				}
			}
			if want := strings.Join(lines[min(skip, len(lines)):], ""); got.String() != want {
				t.Errorf("without %d in frames of %d: %q, want %q", skip, size, got.String(), want)
			}
			if len(numbers) > 0 && numbers[0] != int64(skip) {
				t.Errorf("without %d the first is %d", skip, numbers[0])
			}
		}
	}
}
