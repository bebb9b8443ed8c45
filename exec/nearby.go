package exec

import (
	"encoding/binary"
	"fmt"

	"fantail/planner"
)

// nearby decides which lines of a file are given beside those that are selected,
// as grep's -A, -B and -m do. What it remembers from block to block is part of
// the file's Position, so that a run that goes on elsewhere decides the same.
type nearby struct {
	matched int  // selected lines so far
	after   int  // lines still to give after the last selected one
	gap     bool // lines were left out since the last one given
	before  ring // the last lines that were not given
}

// The limits of a context, which comes from outside.
const (
	maxBefore    = 10_000   // lines, which a run holds in memory
	maxContext   = 1 << 30  // lines or matches, which it only counts
	maxHeldText  = 64 << 20 // bytes that a run holds of one file: of longer lines there are less
	maxStateText = 1 << 20  // bytes of held text in a position, which goes out with every block: likewise
)

// checkContext refuses what is beyond the limits.
func checkContext(c planner.Context) error {
	for _, l := range []struct {
		what     string
		n, limit int
	}{
		{"lines before a match", c.Before, maxBefore},
		{"lines after a match", c.After, maxContext},
		{"matches of a file", c.Max, maxContext},
	} {
		if l.n < 0 || l.n > l.limit {
			return fmt.Errorf("%d %s: that must be between 0 and %d", l.n, l.what, l.limit)
		}
	}
	return nil
}

// surroundings are what is remembered of each of a run's files, whose blocks may
// alternate. A run that needs them has one worker.
type surroundings struct {
	context planner.Context
	files   map[*File]*nearby
	at      *nearby // of the file at hand
}

func newSurroundings(c planner.Context) surroundings {
	return surroundings{context: c, files: map[*File]*nearby{}, at: &nearby{}}
}

// open turns to a file. One that is new goes on where its state says.
func (s *surroundings) open(f *File) {
	if s.context == (planner.Context{}) {
		return
	}
	if s.at = s.files[f]; s.at == nil {
		s.at = &nearby{gap: true}
		s.at.restore(f.State, s.context)
		s.files[f] = s.at
	}
}

// close puts what is remembered after a block into its position, and forgets it
// when the file has no more.
func (s *surroundings) close(blk *Block) {
	if s.context == (planner.Context{}) {
		return
	}
	blk.End.State = s.at.state()
	gens := blk.End.Generations
	if blk.Arrived.IsZero() && len(gens) > 0 && gens[len(gens)-1].Done {
		delete(s.files, blk.File)
	}
}

// limit leaves out the selected lines beyond the maximum of a file.
func (n *nearby) limit(sel []int32, maximum int) []int32 {
	if maximum > 0 {
		sel = sel[:min(len(sel), max(maximum-n.matched, 0))]
	}
	n.matched += len(sel)
	return sel
}

// rows calls give for the selected lines of a batch and for those around them,
// in their order. Line tells where a line stands.
func (n *nearby) rows(b *batch, sel []int32, c planner.Context, line func(i int) RowInfo, give func(text []byte, info RowInfo)) {
	last := c.Max > 0 && n.matched >= c.Max // after this batch's there is no other match
	for i, span := range b.Lines {
		text := b.Text[span.Start:span.End]
		info := line(i)
		switch {
		case len(sel) > 0 && int(sel[0]) == i:
			sel = sel[1:]
			for h := range n.before.all() {
				n.give(h.text, h.info, true, give)
			}
			n.before.clear()
			n.give(text, info, false, give)
			n.after = c.After
		case n.after > 0:
			n.after--
			n.give(text, info, true, give)
		case c.Before > 0 && (len(sel) > 0 || !last):
			n.hold(text, info, c.Before)
		default:
			n.gap = true
		}
	}
}

func (n *nearby) give(text []byte, info RowInfo, context bool, give func([]byte, RowInfo)) {
	info.Context, info.Break = context, n.gap
	n.gap = false
	give(text, info)
}

// hold remembers a line that a match may still want, one of so many.
func (n *nearby) hold(text []byte, info RowInfo, before int) {
	for n.before.n > 0 && (n.before.n >= before || n.before.bytes+len(text) > maxHeldText) {
		n.gap = true
		n.before.drop()
	}
	n.before.push(text, info)
}

// state is matched, after, gap, then for each held line its number and offset,
// all uvarints, and its text as a cell: the newest lines, if all are too much.
func (n *nearby) state() []byte {
	skip := n.before.beyond(maxStateText)
	s := binary.AppendUvarint(nil, uint64(n.matched))
	s = binary.AppendUvarint(s, uint64(n.after))
	gap := uint64(0)
	if n.gap || skip > 0 {
		gap = 1
	}
	s = binary.AppendUvarint(s, gap)
	for h := range n.before.all() {
		if skip--; skip >= 0 {
			continue
		}
		s = binary.AppendUvarint(s, uint64(h.info.Line))
		s = binary.AppendUvarint(s, uint64(h.info.Offset))
		s = AppendCell(s, h.text, false)
	}
	return s
}

// restore reads what state has written, and as much of anything else as makes
// sense: it comes from outside.
func (n *nearby) restore(state []byte, c planner.Context) {
	uvarint := func() (u uint64) {
		u, k := binary.Uvarint(state)
		state = state[max(k, 0):]
		return u & (1<<62 - 1)
	}
	if len(state) == 0 {
		return
	}
	n.matched, n.after, n.gap = int(uvarint()), int(uvarint()), uvarint() != 0
	for len(state) > 0 {
		info := RowInfo{Line: int64(uvarint()), Offset: int64(uvarint())}
		text, rest, _, err := CutCell(state)
		if err != nil {
			return
		}
		state = rest
		if c.Before > 0 {
			n.hold(text, info, c.Before)
		} else {
			n.gap = true
		}
	}
}

// lineInfo tells where the lines of a batch stand.
func lineInfo(b *batch) func(i int) RowInfo {
	line, at := b.first, b.start
	return func(i int) RowInfo {
		s := b.Lines[i]
		line += int64(countNewlines(b.Text[at:s.Start]))
		at = s.Start
		return RowInfo{Line: line + 1, Offset: b.Offset + int64(s.Start)}
	}
}
