// Package wire carries a run over a byte stream: the request to the host, and
// the run's [exec.Sink] back. This comment is the protocol's specification.
//
// # Opening
//
// Each side first writes eight bytes: "fantail" and its protocol version. The
// client's come first, with its request right behind, so that no round trip is
// spent; the server answers with its own and reads on only if the versions are
// equal. If they are not, both sides stop with an error that names both.
//
// # Frames
//
// After the opening each side writes frames:
//
//	length  uvarint   of what follows, 1 to MaxFrame
//	kind    1 byte    1 request, 2 rows, 3 partial, 4 notice, 5 end;
//	                  bit 7 set: the body is one zstd frame
//	body    length-1 bytes
//
// A body longer than 1 KiB is compressed where that makes it shorter. Uncompressed
// it is MaxFrame bytes at most. No byte value is special anywhere.
//
// The client sends one request frame, and nothing more. The server answers with
// any number of rows, partial and notice frames and one end frame. A stream that
// stops before the end frame was cut: what came before it is whole and valid.
//
// # Bodies
//
// Numbers are uvarints, but for those marked int, which are zig-zag varints
// (encoding/binary's Varint). bytes and text are their length and the bytes.
// A list is its number of elements and the elements; all lists of one frame
// together have MaxElements at most.
//
//	request   JSON, see Request
//	notice    JSON, see exec.Notice
//	end       text: the run's error, empty when it was complete; that of
//	          ErrShutdown invites the client to ask again
//	rows      progress, path text, n int (exec.Uncounted, or at most the
//	          length of data), data bytes, list of info (none, or n)
//	info      line, offset, flags (1 context, 2 break)
//	partial   progress, window int, passed int, list of group
//	group     key bytes, list of state bytes
//	progress  lines, bytes, malformed, list of end
//	end of a file: path text, state bytes, list of generation
//	generation  dev, ino, head, head length, tail, tail length, offset, lines,
//	          flags (1 done)
//
// window and passed are nanoseconds since 1970 UTC, and the smallest int64 for
// the zero time. The cells in a row's data and in a group's key are described
// at exec.AppendCell, the states at each aggregate in package exec.
package wire

import (
	"fantail/exec"
	"fantail/planner"
)

// Subsystem is the SSH subsystem (RFC 4254, section 6.5) under which a host
// speaks this protocol.
const Subsystem = "fantail"

// Version is the version of the protocol that this package speaks.
const Version = 1

// MaxFrame is the largest length of a frame, and of a body when uncompressed.
const MaxFrame = 64 << 20

// MaxElements is the largest number of elements in all lists of one frame, for
// an element takes more memory than its bytes on the wire.
const MaxElements = 4 << 20

// Request is what a client asks a host to run.
type Request struct {
	Query   string          `json:"query"`            // text of the plan's host half
	Context planner.Context `json:"context,omitzero"` // what of it is not in the language
	Server  string          `json:"server"`           // $server: the host's name as the user wrote it
	Input   exec.Input      `json:"input"`
}
