package client

import (
	"bytes"

	"fantail/exec"
)

// firstRows are the first n of rows that are lines; all of them when n is
// negative.
func firstRows(r *exec.Rows, n int) *exec.Rows {
	if n < 0 || r.N <= n {
		return r
	}
	cut := *r
	cut.N = n
	cut.Info = r.Info[:min(n, len(r.Info))]
	end := 0
	for range n {
		end += bytes.IndexByte(r.Data[end:], '\n') + 1
	}
	cut.Data = r.Data[:end]
	return &cut
}

// skipRows leaves out up to n rows that are lines, and tells how many are still
// to be left out.
func skipRows(r *exec.Rows, n int) (rest *exec.Rows, left int) {
	if n == 0 {
		return r, 0
	}
	first := firstRows(r, n)
	if first.N == r.N {
		return &exec.Rows{Path: r.Path}, n - r.N
	}
	cut := *r
	cut.N, cut.Data = r.N-n, r.Data[len(first.Data):]
	cut.Info = r.Info[min(n, len(r.Info)):]
	return &cut, 0
}

// lineCells makes rows of one cell of rows that are lines.
func lineCells(r *exec.Rows) *exec.Rows {
	cells := *r
	cells.N, cells.Data = 0, nil
	for line := range bytes.Lines(r.Data) {
		cells.Data = exec.AppendCell(cells.Data, bytes.TrimSuffix(line, []byte("\n")), false)
		cells.N++
	}
	return &cells
}
