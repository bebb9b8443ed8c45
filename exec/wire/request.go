package wire

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
)

// WriteRequest opens the stream and asks for a run.
func WriteRequest(w io.Writer, req *Request) error {
	body, err := json.Marshal(req)
	if err != nil {
		return fmt.Errorf("encode request: %w", err)
	}
	f := frameWriter{w: w}
	if err := f.write(kindRequest, append(make([]byte, room), body...)); err != nil {
		return fmt.Errorf("write request: %w", err)
	}
	return nil
}

// ReadRequest reads what a client asks for. A client of another version, or none
// at all, is a *VersionError: answer it with Encoder.End, so that it learns ours.
func ReadRequest(r *bufio.Reader) (*Request, error) {
	f := frameReader{r: r}
	if err := f.open(); err != nil {
		return nil, fmt.Errorf("read request: %w", err)
	}
	kind, body, err := f.next()
	if err != nil {
		return nil, fmt.Errorf("read request: %w", err)
	}
	if kind != kindRequest {
		return nil, fmt.Errorf("read request: got a frame of kind %d", kind)
	}
	req := new(Request)
	if err := json.Unmarshal(body, req); err != nil {
		return nil, fmt.Errorf("decode request: %w", err)
	}
	return req, nil
}
