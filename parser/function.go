package parser

// function is what the parser knows of one function.
type function struct {
	name      string
	aggregate bool // over lines; else of one line
	args      int
}

// functions is the table of all functions.
func functions() []function {
	return []function{
		{"count", true, 1},
		{"sum", true, 1},
		{"min", true, 1},
		{"max", true, 1},
		{"avg", true, 1},
		{"last", true, 1},
		{"len", true, 1},
		{"md5sum", false, 1},
		{"maskdigits", false, 1},
	}
}

func lookup(name string) (function, bool) {
	for _, f := range functions() {
		if f.name == name {
			return f, true
		}
	}
	return function{}, false
}

func functionNames() []string {
	var names []string
	for _, f := range functions() {
		names = append(names, f.name)
	}
	return names
}

// Aggregate tells whether the call is of an aggregate, which takes the lines of
// a whole group, and not of a function of one line.
func (e *Call) Aggregate() bool {
	f, _ := lookup(e.Func)
	return f.aggregate
}

// HasAggregate tells whether an aggregate is called anywhere in an expression,
// which may be nil.
func HasAggregate(e Expr) bool { return firstAggregate(e) != nil }

func firstAggregate(e Expr) *Call {
	if call, ok := e.(*Call); ok && call.Aggregate() {
		return call
	}
	for _, x := range children(e) {
		if call := firstAggregate(x); call != nil {
			return call
		}
	}
	return nil
}
