package parser

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/alecthomas/participle/v2/lexer"
)

// builder makes a Query of the grammar's structs, clause by clause.
type builder struct{ q *Query }

// build gives the query of a statement, or what is wrong with it.
func build(text string, raw *statement) (*Query, *Error) {
	b := builder{&Query{Text: text, Explain: raw.Explain, Limit: -1, pos: map[string]int{}}}
	for _, c := range raw.Clauses {
		if err := b.note(c.Tokens[0]); err != nil {
			return nil, err
		}
		if err := b.clause(c); err != nil {
			return nil, err
		}
	}
	if err := check(b.q); err != nil {
		return nil, err
	}
	return b.q, nil
}

// note remembers where a clause is, and refuses a second one.
func (b builder) note(keyword lexer.Token) *Error {
	name := strings.TrimPrefix(keyword.Value, "r") // rorder
	first, twice := b.q.pos[name]
	if !twice {
		b.q.pos[name] = keyword.Pos.Offset
		return nil
	}
	if word := b.q.Text[first:][:len(keyword.Value)]; !strings.EqualFold(word, keyword.Value) {
		return b.q.Errorf(keyword.Pos.Offset, "", "order by and rorder by exclude each other")
	}
	return b.q.Errorf(keyword.Pos.Offset, "", "a second %s clause", quote(keyword.Value))
}

// clause is a flat switch over all clauses.
func (b builder) clause(c *clause) (err *Error) {
	q := b.q
	switch c.Tokens[0].Value {
	case "select":
		q.Distinct = c.Distinct
		return b.columns(c.Select)
	case "from":
		q.From = table(c.From)
	case "logformat":
		return b.logformat(c.Logformat)
	case "parse":
		return b.parse(c.Parse)
	case "set":
		for _, a := range c.Set {
			q.Set = append(q.Set, Assign{a.Var.Pos.Offset, a.Var.Value, a.Expr})
		}
	case "where":
		q.Where, err = b.conditions(c.Where)
	case "group":
		q.GroupAll = c.All
		q.GroupBy, err = b.values(c.Group)
	case "having":
		q.Having, err = b.conditions(c.Having)
	case "order":
		return b.order(c.Order)
	case "rorder":
		return b.rorder(c.Rorder)
	case "limit":
		return b.limit(c.Limit, c.Offset)
	case "interval":
		return b.interval(c.Interval)
	case "outfile":
		return b.outfile(c.Outfile)
	}
	return err
}

func (b builder) columns(columns []*column) *Error {
	items := make([]*item, len(columns))
	for i, c := range columns {
		items[i] = &c.item
		b.q.Select = append(b.q.Select, Item{c.Expr, nameOf(c.As)})
	}
	return separated(b.q, items)
}

// nameOf is the name that a token stands for; nil: "".
func nameOf(t *lexer.Token) string {
	switch {
	case t == nil:
		return ""
	case t.Type == tokenQuoted:
		return unquote(t.Value)
	}
	return t.Value
}

// table is the table's name in upper case, as DTail writes it into its lines.
func table(t *lexer.Token) string {
	if t.Type == tokenOperator { // * or .
		return "*"
	}
	return strings.ToUpper(nameOf(t))
}

func (b builder) logformat(f *logformat) *Error {
	b.q.Format = nameOf(&f.Name)
	if !slices.Contains(Formats(), b.q.Format) {
		hint := didYouMean(Nearest(b.q.Format, Formats()))
		if hint == "" {
			hint = "known: " + strings.Join(Formats(), ", ")
		}
		return b.q.Errorf(f.Name.Pos.Offset, hint, "unknown log format %s", quote(b.q.Format))
	}
	return b.pattern(f)
}

// pattern reads what must stand behind logformat regex, and behind no other.
func (b builder) pattern(f *logformat) *Error {
	t := f.Pattern
	switch {
	case b.q.Format != "regex" && t == nil:
		return nil
	case b.q.Format != "regex":
		return b.q.Errorf(t.Pos.Offset, "logformat regex does", "logformat %s takes no pattern", b.q.Format)
	case t == nil:
		return b.q.Errorf(f.Name.Pos.Offset, `for example: logformat regex "(?P<ip>\S+) (?P<status>\d+)"`, "logformat regex needs a pattern in quotes")
	}
	b.q.Pattern = unquote(t.Value)
	if err := checkPattern(b.q, &String{At: t.Pos.Offset, Value: b.q.Pattern}); err != nil {
		return err
	}
	if len(b.q.Groups()) == 0 {
		return b.q.Errorf(t.Pos.Offset, `a group with a name is a field: (?P<ip>\S+)`, "the pattern has no group with a name")
	}
	return nil
}

// Groups are the names of the groups in the pattern of logformat regex.
func (q *Query) Groups() []string {
	return groups(q.Pattern)
}

func groups(pattern string) []string {
	var names []string
	for _, name := range regexp.MustCompile(pattern).SubexpNames() {
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// values gives the expressions of a list.
func (b builder) values(items []*item) ([]Expr, *Error) {
	var list []Expr
	for _, it := range items {
		list = append(list, it.Expr)
	}
	return list, separated(b.q, items)
}

// conditions joins the items of a list: a comma, or nothing at all, means and.
// Behind nothing at all, a value could be a clause that is misspelt.
func (b builder) conditions(items []*item) (Expr, *Error) {
	var all Expr
	for i, it := range items {
		if !isCondition(it.Expr) && (i > 0 && touches(items[i-1], it) || !mayBeCondition(it.Expr)) {
			return nil, notCondition(b.q, it.Expr)
		}
		if all == nil {
			all = it.Expr
		} else {
			all = &Binary{At: all.Pos(), OpAt: it.Pos.Offset, Op: "and", L: all, R: it.Expr}
		}
	}
	return all, nil
}

func (b builder) order(keys []*sortKey) *Error {
	items := make([]*item, len(keys))
	for i, k := range keys {
		items[i] = &k.item
		b.q.OrderBy = append(b.q.OrderBy, Order{k.Expr, k.Direction == "asc"})
	}
	return separated(b.q, items)
}

func (b builder) rorder(items []*item) *Error {
	for _, it := range items {
		b.q.OrderBy = append(b.q.OrderBy, Order{it.Expr, true})
	}
	return separated(b.q, items)
}

func (b builder) limit(limit, offset *lexer.Token) (err *Error) {
	if b.q.Limit, err = b.rows("limit", limit); err != nil || offset == nil {
		return err
	}
	b.q.Offset, err = b.rows("offset", offset)
	return err
}

// rows reads a number of rows. The sum of two must be one too.
func (b builder) rows(clause string, t *lexer.Token) (int, *Error) {
	n, err := strconv.Atoi(t.Value)
	if err != nil || n > 1e15 {
		return 0, b.q.Errorf(t.Pos.Offset, "", "%s takes a whole number of rows, not %s", clause, t.Value)
	}
	return n, nil
}

func (b builder) interval(t *lexer.Token) *Error {
	d, err := parseDuration(t.Value)
	if err != nil || d == 0 {
		return b.q.Errorf(t.Pos.Offset, "seconds such as 60, or 90s, 5m, 1h30m",
			"interval takes a length of time, not %s", t.Value)
	}
	b.q.Interval = d
	return nil
}

func (b builder) outfile(o *outfile) *Error {
	path := o.Path.Value
	if o.Path.Type != tokenPath {
		path = unquote(path)
	}
	if path == "" {
		return b.q.Errorf(o.Path.Pos.Offset, "", "the path is empty")
	}
	b.q.Outfile = Outfile{Pos: o.Path.Pos.Offset, Path: path, Append: o.Append}
	return nil
}
