package parser

// Precedences, weakest first. Between compare and operand there is room for
// concatenation, sum and product.
const (
	precOr = iota + 1
	precAnd
	precNot
	precCompare
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
	case "==", "!=", "<", "<=", ">", ">=", "=~", "!~",
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
	}
	return "", 0
}

// precedence is that of an expression's outermost operator.
func precedence(e Expr) int {
	switch e := e.(type) {
	case *Binary:
		_, prec := operator(e.Op)
		return prec
	case *IsNull:
		return precCompare
	case *Unary:
		if e.Op == "not" {
			return precNot
		}
	}
	return precOperand
}

// isCondition tells whether an expression is true or false and not a value.
func isCondition(e Expr) bool { return precedence(e) <= precCompare }
