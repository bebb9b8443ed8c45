package parser

import (
	"sync"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"
)

// The grammar of a query but for its expressions: participle fills these structs,
// and build.go makes a Query of them. Commas between items are optional, as in
// DTail; check.go refuses what that would let through by accident. What is optional
// in one clause is written out there, so that clauses can come in any order.
type (
	statement struct {
		Explain bool      `parser:"@'explain'?"`
		Clauses []*clause `parser:"@@+"`
	}

	clause struct {
		Tokens    []lexer.Token // the first one is the clause's keyword
		Distinct  bool          `parser:"  'select' @'distinct'?"`
		Select    []*column     `parser:"@@ ( ','? @@ )*"`
		From      *lexer.Token  `parser:"| 'from' @( Name | Quoted | '*' | '.' )"`
		Logformat *logformat    `parser:"| 'logformat' @@"`
		Parse     *parsing      `parser:"| 'parse' @@"`
		Set       []*assignment `parser:"| 'set' @@ ( ','? @@ )*"`
		Where     []*item       `parser:"| 'where' @@ ( ','? @@ )*"`
		All       bool          `parser:"| 'group' 'by'? ( @'all'"`
		Group     []*item       `parser:"| @@ ( ','? @@ )* )"`
		Having    []*item       `parser:"| 'having' @@ ( ','? @@ )*"`
		Order     []*sortKey    `parser:"| 'order' 'by'? @@ ( ','? @@ )*"`
		Rorder    []*item       `parser:"| 'rorder' 'by'? @@ ( ','? @@ )*"`
		Limit     *lexer.Token  `parser:"| 'limit' @Number"`
		Offset    *lexer.Token  `parser:"( 'offset' @Number )?"`
		Interval  *lexer.Token  `parser:"| 'interval' @( Number | Duration )"`
		Outfile   *outfile      `parser:"| 'outfile' @@"`
	}

	logformat struct {
		Name    lexer.Token  `parser:"@( Name | Quoted )"`
		Pattern *lexer.Token `parser:"@String?"`
	}

	// parsing says twice what may stand with an input and without one.
	parsing struct {
		LineRegexp bool         `parser:"( ( @'regex'?"`
		Line       *lexer.Token `parser:"@String )"`
		Input      Expr         `parser:"| ( @@"`
		Regexp     bool         `parser:"@'regex'?"`
		Text       *lexer.Token `parser:"@String ) )"`
	}

	// item is an expression in a list.
	item struct {
		Pos, EndPos lexer.Position // of its first token, of the first one behind it
		Expr        Expr           `parser:"@@"`
	}

	column struct {
		item
		As *lexer.Token `parser:"( 'as' @( Name | Quoted ) )?"`
	}

	assignment struct {
		Var  lexer.Token `parser:"@Variable"`
		Expr Expr        `parser:"'=' @@"`
	}

	sortKey struct {
		item
		Direction string `parser:"@( 'asc' | 'desc' )?"`
	}

	outfile struct {
		Append bool        `parser:"@'append'?"`
		Path   lexer.Token `parser:"@( Path | String | Quoted )"`
	}
)

// queryParser is built when the first query comes, as that takes as long as
// parsing ten. It never changes, and may be used concurrently.
var queryParser = sync.OnceValue(func() *participle.Parser[statement] {
	return newParser(parseExpr)
})

func newParser(expr func(*lexer.PeekingLexer) (Expr, error)) *participle.Parser[statement] {
	return participle.MustBuild[statement](
		participle.Lexer(definition{}),
		participle.ParseTypeWith(expr),
		participle.UseLookahead(0), // every token decides, so an error is where the text is wrong
	)
}
