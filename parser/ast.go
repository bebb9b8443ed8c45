package parser

import (
	"slices"
	"time"
)

// Query is the syntax tree of one query. A clause that was not written has its
// field's zero value, but for Limit.
type Query struct {
	Text     string         // as written; not part of the query's identity
	Explain  bool           // explain select ...
	Distinct bool           // select distinct ...
	Select   []Item         // at least one
	From     string         // table, upper-cased; "" not written, "*" every line
	Format   string         // logformat, one of Formats; "" not written
	Pattern  string         // of logformat regex: RE2 with named groups
	Parse    *Parsing       // nil: not written
	Set      []Assign       // in order; a later one sees the earlier
	Where    Expr           // nil: every line
	GroupBy  []Expr         // nil: not written
	GroupAll bool           // group by all: by what is selected and has no aggregate
	Having   Expr           // nil: every group
	OrderBy  []Order        // most significant first
	Limit    int            // rows; -1 not written
	Offset   int            // rows before the first one; only with a limit
	Interval time.Duration  // 0 not written
	Outfile  Outfile        // Path "" not written
	pos      map[string]int // byte offset of each clause's first keyword
}

// At is the byte offset at which a clause was written, for errors of later
// stages: explain, select, from, logformat, parse, set, where, group, having, order
// (also for rorder), limit, interval or outfile. It is 0 for one that was not.
func (q *Query) At(clause string) int { return q.pos[clause] }

// Item is one column of the select clause.
type Item struct {
	Expr Expr
	As   string // alias; "" none
}

// Title is the column's name in every output: the alias, else the field's name,
// else the canonical text.
func (i Item) Title() string {
	if i.As != "" {
		return i.As
	}
	if f, ok := i.Expr.(*Field); ok {
		return f.Name
	}
	return i.Expr.String()
}

// Parsing is the parse clause, which gives fields beside those of the format.
type Parsing struct {
	Pos    int    // byte offset of the pattern
	Input  Expr   // what is cut up; nil: $line
	Regexp bool   // the pattern is RE2 with named groups, else a template
	Text   string // the pattern; see Template
}

// Assign is one assignment of the set clause.
type Assign struct {
	Pos  int    // byte offset of the variable
	Name string // with its $
	Expr Expr
}

// Order is one key of the order by or rorder by clause.
type Order struct {
	Expr Expr
	Asc  bool // rorder by, or asc
}

// Outfile is where the result goes instead of standard output.
type Outfile struct {
	Pos    int // byte offset of the path
	Path   string
	Append bool
}

// Expr is an expression of the language: *Field, *Var, *Number, *String, *Word,
// *Call, *Unary, *Binary, *IsNull, *In, *Between, *Case or *Cast, and nothing else.
type Expr interface {
	// String is the canonical text: it parses to an equal expression.
	String() string
	// Pos is the byte offset in the query at which the expression starts.
	Pos() int
	expr()
}

type (
	// Field is a field of the line, by name: lifetimeConnections, `count($line)`.
	Field struct {
		At   int
		Name string // without back-ticks
	}

	// Var is a value that the engine or a set clause gives: $hostname; the name
	// "*" is the constant that every line has.
	Var struct {
		At   int
		Name string // with its $, as written
	}

	// Number is a numeric literal.
	Number struct {
		At   int
		Text string // as written: decimal digits, point, exponent or units; no sign
	}

	// Word is one of the literals true, false and null.
	Word struct {
		At   int
		Text string
	}

	// String is a quoted literal.
	String struct {
		At    int
		Value string // without quotes and escapes
	}

	// Call is a function or an aggregate applied to its arguments.
	Call struct {
		At       int
		Func     string // lower-case
		Distinct bool   // count(distinct x)
		Args     []Expr // count(*) has the one argument Var "*"
		Filter   Expr   // of an aggregate: the lines that it takes; nil: all
	}

	// Unary is an operator before its operand.
	Unary struct {
		At int
		Op string // "not" or "-"
		X  Expr
	}

	// Binary is an operator between two operands.
	//
	// Op is one of: and or == != < <= > >= eq ne contains lacks hasprefix
	// nhasprefix hassuffix nhassuffix =~ !~ like ilike << || + - * / %. Other
	// spellings are replaced when the query is read: = by ==, <> by !=, =< by <=,
	// => by >=, ncontains by lacks; x not like y is not x like y.
	// The right operand of =~ and !~ is a *String that compiles as RE2, that of
	// like and ilike a *String, and that of << a *String that is an IP network.
	Binary struct {
		At   int // of the left operand
		OpAt int // of the operator
		Op   string
		L, R Expr
	}

	// IsNull is x is null, or x is not null.
	IsNull struct {
		At  int
		X   Expr
		Not bool
	}

	// In is x in (a, b). x not in (a, b) is read as not x in (a, b).
	In struct {
		At   int
		X    Expr
		List []Expr // at least one
	}

	// Between is x between lo and hi, and not between as with In.
	Between struct {
		At        int
		X, Lo, Hi Expr
	}

	// Case is case [x] when ... then ... [else ...] end.
	Case struct {
		At    int
		X     Expr // what each When is compared with; nil: they are conditions
		Whens []When
		Else  Expr // nil: null
	}

	// Cast is x::type.
	Cast struct {
		At   int // of X
		X    Expr
		Type string // lower-case, one of Types
		to   int    // byte offset of the type
	}
)

// When is one branch of a Case.
type When struct{ If, Then Expr }

func (e *Field) Pos() int   { return e.At }
func (e *Var) Pos() int     { return e.At }
func (e *Number) Pos() int  { return e.At }
func (e *String) Pos() int  { return e.At }
func (e *Call) Pos() int    { return e.At }
func (e *Unary) Pos() int   { return e.At }
func (e *Binary) Pos() int  { return e.At }
func (e *IsNull) Pos() int  { return e.At }
func (e *Word) Pos() int    { return e.At }
func (e *In) Pos() int      { return e.At }
func (e *Between) Pos() int { return e.At }
func (e *Case) Pos() int    { return e.At }
func (e *Cast) Pos() int    { return e.At }

func (*Field) expr()   {}
func (*Var) expr()     {}
func (*Number) expr()  {}
func (*String) expr()  {}
func (*Call) expr()    {}
func (*Unary) expr()   {}
func (*Binary) expr()  {}
func (*IsNull) expr()  {}
func (*Word) expr()    {}
func (*In) expr()      {}
func (*Between) expr() {}
func (*Case) expr()    {}
func (*Cast) expr()    {}

// children are the operands and arguments of an expression.
func children(e Expr) []Expr {
	switch e := e.(type) {
	case *Call:
		if e.Filter != nil {
			return append(slices.Clone(e.Args), e.Filter)
		}
		return e.Args
	case *Unary:
		return []Expr{e.X}
	case *Binary:
		return []Expr{e.L, e.R}
	case *IsNull:
		return []Expr{e.X}
	case *Cast:
		return []Expr{e.X}
	case *In:
		return append([]Expr{e.X}, e.List...)
	case *Between:
		return []Expr{e.X, e.Lo, e.Hi}
	case *Case:
		return e.children()
	}
	return nil
}

func (e *Case) children() []Expr {
	var all []Expr
	if e.X != nil {
		all = append(all, e.X)
	}
	for _, w := range e.Whens {
		all = append(all, w.If, w.Then)
	}
	if e.Else != nil {
		all = append(all, e.Else)
	}
	return all
}
