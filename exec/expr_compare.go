package exec

import (
	"bytes"
	"fmt"

	"fantail/planner"
)

// compileCompare tells apart the comparisons of numbers and those of text.
func compileCompare(e *planner.Compare, p *program) (cond, error) {
	if op := textOp(e.Op); op != nil || isString(e.L) || isString(e.R) {
		return compileText(e, op, p)
	}
	ok := orderOp(e.Op)
	if ok == nil {
		return nil, fmt.Errorf("BUG: unknown operator %q", e.Op)
	}
	l, r, err := compileSides(e.L, e.R, p)
	switch {
	case err != nil:
		return nil, err
	case isNumber(e.L) || isNumber(e.R):
		return &numberCond{l: l, r: r, ok: ok}, nil
	}
	return &orderCond{l: l, r: r, ok: ok}, nil
}

func compileText(e *planner.Compare, op func(l, r []byte) bool, p *program) (cond, error) {
	if op == nil {
		ok := orderOp(e.Op)
		op = func(l, r []byte) bool { return ok(bytes.Compare(l, r)) }
	}
	l, err := compileValue(e.L, p)
	if err != nil {
		return nil, err
	}
	r, err := compileValue(e.R, p)
	return &textCond{l: l, r: r, op: op}, err
}

// compileSides makes two operands ready that are compared or calculated with.
// Beside a number with a unit, a text may have one too.
func compileSides(l, r planner.Expr, p *program) (left, right value, err error) {
	unit := unitOf(l)
	if unit == "" {
		unit = unitOf(r)
	}
	if left, err = compileQuantity(l, unit, p); err != nil {
		return nil, nil, err
	}
	right, err = compileQuantity(r, unit, p)
	return left, right, err
}

// isString tells whether an expression is compared as text, even where it looks
// like a number.
func isString(e planner.Expr) bool {
	c, ok := e.(*planner.Cast)
	return ok && c.Type == "string"
}

// isNumber tells whether an expression gives numbers, or nulls.
func isNumber(e planner.Expr) bool {
	switch e := e.(type) {
	case planner.Const:
		return e.Number
	case *planner.Arith:
		return true
	case *planner.Cast:
		return e.Type != "string"
	case *planner.Call:
		return e.Number
	}
	return false
}

// numberCond compares numbers. Beside an expression that gives only such, what
// is not a number is null.
type numberCond struct {
	l, r value
	ok   func(order int) bool
}

func (c *numberCond) eval(b *batch, sel []int32, out []truth) {
	l, r := numbersOf(c.l, b, sel), numbersOf(c.r, b, sel)
	for _, i := range sel {
		out[i] = unknown
		if l[i].ok && r[i].ok {
			out[i] = truthOf(c.ok(l[i].compare(r[i])))
		}
	}
}

// orderCond compares as numbers where both sides are, as text otherwise.
type orderCond struct {
	l, r value
	ok   func(order int) bool
}

func (c *orderCond) eval(b *batch, sel []int32, out []truth) {
	l, r := c.l.eval(b, sel), c.r.eval(b, sel)
	ln, rn := b.numbers(l, sel), b.numbers(r, sel)
	for _, i := range sel {
		switch {
		case ln[i].ok && rn[i].ok:
			out[i] = truthOf(c.ok(ln[i].compare(rn[i])))
		case l.cells[i].IsNull() || r.cells[i].IsNull():
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
