package exec

// Position is how far into a log a run has come. Whoever has accepted the frame
// that carries it may stop there, and go on from there with Input.Resume.
type Position struct {
	Path        string       `json:"path"`
	Generations []Generation `json:"generations"`     // the files that have been or are this log, oldest first; done ones but the newest may be left out
	State       []byte       `json:"state,omitempty"` // of the engine at this place: what a context or a maximum of matches needs to go on
}

// Announced is the path of the position, without generations, that says that the
// others are all: every file that was there when following began has had one
// since. A file that has none after that is new.
const Announced = ""

// Generation is one file in the life of a log that is rotated. Its identity is
// its content, for inodes are reused at once: it is the file whose first HeadLen
// bytes hash to Head and whose TailLen bytes before Offset hash to Tail.
type Generation struct {
	Dev     uint64 `json:"dev,omitempty"` // hint only
	Ino     uint64 `json:"ino,omitempty"` // hint only
	Head    uint64 `json:"head"`
	HeadLen int64  `json:"head_len"` // min(Offset, 4096)
	Tail    uint64 `json:"tail"`
	TailLen int64  `json:"tail_len"`       // min(Offset, 256)
	Offset  int64  `json:"offset"`         // delivered, in uncompressed bytes
	Lines   int64  `json:"lines"`          // newlines before Offset
	Done    bool   `json:"done,omitempty"` // nothing more will be read from it
}
