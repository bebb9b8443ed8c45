package exec

import (
	"fantail/exec/format"
	"fantail/planner"
)

// caseValue is the value of the first branch whose condition is true. All
// branches are evaluated for all lines: a column that is made for some of them
// would be missing for those that ask for it next.
type caseValue struct {
	ifs    []cond
	thens  []value // one more than ifs: else
	truths []truth
	done   []bool
	col    column
}

func compileCase(e *planner.Case, p *program) (value, error) {
	v := &caseValue{}
	for _, w := range e.Whens {
		c, err := compileCond(w.If, p)
		if err != nil {
			return nil, err
		}
		then, err := compileValue(w.Then, p)
		if err != nil {
			return nil, err
		}
		v.ifs, v.thens = append(v.ifs, c), append(v.thens, then)
	}
	otherwise, err := compileValue(e.Else, p)
	v.thens = append(v.thens, otherwise)
	return v, err
}

func (v *caseValue) eval(b *batch, sel []int32) *column {
	b.size(&v.col)
	v.truths, v.done = resize(v.truths, len(b.Lines)), resize(v.done, len(b.Lines))
	clear(v.done)
	for k, then := range v.thens {
		x := then.eval(b, sel)
		if k < len(v.ifs) {
			v.ifs[k].eval(b, sel, v.truths)
		}
		for _, i := range sel {
			if !v.done[i] && (k == len(v.ifs) || v.truths[i] == yes) {
				v.done[i] = true
				v.col.cells[i] = x.cells[i]
			}
		}
	}
	return &v.col
}

// firstValue is coalesce: the first value that is not null.
type firstValue struct {
	xs  []value
	col column
}

func (v *firstValue) eval(b *batch, sel []int32) *column {
	b.fill(&v.col, format.Null())
	for _, x := range v.xs {
		c := x.eval(b, sel)
		for _, i := range sel {
			if v.col.cells[i].IsNull() {
				v.col.cells[i] = c.cells[i]
			}
		}
	}
	return &v.col
}
