package parser

// Precedences, weakest first.
const (
	precOr = iota + 1
	precAnd
	precNot
	precCompare
	precConcat
	precSum
	precProduct
	precSign
	precCast
	precOperand
)

// operator gives the canonical spelling and the precedence of a binary operator
// that is written so, or 0 if it is none.
func operator(token string) (op string, prec int) {
	switch token {
	case "or":
		return token, precOr
	case "and":
		return token, precAnd
	case "==", "!=", "<", "<=", ">", ">=", "=~", "!~", "like", "ilike", "<<",
		"eq", "ne", "contains", "lacks", "hasprefix", "nhasprefix", "hassuffix", "nhassuffix":
		return token, precCompare
	case "=":
		return "==", precCompare
	case "<>":
		return "!=", precCompare
	case "=<":
		return "<=", precCompare
	case "=>":
		return ">=", precCompare
	case "ncontains":
		return "lacks", precCompare
	case "||":
		return token, precConcat
	case "+", "-":
		return token, precSum
	case "*", "/", "%":
		return token, precProduct
	}
	return "", 0
}

// precedence is that of an expression's outermost operator.
func precedence(e Expr) int {
	switch e := e.(type) {
	case *Binary:
		_, prec := operator(e.Op)
		return prec
	case *IsNull, *In, *Between:
		return precCompare
	case *Cast:
		return precCast
	case *Unary:
		if e.Op == "not" {
			return precNot
		}
		return precSign
	}
	return precOperand
}

// isCondition tells whether an expression is true, false or null by its form.
func isCondition(e Expr) bool {
	if w, ok := e.(*Word); ok {
		return w.Text != "null"
	}
	return precedence(e) <= precCompare
}

// mayBeCondition tells whether a value may stand as a condition: the texts true
// and false do.
func mayBeCondition(e Expr) bool {
	switch e := e.(type) {
	case *Field, *Var, *Word, *Case:
		return true
	case *Call:
		f, _ := lookup(e.Func)
		return !f.number
	}
	return isCondition(e)
}

// Types are what a value can be cast to.
func Types() []string { return []string{"int", "float", "string", "duration", "size"} }
