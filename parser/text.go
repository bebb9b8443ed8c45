package parser

import (
	"strconv"
	"strings"
)

// String is the canonical text: one line, clauses in a fixed order, no more
// parentheses than needed. It parses to an equal query.
func (q *Query) String() string {
	var b strings.Builder
	if q.Explain {
		b.WriteString("explain ")
	}
	b.WriteString("select ")
	if q.Distinct {
		b.WriteString("distinct ")
	}
	b.WriteString(join(q.Select))
	write := func(keyword, text string) {
		if text != "" {
			b.WriteString(" " + keyword + " " + text)
		}
	}
	write("from", tableText(q.From))
	write("logformat", quoteEmpty(q.Format))
	if q.Pattern != "" {
		b.WriteString(" " + quoteString(q.Pattern))
	}
	write("parse", q.Parse.String())
	write("set", join(q.Set))
	write("where", exprText(q.Where))
	write("group by", join(q.GroupBy))
	if q.GroupAll {
		write("group by", "all")
	}
	write("having", exprText(q.Having))
	write("order by", join(q.OrderBy))
	if q.Limit >= 0 {
		write("limit", strconv.Itoa(q.Limit))
	}
	if q.Offset > 0 {
		write("offset", strconv.Itoa(q.Offset))
	}
	write("interval", formatDuration(q.Interval))
	write("outfile", q.Outfile.String())
	return b.String()
}

// join writes the items of a list.
func join[T interface{ String() string }](items []T) string {
	texts := make([]string, len(items))
	for i, item := range items {
		texts[i] = item.String()
	}
	return strings.Join(texts, ", ")
}

func tableText(table string) string {
	if table == "*" {
		return table
	}
	return quoteEmpty(table)
}

// quoteEmpty quotes a name if there is one.
func quoteEmpty(name string) string {
	if name == "" {
		return ""
	}
	return quoteName(name)
}

func (i Item) String() string {
	if i.As == "" {
		return i.Expr.String()
	}
	return i.Expr.String() + " as " + quoteName(i.As)
}

func (a Assign) String() string { return a.Name + " = " + a.Expr.String() }

func (o Order) String() string {
	if o.Asc {
		return o.Expr.String() + " asc"
	}
	return o.Expr.String() + " desc"
}

// String puts an input in parentheses that would be taken for something else.
func (p *Parsing) String() string {
	if p == nil {
		return ""
	}
	input, word := "", ""
	if p.Input != nil {
		input = p.Input.String() + " "
		if input[0] == '"' || strings.HasPrefix(input, "regex") {
			input = "(" + p.Input.String() + ") "
		}
	}
	if p.Regexp {
		word = "regex "
	}
	return input + word + quoteString(p.Text)
}

func (o Outfile) String() string {
	switch {
	case o.Path == "":
		return ""
	case o.Append:
		return "append " + quoteString(o.Path)
	}
	return quoteString(o.Path)
}

func (e *Field) String() string   { return exprText(e) }
func (e *Var) String() string     { return exprText(e) }
func (e *Number) String() string  { return exprText(e) }
func (e *String) String() string  { return exprText(e) }
func (e *Call) String() string    { return exprText(e) }
func (e *Unary) String() string   { return exprText(e) }
func (e *Binary) String() string  { return exprText(e) }
func (e *IsNull) String() string  { return exprText(e) }
func (e *Word) String() string    { return exprText(e) }
func (e *In) String() string      { return exprText(e) }
func (e *Between) String() string { return exprText(e) }
func (e *Case) String() string    { return exprText(e) }
func (e *Cast) String() string    { return exprText(e) }

// exprText is the canonical text of an expression; nil: "".
func exprText(e Expr) string {
	var b strings.Builder
	writeExpr(&b, e)
	return b.String()
}

// writeExpr is a flat switch over all expressions. It writes into one buffer, as
// a chain of thousands of ands is a tree as deep.
func writeExpr(b *strings.Builder, e Expr) {
	switch e := e.(type) {
	case *Field:
		b.WriteString(quoteName(e.Name))
	case *Var:
		b.WriteString(e.Name)
	case *Number:
		b.WriteString(e.Text)
	case *String:
		b.WriteString(quoteString(e.Value))
	case *Call:
		writeCall(b, e)
	case *Unary:
		writeUnary(b, e)
	case *Word:
		b.WriteString(e.Text)
	case *Case:
		writeCase(b, e)
	case *Cast:
		writeOperand(b, e.X, precCast)
		b.WriteString("::" + e.Type)
	case *In:
		writeOperand(b, e.X, precCompare+1)
		b.WriteString(" in ")
		writeList(b, e.List)
	case *Between:
		writeOperand(b, e.X, precCompare+1)
		b.WriteString(" between ")
		writeOperand(b, e.Lo, precCompare+1)
		b.WriteString(" and ")
		writeOperand(b, e.Hi, precCompare+1)
	case *Binary:
		writeBinary(b, e)
	case *IsNull:
		writeOperand(b, e.X, precCompare+1)
		b.WriteString(" is ")
		if e.Not {
			b.WriteString("not ")
		}
		b.WriteString("null")
	}
}

func writeCall(b *strings.Builder, e *Call) {
	b.WriteString(e.Func)
	b.WriteByte('(')
	if e.Distinct {
		b.WriteString("distinct ")
	}
	writeItems(b, e.Args)
	b.WriteByte(')')
	if e.Filter != nil {
		b.WriteString(" filter (where ")
		writeExpr(b, e.Filter)
		b.WriteByte(')')
	}
}

// writeUnary puts parentheses around a second minus: two of them side by side
// begin a comment.
func writeUnary(b *strings.Builder, e *Unary) {
	if e.Op == "not" {
		b.WriteString("not ")
		writeOperand(b, e.X, precNot)
		return
	}
	b.WriteString(e.Op)
	writeOperand(b, e.X, precSign+1)
}

func writeCase(b *strings.Builder, e *Case) {
	b.WriteString("case")
	write := func(word string, e Expr) {
		if e != nil {
			b.WriteString(word)
			writeExpr(b, e)
		}
	}
	write(" ", e.X)
	for _, w := range e.Whens {
		write(" when ", w.If)
		write(" then ", w.Then)
	}
	write(" else ", e.Else)
	b.WriteString(" end")
}

// writeList writes expressions in parentheses.
func writeList(b *strings.Builder, list []Expr) {
	b.WriteByte('(')
	writeItems(b, list)
	b.WriteByte(')')
}

func writeItems(b *strings.Builder, list []Expr) {
	for i, e := range list {
		if i > 0 {
			b.WriteString(", ")
		}
		writeExpr(b, e)
	}
}

// writeBinary leaves out the parentheses of (a and b) and c; comparisons do not
// chain, so theirs are needed on both sides.
func writeBinary(b *strings.Builder, e *Binary) {
	prec := precedence(e)
	left := prec
	if prec == precCompare {
		left++
	}
	writeOperand(b, e.L, left)
	b.WriteString(" " + e.Op + " ")
	writeOperand(b, e.R, prec+1)
}

// writeOperand puts parentheses around what binds weaker than its place needs.
func writeOperand(b *strings.Builder, e Expr, min int) {
	if precedence(e) < min {
		b.WriteByte('(')
		defer b.WriteByte(')')
	}
	writeExpr(b, e)
}
