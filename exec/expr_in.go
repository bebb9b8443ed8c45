package exec

import (
	"fantail/planner"
)

// inCond is x in (a, b): true where x equals any of them, unknown where it does
// not but one of them or x is null. Texts that are no numbers, which is most of
// what is in such lists, are looked up at once.
type inCond struct {
	x     value
	set   map[string]bool // literals that are no numbers
	equal []cond          // x == each of the others
}

func compileIn(e *planner.In, p *program) (cond, error) {
	x, err := compileValue(e.X, p)
	if err != nil {
		return nil, err
	}
	c := &inCond{x: x}
	for _, item := range e.List {
		if text, ok := item.(planner.Const); ok && isPlainText(text) && !isNumber(e.X) {
			if c.set == nil {
				c.set = map[string]bool{}
			}
			c.set[text.Text] = true
			continue
		}
		eq, err := compileCompare(&planner.Compare{Op: "==", L: e.X, R: item}, p)
		if err != nil {
			return nil, err
		}
		c.equal = append(c.equal, eq)
	}
	return &anyCond{conds: append(c.equal, c)}, nil
}

// isPlainText tells whether a literal is compared as text, whatever with.
func isPlainText(c planner.Const) bool {
	return !c.Null && !c.Number && !parseNumber([]byte(c.Text)).ok
}

func (c *inCond) eval(b *batch, sel []int32, out []truth) {
	x := c.x.eval(b, sel)
	for _, i := range sel {
		if x.cells[i].IsNull() {
			out[i] = unknown
			continue
		}
		out[i] = truthOf(c.set[string(b.text(x, i))])
	}
}

// anyCond is conditions that or connects.
type anyCond struct {
	conds []cond
	tmp   []truth
}

func (c *anyCond) eval(b *batch, sel []int32, out []truth) {
	c.tmp = resize(c.tmp, len(b.Lines))
	for k, x := range c.conds {
		x.eval(b, sel, c.tmp)
		for _, i := range sel {
			if k == 0 {
				out[i] = no
			}
			out[i] = out[i].or(c.tmp[i])
		}
	}
}
