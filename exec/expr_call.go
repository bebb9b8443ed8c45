package exec

import (
	"fmt"

	"fantail/exec/format"
	"fantail/planner"
)

// rowFunc is a function of texts: it appends its value for args, none of which
// is null, to dst. Without ok the value is null. It keeps nothing of args.
type rowFunc func(dst []byte, args [][]byte) (_ []byte, ok bool)

// callValue is a function of texts; a null argument gives null.
type callValue struct {
	args    []value
	f       rowFunc
	columns []*column
	texts   [][]byte
	col     column
}

// compileCall makes a call ready. Functions of numbers are in func_number.go,
// those of texts in the other files func_*.go.
func compileCall(e *planner.Call, p *program) (value, error) {
	if f, err := newOverGroups(e, p); f != nil || err != nil {
		return &numberValue{calc: f}, err
	}
	args, err := compileValues(e.Args, p)
	if err != nil {
		return nil, err
	}
	switch e.Func {
	case "coalesce":
		return &firstValue{xs: args}, nil
	case "nullif":
		return compileNullIf(e, p)
	case "json_get":
		return compileJSONGet(e, args[0])
	}
	if width, ok := lastConst(e); ok && e.Func == "bucket" && width.Unit == "s" {
		return &timeBucket{x: args[0], width: parseQuantity([]byte(width.Text), false)}, nil
	}
	if f := numberFunc(e.Func); f != nil {
		return &numberValue{calc: &numberCall{args: args, f: f}}, nil
	}
	f, err := newRowFunc(e)
	if f == nil && err == nil {
		return nil, fmt.Errorf("BUG: unknown function %q", e.Func)
	}
	return &callValue{args: args, f: f, texts: make([][]byte, len(args))}, err
}

func (v *callValue) eval(b *batch, sel []int32) *column {
	v.columns = v.columns[:0]
	for _, arg := range v.args {
		v.columns = append(v.columns, arg.eval(b, sel))
	}
	b.size(&v.col)
	for _, i := range sel {
		v.col.cells[i] = v.call(b, i)
	}
	return &v.col
}

func (v *callValue) call(b *batch, i int32) format.Span {
	for k, c := range v.columns {
		if c.cells[i].IsNull() {
			return format.Null()
		}
		v.texts[k] = b.text(c, i)
	}
	at := len(b.Text)
	text, ok := v.f(b.Text, v.texts)
	if !ok {
		b.Text = text[:at]
		return format.Null()
	}
	b.Text = text
	return format.Span{Start: uint32(at), End: uint32(len(b.Text))}
}

// newRowFunc is a flat switch over the functions of texts. What their literals
// say is compiled here, once.
func newRowFunc(e *planner.Call) (rowFunc, error) {
	switch e.Func {
	case "md5sum":
		return md5sum, nil
	case "maskdigits":
		return maskDigits, nil
	case "lower":
		return lower, nil
	case "upper":
		return upper, nil
	case "trim":
		return trim, nil
	case "length":
		return length, nil
	case "hash":
		return hash, nil
	case "substr":
		return substr, nil
	case "replace":
		return replace, nil
	case "split_part":
		return splitPart, nil
	case "regexp_extract":
		return regexpExtract(e)
	case "regexp_replace":
		return regexpReplace(e)
	case "url_host":
		return urlHost, nil
	case "url_path":
		return urlPath, nil
	case "url_param":
		return urlParam, nil
	case "ip_mask":
		return ipMask, nil
	case "pattern":
		return pattern, nil
	case "epoch":
		return epoch, nil
	case "date_trunc":
		return dateTrunc(e)
	case "strftime":
		return strftime(e)
	}
	return nil, nil
}

// compileNullIf makes nullif(x, y) ready: null where they are equal, else x.
func compileNullIf(e *planner.Call, p *program) (value, error) {
	equal := &planner.Compare{Op: "==", L: e.Args[0], R: e.Args[1]}
	return compileCase(&planner.Case{
		Whens: []planner.When{{If: equal, Then: planner.Const{Null: true}}},
		Else:  e.Args[0],
	}, p)
}

func lastConst(e *planner.Call) (planner.Const, bool) {
	c, ok := e.Args[len(e.Args)-1].(planner.Const)
	return c, ok
}

// literal is the text of an argument that the parser requires to be a literal.
func literal(e *planner.Call, i int) (string, error) {
	if c, ok := e.Args[i].(planner.Const); ok {
		return c.Text, nil
	}
	return "", fmt.Errorf("BUG: argument %d of %s is no literal", i+1, e.Func)
}
