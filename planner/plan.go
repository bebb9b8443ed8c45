// Package planner gives a query its meaning: it resolves names to slots, checks
// what the parser cannot know, and cuts the query once, into the half that runs
// where the logs are and the half that runs where the user is.
//
// [New] takes what package parser gives; package exec runs the two halves.
package planner

import (
	"net/netip"
	"time"

	"fantail/parser"
)

// Plan is a query that can be run.
type Plan struct {
	Query *parser.Query
	Host  Host
	Merge Merge
}

// Host is the half that runs on every host. It is a function of its Text alone:
// planning that again gives the same half, which is how it crosses the network.
type Host struct {
	Text     string        // the query of this half, canonical
	Format   string        // the log format's name
	Pattern  string        // of the format regex
	Table    string        // only lines of this table (MAPREDUCE:Table); "" every line
	Parse    *Parsing      // what gives the columns that are parsed; nil: nothing
	Columns  []Column      // what is cut out of each line or known of it; an expression's Slot counts from 0 here
	Where    Expr          // nil: every line
	Keys     []Expr        // what groups are made by
	Aggs     []Agg         // nil in a plan for rows
	Rows     []Expr        // the columns of a plan for rows; nil in a plan for aggregates
	Limit    int           // rows that one host need not exceed; -1 none
	Interval time.Duration // length of a window; 0 none
	Context  Context
}

// Raw tells whether the rows are the lines themselves, byte for byte.
func (h *Host) Raw() bool {
	if len(h.Rows) != 1 {
		return false
	}
	s, ok := h.Rows[0].(Slot)
	return ok && h.Columns[s].IsLine()
}

// CountsLines tells whether the numbers of lines in their files matter.
func (h *Host) CountsLines() bool {
	for _, c := range h.Columns {
		if c.Var && c.Name == "$lineno" {
			return true
		}
	}
	return h.Context.Numbered
}

// Context says which lines around a match are rows too, and how many matches of
// one file count, as grep's -B, -A and -m do. It is not part of the language.
type Context struct {
	Before   int  `json:"before,omitempty"`   // lines
	After    int  `json:"after,omitempty"`    // lines
	Max      int  `json:"max,omitempty"`      // matches of one file; 0 all
	Numbered bool `json:"numbered,omitempty"` // rows carry RowInfo
}

// Column is a value that every line has, or lacks.
type Column struct {
	Name   string // a field's name, or a variable's with its $
	Var    bool   // a variable, not a field
	Parsed bool   // a field that the parse clause gives
	Set    Expr   // what a set clause says it is; nil: the format or the engine gives it
}

// Parsing is how the parse clause cuts up a value.
type Parsing struct {
	Input  Expr
	Regexp string // RE2 with named groups; "": Parts
	Parts  []Part
}

// Part is a text that the value has, and the field behind it, up to the next text.
type Part struct {
	Text string // "" only in the first part
	Name string // "" only in the last part: none; "_": one that is not kept
}

// IsLine tells whether the column is the line itself.
func (c Column) IsLine() bool { return c.Var && c.Name == "$line" }

// Agg is one aggregate.
type Agg struct {
	Func   string // as in the language, but for "count distinct"; those of percentiles are all percentile
	Arg    Expr   // nil: every line (count(*))
	By     Expr   // of arg_min and arg_max: what is least or greatest; else nil
	Param  string // the literal that a percentile, topk or string_agg takes; else ""
	Filter Expr   // the lines that it takes; nil: all
	Text   string // canonical, as in the query
}

// Merge is the half that runs where the user is. Its expressions see one group:
// Slot i is key i, and beyond the keys aggregate i-len(Keys). In a plan for rows
// Slot i is Host.Rows[i].
type Merge struct {
	Columns  []Output
	Having   Expr    // nil: every group
	OrderBy  []Order // most significant first; then by key, ascending
	Limit    int     // -1 none
	Offset   int     // rows that are left out before the limit
	Distinct bool    // of equal rows only the first one counts
	Interval time.Duration
	Outfile  parser.Outfile
}

// Output is one column of the result.
type Output struct {
	Title  string
	Expr   Expr
	Key    bool // a group key that was not selected: shown in a table on a terminal only
	Number bool // the values are numbers, or null
}

// Order is one key of the result's order.
type Order struct {
	Expr Expr
	Asc  bool
}

// Expr is an expression over slots: Slot, Const, *Call, *Compare, *Logic, *Not,
// *Match, *Like, *InNetwork, *IsNull, *In, *Arith, *Concat, *Cast or *Case, and
// nothing else. A condition is a value too: the text true or false, or null.
type Expr interface{ expr() }

type (
	// Slot is the value in that slot.
	Slot int

	// Const is a literal.
	Const struct {
		Text   string
		Number bool   // written without quotes: what it is compared with must be a number
		Unit   string // of a number that is written with units: "s" or "B"; "" none
		Null   bool   // null
	}

	// Call is a row function, or in Merge ratio_to_total, percentage, percentile,
	// rate or delta, whose argument is the Slot of a sum; rate's second one is the
	// length of a window in seconds.
	Call struct {
		Func   string
		Args   []Expr
		Number bool // it gives a number, or null
	}

	// Arith is + - * / % on numbers; of anything else it is null.
	Arith struct {
		Op   string
		L, R Expr
	}

	// Concat is one text behind the other.
	Concat struct{ L, R Expr }

	// Cast is x::type: one of parser.Types.
	Cast struct {
		X    Expr
		Type string
	}

	// Case is the value of the first branch whose condition is true.
	Case struct {
		Whens []When
		Else  Expr
	}

	// Compare is == != < <= > >= (numbers, else text), or a text operator:
	// eq ne contains lacks hasprefix nhasprefix hassuffix nhassuffix.
	Compare struct {
		Op   string
		L, R Expr
	}

	// Logic is and, or: three-valued.
	Logic struct {
		Op   string // "and" or "or"
		L, R Expr
	}

	// Not is three-valued: not null is null.
	Not struct{ X Expr }

	// Match is x =~ "re", and with Negate x !~ "re".
	Match struct {
		X      Expr
		Regexp string // RE2
		Negate bool
	}

	// Like is x like pattern: % stands for any text, _ for one character, and a
	// backslash in front of either for itself.
	Like struct {
		X       Expr
		Pattern string
		Fold    bool // ilike: upper and lower case are the same
	}

	// InNetwork is x << network: x is an IP address in it.
	InNetwork struct {
		X   Expr
		Net netip.Prefix
	}

	// In is x == any of the list.
	In struct {
		X    Expr
		List []Expr
	}

	// IsNull is x is null, and with Negate x is not null.
	IsNull struct {
		X      Expr
		Negate bool
	}
)

// When is one branch of a Case.
type When struct{ If, Then Expr }

func (*Like) expr()      {}
func (*InNetwork) expr() {}
func (*In) expr()        {}
func (*Arith) expr()     {}
func (*Concat) expr()    {}
func (*Cast) expr()      {}
func (*Case) expr()      {}
func (Slot) expr()       {}
func (Const) expr()      {}
func (*Call) expr()      {}
func (*Compare) expr()   {}
func (*Logic) expr()     {}
func (*Not) expr()       {}
func (*Match) expr()     {}
func (*IsNull) expr()    {}
