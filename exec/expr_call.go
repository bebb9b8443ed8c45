package exec

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"

	"fantail/exec/format"
	"fantail/planner"
)

// callValue is a row function of one argument; null gives null.
type callValue struct {
	x   value
	f   func(dst, s []byte) []byte // appends the function's value for s
	col column
}

func compileCall(e *planner.Call, p *program) (value, error) {
	f := rowFunc(e.Func)
	if f == nil {
		return nil, fmt.Errorf("BUG: unknown function %q", e.Func)
	}
	x, err := compileValue(e.Args[0], p)
	return &callValue{x: x, f: f}, err
}

func (v *callValue) eval(b *batch, sel []int32) *column {
	x := v.x.eval(b, sel)
	b.size(&v.col)
	for _, i := range sel {
		if x.cells[i].IsNull() {
			v.col.cells[i] = format.Null()
			continue
		}
		at := uint32(len(b.Text))
		b.Text = v.f(b.Text, b.text(x, i))
		v.col.cells[i] = format.Span{Start: at, End: uint32(len(b.Text))}
	}
	return &v.col
}

func rowFunc(name string) func(dst, s []byte) []byte {
	switch name {
	case "md5sum":
		return md5sum
	case "maskdigits":
		return maskDigits
	}
	return nil
}

// md5sum is the MD5 sum (RFC 1321) in hexadecimal.
func md5sum(dst, s []byte) []byte {
	sum := md5.Sum(s)
	return hex.AppendEncode(dst, sum[:])
}

// maskDigits replaces every decimal digit by a dot.
func maskDigits(dst, s []byte) []byte {
	for _, c := range s {
		if c >= '0' && c <= '9' {
			c = '.'
		}
		dst = append(dst, c)
	}
	return dst
}
