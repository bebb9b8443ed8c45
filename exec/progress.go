package exec

import "slices"

// progress collects what a frame will say about the blocks that are done.
type progress struct {
	sum   Progress
	paths map[string]int // index in sum.Ends
}

// add counts a block.
func (p *progress) add(blk *Block, st stats) {
	p.sum.Bytes += int64(len(blk.Data))
	p.sum.Lines += st.lines
	p.sum.Malformed += st.malformed
	i, ok := p.paths[blk.End.Path]
	if !ok {
		if p.paths == nil {
			p.paths = map[string]int{}
		}
		i = len(p.sum.Ends)
		p.paths[blk.End.Path] = i
		p.sum.Ends = append(p.sum.Ends, Position{})
	}
	end := blk.End
	end.Generations = slices.Clone(end.Generations)
	p.sum.Ends[i] = end
}

// empty tells whether there is nothing to say.
func (p *progress) empty() bool { return len(p.sum.Ends) == 0 }

// take returns what was collected, and begins anew.
func (p *progress) take() Progress {
	sum := p.sum
	*p = progress{}
	return sum
}
