package parser

import (
	"fmt"
	"strings"

	"github.com/alecthomas/participle/v2"
)

// The grammar of expressions, as participle could parse it alone. Parse has a
// faster way (expression.go); this one is the source of the manual's EBNF, and a
// test compares the two.
type (
	expr struct {
		Terms []*conjunction `parser:"@@ ( 'or' @@ )*"`
	}

	conjunction struct {
		Terms []*negation `parser:"@@ ( 'and' @@ )*"`
	}

	negation struct {
		Not        *negation   `parser:"  'not' @@"`
		Comparison *comparison `parser:"| @@"`
	}

	comparison struct {
		Left  *concatenation `parser:"@@"`
		Match *match         `parser:"( @@"`
		Right *rightSide     `parser:"| @@"`
		Null  *nullTest      `parser:"| @@"`
		Not   *test          `parser:"| 'not' @@"`
		Test  *test          `parser:"| @@ )?"`
	}

	test struct {
		Like    *like    `parser:"  @@"`
		In      []*expr  `parser:"| 'in' '(' @@ ( ',' @@ )* ')'"`
		Between *between `parser:"| @@"`
	}

	like struct {
		Op      string `parser:"@( 'like' | 'ilike' )"`
		Pattern string `parser:"@String"`
	}

	between struct {
		Lo *concatenation `parser:"'between' @@"`
		Hi *concatenation `parser:"'and' @@"`
	}

	match struct {
		Op      string `parser:"@( '=~' | '!~' | '<<' )"`
		Pattern string `parser:"@String"`
	}

	rightSide struct {
		Sign    *sign          `parser:"( @@"`
		Word    *word          `parser:"| @@ )"`
		Operand *concatenation `parser:"@@"`
	}

	sign struct {
		Op string `parser:"@( '==' | '=' | '!=' | '<>' | '<' | '<=' | '=<' | '>' | '>=' | '=>' )"`
	}

	word struct {
		Op string `parser:"@( 'eq' | 'ne' | 'contains' | 'lacks' | 'ncontains' | 'hasprefix' | 'nhasprefix' | 'hassuffix' | 'nhassuffix' )"`
	}

	nullTest struct {
		Not bool `parser:"'is' @'not'? 'null'"`
	}

	concatenation struct {
		Terms []*sum `parser:"@@ ( '||' @@ )*"`
	}

	sum struct {
		First *product  `parser:"@@"`
		Rest  []*addend `parser:"@@*"`
	}

	addend struct {
		Op   string   `parser:"@( '+' | '-' )"`
		Term *product `parser:"@@"`
	}

	product struct {
		First *signed   `parser:"@@"`
		Rest  []*factor `parser:"@@*"`
	}

	factor struct {
		Op   string  `parser:"@( '*' | '/' | '%' )"`
		Term *signed `parser:"@@"`
	}

	signed struct {
		Minus *signed `parser:"  '-' @@"`
		Cast  *cast   `parser:"| @@"`
	}

	cast struct {
		Operand *operand `parser:"@@"`
		Types   []string `parser:"( '::' @Name )*"`
	}

	operand struct {
		Call     *call   `parser:"  @@"`
		Quoted   string  `parser:"| @Quoted"`
		Variable string  `parser:"| @( Variable | '*' )"`
		Number   string  `parser:"| @( Number | Duration | Size )"`
		String   string  `parser:"| @String"`
		Word     string  `parser:"| @( 'true' | 'false' | 'null' )"`
		Case     *caseOf `parser:"| @@"`
		Group    *expr   `parser:"| '(' @@ ')'"`
	}

	caseOf struct {
		X     *expr   `parser:"'case' @@?"`
		Whens []*when `parser:"@@+"`
		Else  *expr   `parser:"( 'else' @@ )? 'end'"`
	}

	when struct {
		If   *expr `parser:"'when' @@"`
		Then *expr `parser:"'then' @@"`
	}

	// call is a function's call, or a field if no parenthesis follows its name.
	call struct {
		Name      string     `parser:"@Name"`
		Arguments *arguments `parser:"@@?"`
	}

	arguments struct {
		Distinct bool    `parser:"'(' @'distinct'?"`
		List     []*expr `parser:"( @@ ( ',' @@ )* )? ')'"`
		Filter   *expr   `parser:"( 'filter' '(' 'where' @@ ')' )?"`
	}
)

func expressionParser() *participle.Parser[expr] {
	return participle.MustBuild[expr](participle.Lexer(definition{}), participle.UseLookahead(0))
}

// Grammar is the grammar of the language in EBNF: what is in quotes stands for
// itself, in upper or lower case, and <angle brackets> name a kind of token.
func Grammar() string {
	var b strings.Builder
	for rule := range strings.Lines(queryParser().String() + "\n" + expressionParser().String()) {
		name, body, _ := strings.Cut(strings.TrimSuffix(rule, "\n"), " = ")
		fmt.Fprintf(&b, "%s = %s\n", name, breakLines(body))
	}
	return b.String()
}

// breakLines puts each alternative of a long rule on a line of its own.
func breakLines(body string) string {
	if len(body) < 80 {
		return body
	}
	var b strings.Builder
	depth := 0
	for i, r := range body {
		switch {
		case r == '(':
			depth++
		case r == ')':
			depth--
		case r == '|' && depth == 0:
			b.WriteString("\n    ")
		}
		if r != ' ' || depth > 0 || i+1 == len(body) || body[i+1] != '|' {
			b.WriteRune(r)
		}
	}
	return b.String()
}
