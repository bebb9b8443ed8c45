package exec

import "fantail/planner"

// logicCond is and, or.
type logicCond struct {
	l, r cond
	and  bool
	tmp  []truth
}

func compileLogic(e *planner.Logic, p *program) (cond, error) {
	l, err := compileCond(e.L, p)
	if err != nil {
		return nil, err
	}
	r, err := compileCond(e.R, p)
	return &logicCond{l: l, r: r, and: e.Op == "and"}, err
}

func (c *logicCond) eval(b *batch, sel []int32, out []truth) {
	c.l.eval(b, sel, out)
	c.tmp = resize(c.tmp, len(b.Lines))
	c.r.eval(b, sel, c.tmp)
	for _, i := range sel {
		if c.and {
			out[i] = out[i].and(c.tmp[i])
		} else {
			out[i] = out[i].or(c.tmp[i])
		}
	}
}

type notCond struct{ x cond }

func (c notCond) eval(b *batch, sel []int32, out []truth) {
	c.x.eval(b, sel, out)
	for _, i := range sel {
		out[i] = out[i].not()
	}
}

// conjuncts are the conditions that a condition's outermost ands connect. Each
// is evaluated for those lines only that passed the ones before it.
func conjuncts(e planner.Expr) []planner.Expr {
	if l, ok := e.(*planner.Logic); ok && l.Op == "and" {
		return append(conjuncts(l.L), conjuncts(l.R)...)
	}
	return []planner.Expr{e}
}
