package client

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"fantail/exec"
)

// Ledger says what a result is made of, and what it lacks.
type Ledger struct {
	Hosts     int
	Remote    bool       // some of them have names
	Failed    []string   // hosts that gave nothing, or not all
	Partly    []string   // of these, the ones that gave something
	Read      []HostFile // in the order of hosts, and on each as they came
	Found     bool       // something was shown
	Bytes     int64      // read, uncompressed
	Malformed int64      // lines that the format could not read
	Gaps      int        // places where bytes are known to be missing
	Took      time.Duration
}

// HostFile is a file on a host.
type HostFile struct{ Host, Path string }

// fail notes a host that has failed.
func (l *Ledger) fail(host string) {
	if !slices.Contains(l.Failed, host) {
		l.Failed = append(l.Failed, host)
	}
}

// note notes what a notice says about the result.
func (l *Ledger) note(host string, n exec.Notice) {
	switch n.Level {
	case exec.Failure:
		l.fail(host)
	case exec.Gap:
		l.Gaps++
	}
}

// settle notes, at the end, which files a host gave.
func (l *Ledger) settle(host string, files []string) {
	for _, path := range files {
		l.Read = append(l.Read, HostFile{host, path})
	}
	if len(files) > 0 && slices.Contains(l.Failed, host) {
		l.Partly = append(l.Partly, host)
	}
}

// AllFailed tells whether there is no result at all.
func (l *Ledger) AllFailed() bool {
	return l.Hosts > 0 && len(l.Failed) == l.Hosts && len(l.Partly) == 0
}

// String is the ledger in one line.
func (l *Ledger) String() string {
	parts := []string{
		fmt.Sprintf("%d/%d hosts", l.Hosts-len(l.Failed), l.Hosts),
		plural(len(l.Read), "file"),
		bytesText(l.Bytes),
	}
	if l.Malformed > 0 {
		parts = append(parts, plural(int(l.Malformed), "malformed line"))
	}
	parts = append(parts, plural(l.Gaps, "gap"), tookText(l.Took))
	if !l.Remote {
		parts = parts[1:]
	}
	return strings.Join(parts, " · ")
}

func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// bytesText is a size as people read it, in powers of 1024.
func bytesText(n int64) string {
	if n < 1<<10 {
		return fmt.Sprintf("%d B", n)
	}
	size, unit := float64(n), ""
	for _, unit = range []string{"KiB", "MiB", "GiB", "TiB"} {
		if size /= 1 << 10; size < 1<<10 {
			break
		}
	}
	return fmt.Sprintf("%.1f %s", size, unit)
}

func tookText(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}
