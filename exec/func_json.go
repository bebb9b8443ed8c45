package exec

import (
	"fantail/exec/format"
	"fantail/planner"
)

// jsonValue is json_get(x, "path"): what logformat json gives for a field of that
// name, in the object that x is.
type jsonValue struct {
	x     value
	get   format.Parser
	inner format.Batch
	col   column
}

func compileJSONGet(e *planner.Call, x value) (value, error) {
	path, err := literal(e, 1)
	if err != nil {
		return nil, err
	}
	get, err := format.New(format.Spec{Name: "json"}, []format.Field{{Name: path}}, nil)
	return &jsonValue{x: x, get: get}, err
}

func (v *jsonValue) eval(b *batch, sel []int32) *column {
	x := v.x.eval(b, sel)
	v.inner.Lines = v.inner.Lines[:0]
	for _, i := range sel {
		s := x.cells[i]
		if s.IsNull() {
			s = format.Span{}
		}
		v.inner.Lines = append(v.inner.Lines, s)
	}
	v.inner.Text = b.Text
	v.get.Parse(&v.inner)
	b.Text = v.inner.Text
	b.size(&v.col)
	for k, i := range sel {
		v.col.cells[i] = v.inner.Fields[0][k]
	}
	return &v.col
}
