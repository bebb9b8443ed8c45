package format

// newDocker is the parser of the files of Docker's driver json-file: objects with
// the members log, stream and time. The newline at the end of the message does
// not belong to it.
//
//	{"log":"the message\n","stream":"stdout","time":"2026-11-20T10:11:12.123456789Z"}
func newDocker(fields []Field) *jsonFormat {
	p := newJSON(nil)
	p.found = newFixed(fields, []string{"time", "stream", "msg"})
	p.fields = len(fields)
	for slot, key := range []string{"time", "stream", "log"} {
		p.root.addPath(key, slot)
	}
	p.log = 2
	return p
}
