package exec

import (
	"bytes"
	"fmt"

	"fantail/exec/format"
	"fantail/planner"
)

// value is an expression that gives a column. A program (one worker's) owns it:
// it keeps the column's memory from batch to batch.
type value interface {
	// eval returns the column for the selected lines. It is valid until the next
	// batch; cells of other lines are undefined.
	eval(b *batch, sel []int32) *column
}

// cond is an expression that is true, false or unknown for a line.
type cond interface {
	// eval sets out[i] for every selected line i.
	eval(b *batch, sel []int32, out []truth)
}

// compileValue makes an expression ready to run.
func compileValue(e planner.Expr, p *program) (value, error) {
	switch e := e.(type) {
	case planner.Slot:
		return slotValue{p: p, slot: int(e)}, nil
	case planner.Const:
		return compileConst(e), nil
	case *planner.Call:
		return compileCall(e, p)
	case *planner.Arith:
		return compileArith(e, p)
	case *planner.Concat:
		return compileConcat(e, p)
	case *planner.Cast:
		return compileCast(e, p)
	case *planner.Case:
		return compileCase(e, p)
	}
	c, err := compileCond(e, p)
	if err != nil {
		return nil, err
	}
	return &condValue{cond: c}, nil
}

// compileValues makes a list of expressions ready to run.
func compileValues(list []planner.Expr, p *program) ([]value, error) {
	var all []value
	for _, e := range list {
		v, err := compileValue(e, p)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, nil
}

// compileCond makes a condition ready to run.
func compileCond(e planner.Expr, p *program) (cond, error) {
	switch e := e.(type) {
	case *planner.Logic:
		return compileLogic(e, p)
	case *planner.Not:
		x, err := compileCond(e.X, p)
		return notCond{x}, err
	case *planner.Compare:
		return compileCompare(e, p)
	case *planner.Match:
		return compileMatch(e, p)
	case *planner.Like:
		return compileLike(e, p)
	case *planner.InNetwork:
		x, err := compileValue(e.X, p)
		return &networkCond{x: x, net: e.Net}, err
	case *planner.In:
		return compileIn(e, p)
	case *planner.IsNull:
		x, err := compileValue(e.X, p)
		return nullCond{x: x, negate: e.Negate}, err
	case planner.Slot, planner.Const, *planner.Call, *planner.Arith, *planner.Concat, *planner.Cast, *planner.Case:
		x, err := compileValue(e, p)
		return truthCond{x}, err
	}
	return nil, fmt.Errorf("BUG: %T is no condition", e)
}

// truthCond is a value as a condition: the texts true and false are what they say.
type truthCond struct{ x value }

func (c truthCond) eval(b *batch, sel []int32, out []truth) {
	x := c.x.eval(b, sel)
	for _, i := range sel {
		out[i] = unknown
		if x.cells[i].IsNull() {
			continue
		}
		switch string(b.text(x, i)) {
		case "true":
			out[i] = yes
		case "false":
			out[i] = no
		}
	}
}

// slotValue is a column of the batch.
type slotValue struct {
	p    *program
	slot int
}

func (v slotValue) eval(b *batch, sel []int32) *column { return v.p.column(b, v.slot, sel) }

// constValue is a literal. Its number is known once and for all.
type constValue struct {
	text []byte
	null bool
	num  Number
	col  column
}

func compileConst(c planner.Const) value {
	v := &constValue{text: []byte(c.Text), null: c.Null}
	if v.num = parseNumber(v.text); c.Number && v.num.ok && v.num.mant == 0 {
		v.text = bytes.TrimPrefix(v.text, []byte{'-'}) // there is one zero
	}
	if c.Unit != "" {
		v.num = parseQuantity(v.text, isSize(c.Unit))
		v.text = v.num.append(nil)
	}
	return v
}

func (v *constValue) eval(b *batch, _ []int32) *column {
	if v.null {
		b.fill(&v.col, format.Null())
	} else {
		b.same(&v.col, v.text)
	}
	for len(v.col.nums) < len(b.Lines) {
		v.col.nums = append(v.col.nums, v.num)
	}
	v.col.numbered = true
	return &v.col
}

// condValue is a condition as a column: "true", "false" or null.
type condValue struct {
	cond cond
	out  []truth
	col  column
}

func (v *condValue) eval(b *batch, sel []int32) *column {
	v.out = resize(v.out, len(b.Lines))
	v.cond.eval(b, sel, v.out)
	at := uint32(len(b.Text))
	b.Text = append(b.Text, "truefalse"...)
	b.size(&v.col)
	for _, i := range sel {
		switch v.out[i] {
		case yes:
			v.col.cells[i] = format.Span{Start: at, End: at + 4}
		case no:
			v.col.cells[i] = format.Span{Start: at + 4, End: at + 9}
		default:
			v.col.cells[i] = format.Null()
		}
	}
	return &v.col
}

// nullCond is x is [not] null.
type nullCond struct {
	x      value
	negate bool
}

func (c nullCond) eval(b *batch, sel []int32, out []truth) {
	x := c.x.eval(b, sel)
	for _, i := range sel {
		out[i] = truthOf(x.cells[i].IsNull() != c.negate)
	}
}

func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
