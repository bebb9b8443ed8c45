package exec

import (
	"fmt"

	"fantail/exec/format"
	"fantail/planner"
)

// calc gives a number for each line.
type calc interface {
	// calc sets out[i] for every selected line i.
	calc(b *batch, sel []int32, out []Number)
}

// numberValue is an expression that gives numbers. Its text is written only when
// somebody asks for it.
type numberValue struct {
	calc
	col column
}

// numbersOf are the numbers of a value.
func numbersOf(v value, b *batch, sel []int32) []Number {
	if n, ok := v.(*numberValue); ok {
		return n.numbers(b, sel)
	}
	return b.numbers(v.eval(b, sel), sel)
}

func (v *numberValue) numbers(b *batch, sel []int32) []Number {
	v.col.nums = resize(v.col.nums, len(b.Lines))
	v.calc.calc(b, sel, v.col.nums)
	return v.col.nums
}

func (v *numberValue) eval(b *batch, sel []int32) *column {
	nums := v.numbers(b, sel)
	b.size(&v.col)
	for _, i := range sel {
		if !nums[i].ok {
			v.col.cells[i] = format.Null()
			continue
		}
		at := uint32(len(b.Text))
		b.Text = nums[i].append(b.Text)
		v.col.cells[i] = format.Span{Start: at, End: uint32(len(b.Text))}
	}
	v.col.numbered = true
	return &v.col
}

// arith is + - * / %.
type arith struct {
	l, r value
	op   func(n, m Number) Number
}

func compileArith(e *planner.Arith, p *program) (value, error) {
	op := arithOp(e.Op)
	if op == nil {
		return nil, fmt.Errorf("BUG: unknown operator %q", e.Op)
	}
	l, r, err := compileSides(e.L, e.R, p)
	return &numberValue{calc: &arith{l: l, r: r, op: op}}, err
}

func arithOp(op string) func(n, m Number) Number {
	switch op {
	case "+":
		return Number.add
	case "-":
		return Number.sub
	case "*":
		return Number.mul
	case "/":
		return Number.div
	case "%":
		return Number.mod
	}
	return nil
}

func (a *arith) calc(b *batch, sel []int32, out []Number) {
	l, r := numbersOf(a.l, b, sel), numbersOf(a.r, b, sel)
	for _, i := range sel {
		out[i] = Number{}
		if l[i].ok && r[i].ok {
			out[i] = a.op(l[i], r[i])
		}
	}
}

// unitOf is the unit of an expression, "s" or "B", or "".
func unitOf(e planner.Expr) string {
	switch e := e.(type) {
	case planner.Const:
		return e.Unit
	case *planner.Cast:
		switch e.Type {
		case "duration":
			return "s"
		case "size":
			return "B"
		}
	case *planner.Arith:
		l, r := unitOf(e.L), unitOf(e.R)
		if e.Op == "/" && r != "" {
			return "" // a ratio, or nothing that has a name
		}
		if l == "" {
			return r
		}
		return l
	}
	return ""
}

func isSize(unit string) bool { return unit == "B" }

// compileQuantity makes an expression ready whose numbers may be written with
// the unit.
func compileQuantity(e planner.Expr, unit string, p *program) (value, error) {
	v, err := compileValue(e, p)
	if unit == "" || isNumber(e) {
		return v, err
	}
	return &numberValue{calc: &quantity{x: v, size: isSize(unit)}}, err
}

// quantity reads a text as a number that may have a unit.
type quantity struct {
	x    value
	size bool
}

func (q *quantity) calc(b *batch, sel []int32, out []Number) {
	x := q.x.eval(b, sel)
	for _, i := range sel {
		out[i] = Number{}
		if !x.cells[i].IsNull() {
			out[i] = parseQuantity(b.text(x, i), q.size)
		}
	}
}

// compileCast makes x::type ready. A condition counts as the text that it is.
func compileCast(e *planner.Cast, p *program) (value, error) {
	switch e.Type {
	case "string":
		return compileValue(e.X, p)
	case "duration":
		return compileQuantity(e.X, "s", p)
	case "size":
		return compileQuantity(e.X, "B", p)
	}
	x, err := compileValue(e.X, p)
	switch e.Type {
	case "int":
		return &numberValue{calc: &mapped{x, func(n Number) Number { return n.whole(0, truncate) }}}, err
	case "float":
		return &numberValue{calc: &mapped{x, func(n Number) Number { return n }}}, err
	}
	return nil, fmt.Errorf("BUG: unknown type %q", e.Type)
}

// mapped is a function of one number.
type mapped struct {
	x value
	f func(Number) Number
}

func (m *mapped) calc(b *batch, sel []int32, out []Number) {
	x := numbersOf(m.x, b, sel)
	for _, i := range sel {
		out[i] = Number{}
		if x[i].ok {
			out[i] = m.f(x[i])
		}
	}
}
