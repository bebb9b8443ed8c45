package exec

import "fantail/exec/format"

// formats are those that logformat auto has found, of which the user is told once
// each.
type formats struct {
	last *File // whose format was looked for
	all  map[string]bool
}

// tellFormat tells the user in which format a file is read. The caller holds next.
func (r *run) tellFormat(f *File) error {
	if r.host.Format != "auto" || f == r.told.last || len(f.Head) == 0 {
		return nil // of a followed file that is still empty, nothing can be told yet
	}
	r.told.last = f
	name := format.Detect(f.Head)
	if r.told.all[name] {
		return nil
	}
	if r.told.all == nil {
		r.told.all = map[string]bool{}
	}
	r.told.all[name] = true
	text := "found logformat " + name
	if name == "generic" {
		text = "found no logformat that is known: its lines have no fields"
	}
	return r.notice(Notice{Level: Info, Path: f.Path, Text: text})
}
