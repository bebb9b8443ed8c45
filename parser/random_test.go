package parser

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestRoundTrip writes random queries and reads them again.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := queries().Draw(t, "query")
		testRoundTrip(t, q)
	})
}

// queries generates everything that Parse can give.
func queries() *rapid.Generator[*Query] {
	return rapid.Custom(func(t *rapid.T) *Query {
		q := &Query{
			Explain:  rapid.Bool().Draw(t, "explain"),
			Select:   rapid.SliceOfNDistinct(items(), 1, 4, Item.Title).Draw(t, "select"),
			From:     rapid.OneOf(rapid.SampledFrom([]string{"", "*", ".", "STATS", "SELECT"}), rapid.StringMatching(`[A-Z .-]+`)).Draw(t, "from"),
			Format:   rapid.SampledFrom(append(Formats(), "")).Draw(t, "format"),
			Set:      rapid.SliceOfN(assigns(), 0, 2).Draw(t, "set"),
			GroupBy:  rapid.SliceOfN(values(2, false), 0, 2).Draw(t, "group"),
			OrderBy:  rapid.SliceOfN(orders(), 0, 2).Draw(t, "order"),
			Limit:    rapid.IntRange(-1, 1e9).Draw(t, "limit"),
			Interval: time.Duration(rapid.Int64Range(0, 1e10).Draw(t, "interval")) * time.Millisecond,
			Outfile:  Outfile{Path: rapid.String().Draw(t, "path")},
		}
		q.Outfile.Append = q.Outfile.Path != "" && rapid.Bool().Draw(t, "append")
		if rapid.Bool().Draw(t, "has where") {
			q.Where = conditions(3, false).Draw(t, "where")
		}
		if q.Set, q.GroupBy, q.OrderBy = orNil(q.Set), orNil(q.GroupBy), orNil(q.OrderBy); q.GroupBy != nil {
			q.Having = conditions(2, true).Draw(t, "having")
		}
		return q
	})
}

// orNil makes of an empty slice the one that Parse gives.
func orNil[T any](s []T) []T {
	if len(s) == 0 {
		return nil
	}
	return s
}

func items() *rapid.Generator[Item] {
	return rapid.Custom(func(t *rapid.T) Item {
		return Item{values(3, true).Draw(t, "column"), rapid.OneOf(rapid.Just(""), names()).Draw(t, "as")}
	})
}

func assigns() *rapid.Generator[Assign] {
	return rapid.Custom(func(t *rapid.T) Assign {
		return Assign{Name: variables().Draw(t, "variable"), Expr: values(2, false).Draw(t, "value")}
	})
}

func orders() *rapid.Generator[Order] {
	return rapid.Custom(func(t *rapid.T) Order {
		return Order{values(2, true).Draw(t, "key"), rapid.Bool().Draw(t, "ascending")}
	})
}

func names() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.SampledFrom([]string{"a", "like", "count", "append", "`", "``", "a b", "$x", "1", "SELECT", "x.y"}),
		rapid.StringN(1, 8, -1))
}

func variables() *rapid.Generator[string] { return rapid.StringMatching(`\$[a-zA-Z0-9_.]+`) }

func literals() *rapid.Generator[*String] {
	return rapid.Custom(func(t *rapid.T) *String {
		return &String{Value: rapid.OneOf(rapid.StringMatching(`[\\"' a]*`), rapid.String()).Draw(t, "text")}
	})
}

// values generates values whose calls nest at most so deep; over groups, calls
// may be aggregates.
func values(depth int, groups bool) *rapid.Generator[Expr] {
	return rapid.Custom(func(t *rapid.T) Expr {
		number := rapid.StringMatching(`[0-9]{1,4}(\.[0-9]{1,3})?([eE][+-]?[0-9]{1,2})?`)
		kinds := 5
		if depth > 0 {
			kinds = 6
		}
		switch rapid.IntRange(0, kinds).Draw(t, "kind") {
		case 0:
			return &Field{Name: names().Draw(t, "name")}
		case 1:
			return &Var{Name: variables().Draw(t, "variable")}
		case 2:
			return &Var{Name: "*"}
		case 3:
			return &Number{Text: number.Draw(t, "number")}
		case 4:
			return &Unary{Op: "-", X: &Number{Text: number.Draw(t, "number")}}
		case 5:
			return literals().Draw(t, "literal")
		}
		f := rapid.SampledFrom(functions()).Filter(func(f function) bool { return groups || !f.aggregate }).Draw(t, "function")
		return &Call{Func: f.name, Args: []Expr{values(depth-1, groups && !f.aggregate).Draw(t, "argument")}}
	})
}

// conditions generates conditions that nest at most so deep.
func conditions(depth int, groups bool) *rapid.Generator[Expr] {
	return rapid.Custom(func(t *rapid.T) Expr {
		kinds := 2
		if depth > 0 {
			kinds = 4
		}
		switch rapid.IntRange(0, kinds).Draw(t, "kind") {
		case 0:
			return &IsNull{X: values(1, groups).Draw(t, "value"), Not: rapid.Bool().Draw(t, "not")}
		case 1:
			op := rapid.SampledFrom([]string{"=~", "!~"}).Draw(t, "match")
			pattern := rapid.SampledFrom([]string{"", `\d+`, `"\\"`, `^(a|b)\.$`}).Draw(t, "pattern")
			return &Binary{Op: op, L: values(1, groups).Draw(t, "left"), R: &String{Value: pattern}}
		case 2:
			op := rapid.SampledFrom([]string{"==", "!=", "<", "<=", ">", ">=", "eq", "ne", "contains", "lacks",
				"hasprefix", "nhasprefix", "hassuffix", "nhassuffix"}).Draw(t, "comparison")
			return &Binary{Op: op, L: values(1, groups).Draw(t, "left"), R: values(1, groups).Draw(t, "right")}
		case 3:
			return &Unary{Op: "not", X: conditions(depth-1, groups).Draw(t, "operand")}
		}
		op := rapid.SampledFrom([]string{"and", "or"}).Draw(t, "logic")
		return &Binary{Op: op, L: conditions(depth-1, groups).Draw(t, "left"), R: conditions(depth-1, groups).Draw(t, "right")}
	})
}
