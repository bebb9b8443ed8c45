package parser

import "strings"

// separated checks a list whose commas are optional. Without a comma an item must
// begin with a name, and must not look like the next clause misspelt.
func separated(q *Query, items []*item) *Error {
	for i := 1; i < len(items); i++ {
		if touches(items[i-1], items[i]) {
			if err := checkNeighbour(q, items, i); err != nil {
				return err
			}
		}
	}
	return nil
}

// touches tells whether there is no comma between two items.
func touches(a, b *item) bool { return a.EndPos.Offset == b.Pos.Offset }

// checkNeighbour checks item i, which has no comma before it.
func checkNeighbour(q *Query, items []*item, i int) *Error {
	at := items[i].Pos.Offset
	if near := misspelt(q, items[i:]); near != "" {
		return q.Errorf(at, didYouMean(near)+" A field needs commas here.", "unexpected %s", quote(items[i].Expr.String()))
	}
	if strings.IndexByte("(\"'0123456789", q.Text[at]) >= 0 || startsWithKeyword(items[i].Expr) {
		return q.Errorf(at, "", `expected "," before %s`, shorten(strings.TrimSpace(q.Text[at:items[i].EndPos.Offset])))
	}
	return nil
}

func startsWithKeyword(e Expr) bool {
	switch e.(type) {
	case *Word, *Case:
		return true
	}
	return false
}

// misspelt gives the keyword that the first item looks like, if something follows
// it without a comma.
func misspelt(q *Query, items []*item) string {
	f, ok := items[0].Expr.(*Field)
	if !ok || len(items) == 1 || !touches(items[0], items[1]) || !isBare(q, f) {
		return ""
	}
	near := Nearest(f.Name, clauseWords())
	if near == "set" && q.Text[items[1].Pos.Offset] != '$' {
		return "" // what follows set is a variable, and sent is a frequent name
	}
	return near
}
