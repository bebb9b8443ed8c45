package planner

import (
	"strconv"

	"fantail/parser"
)

// overGroups plans what compares a group's sum with other groups, or with the
// window before: the hosts give the sum, and the user's half compares.
func (b *builder) overGroups(c *parser.Call) (Expr, error) {
	sum := b.give(&parser.Call{At: c.At, Func: "sum", Args: c.Args, Filter: c.Filter})
	call := &Call{Func: c.Func, Args: []Expr{sum}, Number: true}
	if c.Func != "rate" && c.Func != "delta" {
		return call, nil
	}
	if b.q.Interval == 0 {
		return nil, b.q.Errorf(c.At, "for example: interval 1m", "%s compares windows, and the query has no interval", c.Func)
	}
	if c.Func == "rate" {
		seconds := strconv.FormatFloat(b.q.Interval.Seconds(), 'f', -1, 64)
		call.Args = append(call.Args, Const{Text: seconds, Number: true})
	}
	return call, nil
}
