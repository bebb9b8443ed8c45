package format

// generic lines have no fields.
type generic struct{ fields int }

func (g generic) Parse(b *Batch) { b.reset(g.fields) }
