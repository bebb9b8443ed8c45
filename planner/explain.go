package planner

import (
	"fmt"
	"strings"
)

// Explain shows how the query is run: as it was understood, what every host
// does, and what is done with what the hosts give.
func (p *Plan) Explain() string {
	var w strings.Builder
	fmt.Fprintf(&w, "query\n  %s\n", p.Query)
	fmt.Fprintf(&w, "each host\n  %s\n", p.Host.Text)
	p.Host.explain(&w)
	w.WriteString("here\n")
	p.explainMerge(&w)
	return w.String()
}

func (h *Host) explain(w *strings.Builder) {
	table := "every line"
	if h.Table != "" {
		table = "lines of table " + h.Table
	}
	explainRow(w, "reads", table+", logformat "+h.Format)
	var names []string
	for _, c := range h.Columns {
		names = append(names, c.Name)
	}
	if len(names) > 0 {
		explainRow(w, "cuts out", strings.Join(names, ", "))
	}
	if h.Parse != nil {
		explainRow(w, "parses", h.Parse.explain())
	}
	if h.Interval > 0 {
		explainRow(w, "windows", h.Interval.String()+", aligned to the clock, by arrival")
	}
	if len(h.Rows) > 0 {
		explainRow(w, "gives", "rows")
		return
	}
	explainRow(w, "gives", h.explainGroups())
}

func (p *Parsing) explain() string {
	if p.Regexp != "" {
		return "by a regular expression"
	}
	return fmt.Sprintf("by a template of %d parts", len(p.Parts))
}

func (h *Host) explainGroups() string {
	groups := ""
	if n := len(h.Keys); n == 1 {
		groups = "for each value of the group key"
	} else if n > 1 {
		groups = fmt.Sprintf("for each combination of %d group keys", n)
	}
	var aggs []string
	for _, a := range h.Aggs {
		aggs = append(aggs, a.Text)
	}
	if len(aggs) == 0 {
		return "a group " + groups
	}
	return strings.TrimSpace("partial " + strings.Join(aggs, ", ") + " " + groups)
}

func (p *Plan) explainMerge(w *strings.Builder) {
	do := "merges the states of equal groups"
	if len(p.Host.Rows) > 0 {
		do = "passes rows on as they come"
		if len(p.Merge.OrderBy) > 0 {
			do = "collects the rows"
		}
	}
	explainRow(w, "does", do)
	var titles []string
	for _, c := range p.Merge.Columns {
		if !c.Key {
			titles = append(titles, c.Title)
		}
	}
	explainRow(w, "shows", strings.Join(titles, ", "))
	if p.Merge.Having != nil {
		explainRow(w, "having", p.Query.Having.String())
	}
	if order := p.explainOrder(); order != "" {
		explainRow(w, "order", order)
	}
	if p.Merge.Limit >= 0 {
		explainRow(w, "limit", fmt.Sprint(p.Merge.Limit))
	}
	if p.Merge.Offset > 0 {
		explainRow(w, "leaves out", fmt.Sprintf("the first %d rows", p.Merge.Offset))
	}
	if p.Merge.Outfile.Path != "" {
		explainRow(w, "outfile", p.Merge.Outfile.Path)
	}
}

func (p *Plan) explainOrder() string {
	var keys []string
	for _, o := range p.Query.OrderBy {
		way := " descending"
		if o.Asc {
			way = " ascending"
		}
		keys = append(keys, o.Expr.String()+way)
	}
	switch {
	case len(p.Host.Keys) > 0:
		keys = append(keys, "group key ascending")
	case len(p.Host.Rows) > 0 && len(keys) == 0:
		keys = append(keys, "as each file has them")
	}
	return strings.Join(keys, ", ")
}

func explainRow(w *strings.Builder, name, text string) {
	fmt.Fprintf(w, "  %-9s %s\n", name, text)
}
