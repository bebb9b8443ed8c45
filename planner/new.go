package planner

import (
	"fmt"
	"slices"

	"fantail/parser"
)

// New gives the query its meaning. Its errors are *parser.Error: they show the
// place in the query.
func New(q *parser.Query) (*Plan, error) {
	n, err := newNames(q)
	if err != nil {
		return nil, err
	}
	b := &builder{q: q, names: n, plan: &Plan{Query: q}}
	b.plan.Host = Host{
		Pattern:  q.Pattern,
		Interval: q.Interval,
		Limit:    -1,
	}
	if q.From != "*" {
		b.plan.Host.Table = q.From
	}
	b.plan.Merge = Merge{Limit: q.Limit, Offset: q.Offset, Interval: q.Interval, Outfile: q.Outfile}
	if err := b.build(); err != nil {
		return nil, err
	}
	b.plan.Host.Format = n.format
	b.plan.Host.Parse = n.parsing
	b.plan.Host.Columns = n.columns
	b.plan.Host.Text = b.hostQuery().String()
	return b.plan, nil
}

// builder makes the two halves of a plan side by side, since each aggregate and
// key that the user's half needs is one that the host's half must give.
type builder struct {
	q     *parser.Query
	names *names
	plan  *Plan
	keys  []parser.Expr // as written, aliases replaced
	given []parser.Expr // what the host's half gives beyond the keys: aggregates, or row columns
}

func (b *builder) build() error {
	if b.q.Where != nil {
		e, err := b.names.expr(b.q.Where)
		if err != nil {
			return err
		}
		b.plan.Host.Where = e
	}
	b.onlyTable()
	if b.grouped() {
		return b.aggregates()
	}
	return b.rows()
}

// onlyTable makes a condition of the table where the format has no place for it:
// as in DTail, the lines that have its mark somewhere.
func (b *builder) onlyTable() {
	h := &b.plan.Host
	if h.Table == "" || b.names.format == "default" {
		return
	}
	line := b.names.slot(varKey("$line"), Column{Name: "$line", Var: true})
	marked := &Compare{Op: "contains", L: line, R: Const{Text: "|MAPREDUCE:" + h.Table + "|"}}
	if h.Where == nil {
		h.Where = marked
		return
	}
	h.Where = &Logic{Op: "and", L: marked, R: h.Where}
}

// grouped tells whether the plan is for groups, not for rows.
func (b *builder) grouped() bool {
	return b.q.Distinct || b.summarised()
}

// summarised tells whether there are groups for another reason than distinct.
func (b *builder) summarised() bool {
	if len(b.q.GroupBy) > 0 || b.q.GroupAll || b.q.Having != nil {
		return true
	}
	for _, item := range b.q.Select {
		if parser.HasAggregate(item.Expr) {
			return true
		}
	}
	return false
}

// rows plans a query without aggregates: one row for each line.
func (b *builder) rows() error {
	if b.q.Interval > 0 {
		return b.q.Errorf(b.q.At("interval"), "count lines with count($line), or leave interval out to follow the lines themselves",
			"interval needs an aggregate or group by")
	}
	if err := b.outputs(); err != nil {
		return err
	}
	for _, e := range b.given {
		x, err := b.names.expr(e)
		if err != nil {
			return err
		}
		b.plan.Host.Rows = append(b.plan.Host.Rows, x)
	}
	if len(b.plan.Merge.OrderBy) == 0 {
		b.plan.Host.Limit = b.q.Limit
		if b.q.Limit >= 0 {
			b.plan.Host.Limit += b.q.Offset
		}
	}
	return nil
}

// aggregates plans a query for groups.
func (b *builder) aggregates() error {
	if err := b.groupKeys(); err != nil {
		return err
	}
	if err := b.outputs(); err != nil {
		return err
	}
	if b.q.Having != nil {
		e, err := b.aliased(b.q.Having)
		if err != nil {
			return err
		}
		b.plan.Merge.Having = e
	}
	for _, e := range b.given { // whatever needs it
		a, err := b.names.agg(e.(*parser.Call))
		if err != nil {
			return err
		}
		b.plan.Host.Aggs = append(b.plan.Host.Aggs, a)
	}
	return nil
}

// groupKeys resolves the group by clause. Without one, a bare first column makes
// the groups, as in DTail, where aggregates follow it.
func (b *builder) groupKeys() (err error) {
	if b.keys, err = b.writtenKeys(); err != nil {
		return err
	}
	if b.q.GroupAll || !b.summarised() {
		b.keys = b.selectedKeys()
	}
	b.plan.Merge.Distinct = b.q.Distinct && b.summarised()
	if first := b.q.Select[0].Expr; len(b.keys) == 0 && isName(first) {
		b.keys = []parser.Expr{first}
	}
	for _, k := range b.keys {
		e, err := b.names.expr(k)
		if err != nil {
			return err
		}
		b.plan.Host.Keys = append(b.plan.Host.Keys, e)
	}
	return nil
}

// writtenKeys are the expressions of the group by clause, each once.
func (b *builder) writtenKeys() ([]parser.Expr, error) {
	var keys []parser.Expr
	for _, k := range b.q.GroupBy {
		e := b.named(k)
		if parser.HasAggregate(e) {
			return nil, b.q.Errorf(k.Pos(), "having filters groups by it, order by orders them",
				"%s is the aggregate %s, but group by sees one line at a time", k, e)
		}
		keys = appendNew(keys, e)
	}
	return keys, nil
}

// appendNew appends e to a list that does not have it.
func appendNew(list []parser.Expr, e parser.Expr) []parser.Expr {
	if slices.ContainsFunc(list, func(x parser.Expr) bool { return x.String() == e.String() }) {
		return list
	}
	return append(list, e)
}

// selectedKeys are what is selected and has no aggregate. Without any other
// group, distinct groups by that.
func (b *builder) selectedKeys() []parser.Expr {
	var keys []parser.Expr
	for _, item := range b.q.Select {
		if e := b.wholeLine(item.Expr); !parser.HasAggregate(e) {
			keys = appendNew(keys, e)
		}
	}
	return keys
}

// orderIsSelected tells whether rows that are distinct can have an order.
func (b *builder) orderIsSelected(e parser.Expr) bool {
	if !b.q.Distinct {
		return true
	}
	return slices.ContainsFunc(b.q.Select, func(i parser.Item) bool {
		return b.wholeLine(i.Expr).String() == b.unalias(e).String()
	})
}

// outputs resolves the select and order by clauses over what the hosts give, and
// so collects what they must give.
func (b *builder) outputs() error {
	for _, item := range b.q.Select {
		e, err := b.merged(b.wholeLine(item.Expr))
		if err != nil {
			return err
		}
		b.plan.Merge.Columns = append(b.plan.Merge.Columns, Output{Title: item.Title(), Expr: e, Number: isNumeric(item.Expr)})
	}
	for _, o := range b.q.OrderBy {
		if !b.orderIsSelected(o.Expr) {
			return b.q.Errorf(o.Expr.Pos(), "select it too", "with distinct, rows can be ordered by what is selected only")
		}
		e, err := b.aliased(o.Expr)
		if err != nil {
			return err
		}
		b.plan.Merge.OrderBy = append(b.plan.Merge.OrderBy, Order{Expr: e, Asc: o.Asc})
	}
	if !b.q.Distinct {
		b.unselectedKeys()
	}
	return nil
}

// unselectedKeys puts the keys that are not selected in front: a table on a
// terminal shows them, so that its rows can be told apart.
func (b *builder) unselectedKeys() {
	var lead []Output
	for i, k := range b.keys {
		selected := false
		for _, c := range b.plan.Merge.Columns {
			selected = selected || c.Expr == Slot(i)
		}
		if !selected && !isLiteral(k) {
			lead = append(lead, Output{Title: k.String(), Expr: Slot(i), Key: true})
		}
	}
	b.plan.Merge.Columns = append(lead, b.plan.Merge.Columns...)
}

// wholeLine says what * is as a column of rows: the line.
func (b *builder) wholeLine(e parser.Expr) parser.Expr {
	if v, ok := e.(*parser.Var); ok && v.Name == "*" && !b.summarised() {
		return &parser.Var{At: v.At, Name: "$line"}
	}
	return e
}

// merged resolves an expression of the user's half.
func (b *builder) merged(e parser.Expr) (Expr, error) { return b.resolve(e, b.merged) }

// aliased does the same where names of output columns are known. What such a
// name stands for knows them not: in lower(x) as x the inner x is the field.
func (b *builder) aliased(e parser.Expr) (Expr, error) {
	if x := b.unalias(e); x != e {
		return b.merged(x)
	}
	return b.resolve(e, b.aliased)
}

func (b *builder) resolve(e parser.Expr, sub func(parser.Expr) (Expr, error)) (Expr, error) {
	for i, k := range b.keys {
		if k.String() == e.String() && !isLiteral(e) { // functions need to see their literals
			return Slot(i), nil
		}
	}
	switch {
	case isAggregate(e) && e.(*parser.Call).OverGroups():
		return b.overGroups(e.(*parser.Call))
	case isAggregate(e):
		return b.give(e), nil
	case isName(e) && b.grouped():
		return b.give(&parser.Call{At: e.Pos(), Func: "last", Args: []parser.Expr{e}}), nil
	case !b.grouped():
		return b.give(e), nil
	}
	return translate(b.q, e, sub)
}

// give returns the slot of what the hosts must give for e.
func (b *builder) give(e parser.Expr) Slot {
	for i, g := range b.given {
		if g.String() == e.String() {
			return Slot(len(b.keys) + i)
		}
	}
	b.given = append(b.given, e)
	return Slot(len(b.keys) + len(b.given) - 1)
}

// unalias replaces the name of an output column by what it stands for.
func (b *builder) unalias(e parser.Expr) parser.Expr {
	if x := b.named(e); x != e {
		return x
	}
	f, ok := e.(*parser.Field)
	if !ok {
		return e
	}
	for _, item := range b.q.Select {
		if item.As == "" && isTitle(item, f) {
			return item.Expr
		}
	}
	return e
}

// named does so where the column was given its name with as.
func (b *builder) named(e parser.Expr) parser.Expr {
	f, ok := e.(*parser.Field)
	if !ok {
		return e
	}
	for _, item := range b.q.Select {
		if item.As == f.Name {
			return item.Expr
		}
	}
	return e
}

// isTitle tells whether a back-ticked name is the title of an aggregate's
// column, as in: order by `count($line)`.
func isTitle(item parser.Item, f *parser.Field) bool {
	return isAggregate(item.Expr) && item.Title() == f.Name
}

// hostQuery is the host's half as a query: no order, having or outfile.
func (b *builder) hostQuery() *parser.Query {
	h := &parser.Query{
		From:     b.q.From,
		Format:   b.q.Format,
		Pattern:  b.q.Pattern,
		Parse:    b.q.Parse,
		Set:      b.q.Set,
		Where:    b.q.Where,
		GroupBy:  b.keys,
		Limit:    b.plan.Host.Limit,
		Interval: b.q.Interval,
	}
	give := b.given
	if len(give) == 0 {
		give = b.keys
	}
	h.Select = b.hostItems(give)
	return h
}

// hostItems are the columns of the host's half. Those whose titles are equal, as
// $x and `$x`, get names, none of which is a key's: group by would take it.
func (b *builder) hostItems(give []parser.Expr) []parser.Item {
	taken := map[string]bool{}
	for _, e := range slices.Concat(give, b.keys) {
		taken[parser.Item{Expr: e}.Title()] = true
	}
	var items []parser.Item
	seen := map[string]bool{}
	for i, e := range give {
		item := parser.Item{Expr: e}
		if seen[item.Title()] {
			item.As = fmt.Sprintf("c%d", i)
			for taken[item.As] {
				item.As += "_"
			}
			taken[item.As] = true
		}
		seen[item.Title()] = true
		items = append(items, item)
	}
	return items
}

func isLiteral(e parser.Expr) bool {
	switch e.(type) {
	case *parser.Number, *parser.String, *parser.Word:
		return true
	}
	return false
}

func isName(e parser.Expr) bool {
	switch e.(type) {
	case *parser.Field, *parser.Var:
		return true
	}
	return false
}

// isNumeric tells whether an expression's values are numbers, and not text that
// may look like one.
func isNumeric(e parser.Expr) bool {
	switch e := e.(type) {
	case *parser.Number:
		return true
	case *parser.Unary:
		return e.Op == "-"
	case *parser.Binary:
		return slices.Contains([]string{"+", "-", "*", "/", "%"}, e.Op)
	case *parser.Cast:
		return e.Type != "string"
	case *parser.Call:
		return e.IsNumber()
	}
	return false
}
