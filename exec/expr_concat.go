package exec

import (
	"fantail/exec/format"
	"fantail/planner"
)

// concatValue is one text behind the other; null where either is.
type concatValue struct {
	l, r value
	col  column
}

func compileConcat(e *planner.Concat, p *program) (value, error) {
	l, err := compileValue(e.L, p)
	if err != nil {
		return nil, err
	}
	r, err := compileValue(e.R, p)
	return &concatValue{l: l, r: r}, err
}

func (v *concatValue) eval(b *batch, sel []int32) *column {
	l, r := v.l.eval(b, sel), v.r.eval(b, sel)
	b.size(&v.col)
	for _, i := range sel {
		if l.cells[i].IsNull() || r.cells[i].IsNull() {
			v.col.cells[i] = format.Null()
			continue
		}
		at := uint32(len(b.Text))
		b.Text = append(b.Text, b.text(l, i)...)
		b.Text = append(b.Text, b.text(r, i)...)
		v.col.cells[i] = format.Span{Start: at, End: uint32(len(b.Text))}
	}
	return &v.col
}
