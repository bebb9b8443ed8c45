package exec

import (
	"bytes"
	"fmt"

	"fantail/planner"
)

// compileCompare tells apart the comparisons of numbers and those of text.
func compileCompare(e *planner.Compare, p *program) (cond, error) {
	l, err := compileValue(e.L, p)
	if err != nil {
		return nil, err
	}
	r, err := compileValue(e.R, p)
	if err != nil {
		return nil, err
	}
	if ok := orderOp(e.Op); ok != nil {
		return &orderCond{l: l, r: r, ok: ok, numeric: isNumber(e.L) || isNumber(e.R)}, nil
	}
	if op := textOp(e.Op); op != nil {
		return &textCond{l: l, r: r, op: op}, nil
	}
	return nil, fmt.Errorf("BUG: unknown operator %q", e.Op)
}

func isNumber(e planner.Expr) bool {
	c, ok := e.(planner.Const)
	return ok && c.Number
}

// orderCond compares as numbers where both sides are, as text otherwise. Beside
// a number written in the query, what is not a number is null.
type orderCond struct {
	l, r    value
	ok      func(order int) bool
	numeric bool
}

func (c *orderCond) eval(b *batch, sel []int32, out []truth) {
	l, r := c.l.eval(b, sel), c.r.eval(b, sel)
	ln, rn := b.numbers(l, sel), b.numbers(r, sel)
	for _, i := range sel {
		switch {
		case ln[i].ok && rn[i].ok:
			out[i] = truthOf(c.ok(ln[i].compare(rn[i])))
		case c.numeric || l.cells[i].IsNull() || r.cells[i].IsNull():
			out[i] = unknown
		default:
			out[i] = truthOf(c.ok(bytes.Compare(b.text(l, i), b.text(r, i))))
		}
	}
}

func orderOp(op string) func(order int) bool {
	switch op {
	case "==":
		return func(o int) bool { return o == 0 }
	case "!=":
		return func(o int) bool { return o != 0 }
	case "<":
		return func(o int) bool { return o < 0 }
	case "<=":
		return func(o int) bool { return o <= 0 }
	case ">":
		return func(o int) bool { return o > 0 }
	case ">=":
		return func(o int) bool { return o >= 0 }
	}
	return nil
}

// textCond compares as text, bytes by bytes.
type textCond struct {
	l, r value
	op   func(l, r []byte) bool
}

func (c *textCond) eval(b *batch, sel []int32, out []truth) {
	l, r := c.l.eval(b, sel), c.r.eval(b, sel)
	for _, i := range sel {
		if l.cells[i].IsNull() || r.cells[i].IsNull() {
			out[i] = unknown
			continue
		}
		out[i] = truthOf(c.op(b.text(l, i), b.text(r, i)))
	}
}

func textOp(op string) func(l, r []byte) bool {
	switch op {
	case "eq":
		return bytes.Equal
	case "ne":
		return func(l, r []byte) bool { return !bytes.Equal(l, r) }
	case "contains":
		return bytes.Contains
	case "lacks":
		return func(l, r []byte) bool { return !bytes.Contains(l, r) }
	case "hasprefix":
		return bytes.HasPrefix
	case "nhasprefix":
		return func(l, r []byte) bool { return !bytes.HasPrefix(l, r) }
	case "hassuffix":
		return bytes.HasSuffix
	case "nhassuffix":
		return func(l, r []byte) bool { return !bytes.HasSuffix(l, r) }
	}
	return nil
}
