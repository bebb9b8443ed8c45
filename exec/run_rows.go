package exec

import (
	"bytes"
	"time"

	"fantail/planner"
)

// rowWork is a worker of a plan for rows.
type rowWork struct {
	*program
	run  *run
	near surroundings
	out  Rows  // of the block at hand
	ends []int // where each row ends in out.Data
	st   stats
}

func (w *rowWork) work(blk *Block) (err error) {
	w.out = Rows{Path: blk.File.Path, Data: w.out.Data[:0], Info: w.out.Info[:0]}
	w.ends = w.ends[:0]
	w.near.open(blk.File)
	w.st, err = w.batches(blk, w.add)
	w.near.close(blk)
	return err
}

func (w *rowWork) deliver(blk *Block) error {
	return w.run.rows.add(&w.out, w.ends, blk, w.st, &w.run.ends)
}

// add adds the rows of a batch.
func (w *rowWork) add(b *batch, sel []int32) error {
	c := w.host.Context
	sel = w.near.at.limit(sel, c.Max)
	switch {
	case !w.host.Raw():
		w.addCells(b, sel)
	case c.Before > 0 || c.After > 0 || c.Numbered:
		w.near.at.rows(b, sel, c, lineInfo(b), w.addInfo)
	default:
		for _, i := range sel {
			s := b.Lines[i]
			w.addLine(b.Text[s.Start:s.End])
		}
	}
	return nil
}

func (w *rowWork) addLine(text []byte) {
	w.out.Data = append(w.out.Data, text...)
	w.out.Data = append(w.out.Data, '\n')
	w.ends = append(w.ends, len(w.out.Data))
	w.out.N++
}

func (w *rowWork) addInfo(text []byte, info RowInfo) {
	w.addLine(text)
	w.out.Info = append(w.out.Info, info)
}

func (w *rowWork) addCells(b *batch, sel []int32) {
	columns := make([]*column, len(w.rows))
	for i, v := range w.rows {
		columns[i] = v.eval(b, sel)
	}
	for _, i := range sel {
		for _, c := range columns {
			if c.cells[i].IsNull() {
				w.out.Data = AppendCell(w.out.Data, nil, true)
			} else {
				w.out.Data = AppendCell(w.out.Data, b.text(c, i), false)
			}
		}
		w.ends = append(w.ends, len(w.out.Data))
		w.out.N++
	}
}

// copyWork is a worker of a plan that gives files as they are.
type copyWork struct{ run *run }

func (w copyWork) work(*Block) error { return nil }

func (w copyWork) deliver(blk *Block) error {
	w.run.ends.add(blk, stats{})
	rows := Rows{Path: blk.File.Path, N: Uncounted, Data: blk.Data, Progress: w.run.ends.take()}
	return w.run.sink.Rows(&rows)
}

// isCopy tells whether a plan gives files as they are.
func isCopy(h *planner.Host) bool {
	return h.Raw() && h.Where == nil && h.Table == "" && h.Limit < 0 && h.Format == "generic" && h.Context == (planner.Context{})
}

// The sizes of a frame of rows.
const (
	rowBytes   = 64 << 10               // send them when there are so many
	flushAfter = 100 * time.Millisecond // or so late
)

// rowWriter collects rows of one file for the sink.
type rowWriter struct {
	sink  Sink
	limit int // rows still to give; -1 no limit
	bytes int // of rows, that are a frame
	rows  Rows
	sent  time.Time // the last frame; the first goes out at once, to say that the run has begun
}

// add takes the rows of a block; where each ends in its data is in ends. What
// was collected of another file goes first, with the positions up to there.
func (w *rowWriter) add(rows *Rows, ends []int, blk *Block, st stats, done *progress) error {
	if w.rows.Path != rows.Path {
		if err := w.flush(done); err != nil {
			return err
		}
		w.rows.Path = rows.Path
	}
	done.add(blk, st)
	n := rows.N
	if w.limit >= 0 {
		n = min(n, w.limit)
		w.limit -= n
	}
	if n > 0 {
		w.rows.N += n
		w.rows.Data = append(w.rows.Data, rows.Data[:ends[n-1]]...)
		w.rows.Info = append(w.rows.Info, rows.Info[:min(n, len(rows.Info))]...)
	}
	if w.limit == 0 {
		if err := w.flush(done); err != nil {
			return err
		}
		return errLimit
	}
	// A block without lines tells where following begins: what comes while the
	// connection is down can be had only by who knows that.
	live := !blk.Arrived.IsZero() && (w.rows.N > 0 || len(blk.Data) == 0)
	if live || len(w.rows.Data) >= w.bytes || time.Since(w.sent) >= flushAfter {
		return w.flush(done)
	}
	return nil
}

// flush sends the rows, and how far they and everything before them reach.
func (w *rowWriter) flush(done *progress) error {
	if w.rows.N == 0 && done.empty() {
		return nil
	}
	w.sent = time.Now()
	w.rows.Progress = done.take()
	err := w.sink.Rows(&w.rows)
	w.rows = Rows{Path: w.rows.Path, Data: w.rows.Data[:0], Info: w.rows.Info[:0]}
	return err
}

func countNewlines(s []byte) int { return bytes.Count(s, []byte{'\n'}) }
