// Package exec is the engine: it runs the half of a plan that belongs where the
// logs are, and merges what many such runs give into the result.
//
// [Run] takes blocks of whole lines from a [Source], cuts the plan's columns out
// of them with exec/format, and gives rows or partial aggregates to a [Sink].
// [Merger] takes those partials, in any order and from any number of hosts, and
// gives the result. Between the two there may be a network (exec/wire) or
// nothing at all: a run in this process goes the same way.
//
// Package exec does no I/O. Files come in through exec/follow, clocks and names
// through [Env], and results leave through the Sink.
package exec

import (
	"context"
	"fmt"
	"time"
)

// Input says which logs a run reads, and from where on. It crosses the network.
type Input struct {
	Globs  []string   `json:"globs"`            // paths or patterns; "-" is standard input, locally only
	Follow bool       `json:"follow,omitempty"` // go on with what is appended, until cancelled
	Start  Start      `json:"start,omitzero"`   // where in each file that is there at the start
	Resume []Position `json:"resume,omitempty"` // what an interrupted run had delivered; overrides Start for its files
}

// Start is a place in a file; the zero value is its beginning.
type Start struct {
	FromEnd bool  `json:"from_end,omitempty"` // count Lines back from the end
	Lines   int64 `json:"lines,omitempty"`    // FromEnd: the last so many; else: skip so many
}

// File is a log file as the engine sees it. A Source gives the same *File with
// every block of one file, and never changes it after the first.
type File struct {
	Path  string // as the user would name it: the glob's match, "-" for standard input
	Head  []byte // its first bytes, to find a header or a format in; whole lines unless longer than 64 KiB
	State []byte // Position.State that an interrupted run ended with; nil: none
}

// Block is a piece of a file: whole lines, but for a file's last line without
// newline, and for a line longer than the Source's limit, which comes in pieces.
//
// The caller of Next owns it; Data is reused by the next call with the same Block.
type Block struct {
	File    *File
	Data    []byte
	Offset  int64     // uncompressed bytes before Data
	Line    int64     // newlines before Data
	Arrived time.Time // when a followed file's bytes were read; zero in a file that is only scanned
	End     Position  // after Data
}

// Source gives the blocks of a run's files.
type Source interface {
	// Next fills b, reusing b.Data, and blocks until there is something. It is
	// not called concurrently. Blocks of one file come in the file's order.
	// It returns io.EOF after the last block; a Notice, which is not the end,
	// when there is something to tell the user; and ctx's error when ctx is done.
	Next(ctx context.Context, b *Block) error
	Close() error
}

// Sink takes what a run gives. Its methods are never called concurrently, and
// keep nothing of their arguments. An error ends the run.
type Sink interface {
	Rows(*Rows) error
	Partial(*Partial) error
	Notice(Notice) error
}

// Progress is how far a run has come; every frame with data carries it.
type Progress struct {
	Ends      []Position // of the files that advanced since the frame before
	Lines     int64      // that the plan looked at since the frame before
	Bytes     int64      // read since the frame before, uncompressed
	Malformed int64      // of the lines: those that the format could not read
}

// Rows are lines, or the cells of selected columns, of one file and in its order.
type Rows struct {
	Path string
	N    int       // number of rows
	Data []byte    // plan.Raw: the lines with their newlines; else N times each column's cell, see AppendCell
	Info []RowInfo // one for each row where the plan asks for it (Numbered), else nil
	Progress
}

// Uncounted is the number of rows where a plan gives a file as it is: Data is a
// piece of it, and its last line may lack the newline.
const Uncounted = -1

// RowInfo says where a row comes from.
type RowInfo struct {
	Line    int64 // number of the line in its file, from 1
	Offset  int64 // byte offset of the line, uncompressed
	Context bool  // not a match itself, but near one (Before, After)
	Break   bool  // not adjacent to the row before
}

// Partial is the aggregates of some lines of one window. Partials are merged by
// a commutative and associative operation, so neither their cut nor their order
// shows in the result.
type Partial struct {
	Window time.Time // start of the window; zero in a query without interval
	Groups []Group
	// Passed says that the run will give nothing more for windows before it;
	// zero when it cannot say.
	Passed time.Time
	Progress
}

// Group is the state of every aggregate for one group.
type Group struct {
	Key    []byte   // cells of the group by expressions, see AppendCell
	States [][]byte // one for each of the plan's aggregates
}

// Level tells how bad a notice is.
type Level uint8

// The levels of a notice.
const (
	Info    Level = iota // worth knowing: a rotation, a new file
	Warning              // the answer is right, but look at this
	Failure              // a file or a part of it could not be read: the answer lacks it
	Gap                  // bytes are known to be lost
)

// Notice is something to tell the user beside the result. A Source returns it as
// an error that is not the end.
type Notice struct {
	Level Level  `json:"level"`
	Path  string `json:"path,omitempty"`
	Text  string `json:"text"` // lower-case, without the path
}

func (n Notice) Error() string {
	if n.Path == "" {
		return n.Text
	}
	return fmt.Sprintf("%s: %s", n.Path, n.Text)
}
