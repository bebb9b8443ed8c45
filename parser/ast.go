package parser

import "time"

// Query is the syntax tree of one query. A clause that was not written has its
// field's zero value, but for Limit.
type Query struct {
	Text     string         // as written; not part of the query's identity
	Explain  bool           // explain select ...
	Select   []Item         // at least one
	From     string         // table, upper-cased; "" not written, "*" every line
	Format   string         // logformat, one of Formats; "" not written
	Set      []Assign       // in order; a later one sees the earlier
	Where    Expr           // nil: every line
	GroupBy  []Expr         // nil: not written
	Having   Expr           // nil: every group
	OrderBy  []Order        // most significant first
	Limit    int            // rows; -1 not written
	Interval time.Duration  // 0 not written
	Outfile  Outfile        // Path "" not written
	pos      map[string]int // byte offset of each clause's first keyword
}

// At is the byte offset at which a clause was written, for errors of later
// stages: explain, select, from, logformat, set, where, group, having, order
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

// Expr is an expression of the language: *Field, *Var, *Number, *String, *Call,
// *Unary, *Binary or *IsNull, and nothing else.
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
		Text string // as written: decimal digits, point, exponent; no sign
	}

	// String is a quoted literal.
	String struct {
		At    int
		Value string // without quotes and escapes
	}

	// Call is a function or an aggregate applied to its arguments.
	Call struct {
		At   int
		Func string // lower-case
		Args []Expr // count(*) has the one argument Var "*"
	}

	// Unary is an operator before its operand.
	Unary struct {
		At int
		Op string // "not", or "-" before a Number
		X  Expr
	}

	// Binary is an operator between two operands.
	//
	// Op is one of: and or == != < <= > >= eq ne contains lacks hasprefix
	// nhasprefix hassuffix nhassuffix =~ !~. Other spellings are replaced when
	// the query is read: = by ==, <> by !=, =< by <=, => by >=, ncontains by lacks.
	// The right operand of =~ and !~ is a *String that compiles as RE2.
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
)

func (e *Field) Pos() int  { return e.At }
func (e *Var) Pos() int    { return e.At }
func (e *Number) Pos() int { return e.At }
func (e *String) Pos() int { return e.At }
func (e *Call) Pos() int   { return e.At }
func (e *Unary) Pos() int  { return e.At }
func (e *Binary) Pos() int { return e.At }
func (e *IsNull) Pos() int { return e.At }

func (*Field) expr()  {}
func (*Var) expr()    {}
func (*Number) expr() {}
func (*String) expr() {}
func (*Call) expr()   {}
func (*Unary) expr()  {}
func (*Binary) expr() {}
func (*IsNull) expr() {}

// children are the operands and arguments of an expression.
func children(e Expr) []Expr {
	switch e := e.(type) {
	case *Call:
		return e.Args
	case *Unary:
		return []Expr{e.X}
	case *Binary:
		return []Expr{e.L, e.R}
	case *IsNull:
		return []Expr{e.X}
	}
	return nil
}
