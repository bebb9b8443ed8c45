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
	explainRow(w, "cuts out", strings.Join(names, ", "))
	if h.Interval > 0 {
		explainRow(w, "windows", h.Interval.String()+", aligned to the clock, by arrival")
	}
	if len(h.Rows) > 0 {
		explainRow(w, "gives", "rows")
		return
	}
	var aggs []string
	for _, a := range h.Aggs {
		aggs = append(aggs, a.Text)
	}
	explainRow(w, "gives", fmt.Sprintf("partial states of %s for each of %d group keys",
		strings.Join(append(aggs, "the groups"), ", "), len(h.Keys)))
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
	explainRow(w, "order", p.explainOrder())
	if p.Merge.Limit >= 0 {
		explainRow(w, "limit", fmt.Sprint(p.Merge.Limit))
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
	case len(p.Host.Rows) == 0:
		keys = append(keys, "group key ascending")
	case len(keys) == 0:
		keys = append(keys, "as each file has them")
	}
	return strings.Join(keys, ", ")
}

func explainRow(w *strings.Builder, name, text string) {
	fmt.Fprintf(w, "  %-9s %s\n", name, text)
}
