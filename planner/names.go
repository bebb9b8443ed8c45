package planner

import (
	"slices"
	"strings"

	"fantail/parser"
)

// names resolves the names of a query's host half to slots.
type names struct {
	q       *parser.Query
	format  string
	guess   bool            // nothing says which format it is: auto, once a name needs one
	slots   map[string]Slot // by fieldKey or varKey
	columns []Column
	parsed  []string // the fields of the parse clause
	parsing *Parsing
	sets    map[string]*parser.Assign // the assignments before the place that is being resolved
}

// parse resolves the parse clause, whose input is made of what the format gives.
func (n *names) parse(p *parser.Parsing) (err error) {
	if p == nil {
		return nil
	}
	input := p.Input
	if input == nil {
		input = &parser.Var{At: p.Pos, Name: "$line"}
	}
	n.parsing = &Parsing{}
	if n.parsing.Input, err = n.expr(input); err != nil {
		return err
	}
	n.parsed = p.Names()
	if p.Regexp {
		n.parsing.Regexp = p.Text
		return nil
	}
	for _, part := range parser.Template(p.Text) {
		n.parsing.Parts = append(n.parsing.Parts, Part(part))
	}
	return nil
}

// newNames checks the set clause and knows its variables.
func newNames(q *parser.Query) (*names, error) {
	n := &names{q: q, format: q.Format, slots: map[string]Slot{}, sets: map[string]*parser.Assign{}}
	if n.format == "" {
		n.format, n.guess = "generic", q.From == ""
		if !n.guess {
			n.format = "default"
		}
	}
	if err := n.parse(q.Parse); err != nil {
		return nil, err
	}
	for i := range q.Set {
		a := &q.Set[i]
		if IsCommon(a.Name) {
			return nil, q.Errorf(a.Pos, "choose another name", "%s is given by the engine and cannot be set", a.Name)
		}
		if n.sets[a.Name] != nil {
			return nil, q.Errorf(a.Pos, "", "%s is set twice", a.Name)
		}
		e, err := n.expr(a.Expr)
		if err != nil {
			return nil, err
		}
		n.sets[a.Name] = a
		n.slots[varKey(a.Name)] = Slot(len(n.columns))
		n.columns = append(n.columns, Column{Name: a.Name, Var: true, Set: e})
	}
	return n, nil
}

// expr resolves an expression over one line.
func (n *names) expr(e parser.Expr) (Expr, error) {
	switch e := e.(type) {
	case *parser.Field:
		return n.field(e)
	case *parser.Var:
		return n.variable(e)
	}
	return translate(n.q, e, n.expr)
}

func (n *names) field(f *parser.Field) (Expr, error) {
	if slices.Contains(n.parsed, f.Name) {
		return n.slot("parsed "+f.Name, Column{Name: f.Name, Parsed: true}), nil
	}
	n.need()
	if !hasFields(n.format) {
		return nil, n.q.Errorf(f.At, n.fieldHint(f), "logformat %s has no fields, so no %s", n.format, f)
	}
	if fields := fieldsOf(n.q, n.format); fields != nil && !isField(n.format, f.Name) && !slices.Contains(fields, f.Name) {
		return nil, n.q.Errorf(f.At, n.nearField(f.Name, append(fields, n.parsed...)), "logformat %s has no field %s", n.format, f)
	}
	return n.slot(fieldKey(f.Name), Column{Name: f.Name}), nil
}

// need says that a name was found that only a format can give.
func (n *names) need() {
	if n.guess {
		n.format = "auto"
	}
}

// nearField is the name that a wrong one may have been meant to be, else all that
// there are.
func (n *names) nearField(name string, fields []string) string {
	if near := parser.Nearest(name, fields); near != "" {
		return "did you mean " + near + "?"
	}
	if known := append(common(), variables(n.format)...); slices.Contains(known, "$"+name) {
		return "did you mean $" + name + "?"
	}
	return "known: " + strings.Join(fields, ", ")
}

// fieldHint is what somebody meant who names a field where there is none.
func (n *names) fieldHint(f *parser.Field) string {
	if near := parser.Nearest(f.Name, n.parsed); near != "" {
		return "did you mean " + near + "?"
	}
	if slices.Contains(common(), "$"+f.Name) {
		return "did you mean $" + f.Name + "?"
	}
	return "say how the lines are to be read: from TABLE, or logformat NAME; a text is written in quotes"
}

func (n *names) variable(v *parser.Var) (Expr, error) {
	if n.sets[v.Name] != nil {
		return n.slots[varKey(v.Name)], nil
	}
	if n.guess && slices.Contains(variables("auto"), v.Name) {
		n.need()
	}
	known := append(common(), variables(n.format)...)
	if slices.Contains(known, v.Name) {
		return n.slot(varKey(v.Name), Column{Name: v.Name, Var: true}), nil
	}
	for name := range n.sets {
		known = append(known, name)
	}
	slices.Sort(known)
	hint := ""
	if near := parser.Nearest(v.Name, known); near != "" {
		hint = "did you mean " + near + "?"
	} else if hasFields(n.format) {
		hint = "a field of the line is written without $: " + v.Name[1:]
	}
	return nil, n.q.Errorf(v.At, hint, "logformat %s gives no %s", n.format, v.Name)
}

// A field may have a variable's name, as in a csv file with a column $hostname.
func fieldKey(name string) string { return "field " + name }
func varKey(name string) string   { return "variable " + name }

// slot returns the column's slot, which it makes when the key is new.
func (n *names) slot(key string, c Column) Slot {
	if s, ok := n.slots[key]; ok {
		return s
	}
	s := Slot(len(n.columns))
	n.slots[key] = s
	n.columns = append(n.columns, c)
	return s
}

// agg resolves an aggregate. Every line has $line and *, so that counting them
// needs no column.
func (n *names) agg(c *parser.Call) (Agg, error) {
	a := Agg{Text: c.String()}
	if c.Filter != nil {
		filter, err := n.expr(c.Filter)
		if err != nil {
			return a, err
		}
		a.Filter = filter
	}
	a.Func, a.Param = aggFunc(c)
	if v, ok := c.Args[0].(*parser.Var); ok && a.Func == "count" && (v.Name == "*" || v.Name == "$line") {
		return a, nil
	}
	var err error
	if a.Arg, err = n.expr(c.Args[0]); err == nil && (c.Func == "arg_min" || c.Func == "arg_max") {
		a.By, err = n.expr(c.Args[1])
	}
	return a, err
}

// aggFunc is the function of an aggregate, and the literal that it takes.
func aggFunc(c *parser.Call) (name, param string) {
	switch {
	case c.Distinct:
		return "count distinct", ""
	case c.Func == "median":
		return "percentile", "0.5"
	case c.Func == "p50", c.Func == "p90", c.Func == "p95", c.Func == "p99":
		return "percentile", "0." + c.Func[1:]
	case len(c.Args) < 2 || c.Func == "arg_min" || c.Func == "arg_max":
		return c.Func, ""
	}
	switch literal := c.Args[1].(type) {
	case *parser.Number:
		return c.Func, literal.Text
	case *parser.String:
		return c.Func, literal.Value
	}
	return c.Func, ""
}
