package exec

// numberCall is a function of numbers; null where an argument is none.
type numberCall struct {
	args []value
	f    func(args []Number) Number
	nums [][]Number
	one  []Number
}

func (c *numberCall) calc(b *batch, sel []int32, out []Number) {
	c.nums = c.nums[:0]
	for _, arg := range c.args {
		c.nums = append(c.nums, numbersOf(arg, b, sel))
	}
	c.one = resize(c.one, len(c.args))
	for _, i := range sel {
		ok := true
		for k, nums := range c.nums {
			c.one[k] = nums[i]
			ok = ok && nums[i].ok
		}
		out[i] = Number{}
		if ok {
			out[i] = c.f(c.one)
		}
	}
}

func numberFunc(name string) func(args []Number) Number {
	switch name {
	case "abs":
		return func(args []Number) Number { return args[0].absolute() }
	case "floor":
		return func(args []Number) Number { return args[0].whole(0, floor) }
	case "ceil":
		return func(args []Number) Number { return args[0].whole(0, ceil) }
	case "round":
		return round
	case "bucket":
		return func(args []Number) Number { return args[0].bucket(args[1]) }
	}
	return nil
}

// round rounds halves away from zero, to so many digits behind the point.
func round(args []Number) Number {
	digits := int64(0)
	if len(args) > 1 {
		n, ok := args[1].whole(0, truncate).scaled(0)
		if !ok {
			return Number{}
		}
		digits = max(min(n, -minExp), -maxExp)
	}
	return args[0].whole(int(-digits), halfUp)
}

// bucket is the greatest multiple of width that is not above n.
func (n Number) bucket(width Number) Number {
	rest := n.mod(width)
	if rest.mant < 0 {
		if width.mant < 0 {
			width = width.negated()
		}
		rest = rest.add(width)
	}
	if !rest.ok {
		return rest
	}
	return n.sub(rest)
}
