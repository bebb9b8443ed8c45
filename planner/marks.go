package planner

// Marks are, for each column of the result, how the rows are ordered by it: ▼
// descending, ▲ ascending, or nothing.
func (p *Plan) Marks() []string {
	marks := make([]string, len(p.Merge.Columns))
	for i, c := range p.Merge.Columns {
		for _, o := range p.Merge.OrderBy {
			switch {
			case c.Expr != o.Expr:
			case o.Asc:
				marks[i] = "▲"
			default:
				marks[i] = "▼"
			}
		}
	}
	return marks
}
