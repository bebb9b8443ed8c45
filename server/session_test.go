package server

import (
	"bufio"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fantail/exec"
	"fantail/exec/wire"
)

// pipe is one side of a byte stream in both directions.
type pipe struct {
	io.Reader
	io.WriteCloser
}

// TestEngine runs the real engine, without a network.
func TestEngine(t *testing.T) {
	log := filepath.Join(t.TempDir(), "a.log")
	if err := os.WriteFile(log, []byte("a=1\na=2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		query, file string
		rows, err   string // part of them
	}{
		{query: "select $line", file: log, rows: "a=1\na=2\n"},
		{query: `select $line where $line =~ "2"`, file: log, rows: "a=2\n"},
		{query: "select $hostname", file: log, rows: "here"},
		{query: "select count(", file: log, err: "select count("},
		{query: "select frob(a)", file: log, err: "frob"},
		{query: "", file: log, err: "empty"},
		{query: strings.Repeat("(", 300000), file: log, err: "query"},
	} {
		ours, theirs := duplex()
		got := make(chan error, 1)
		go func() {
			got <- (&Server{Hostname: "here"}).ServeConn(context.Background(), theirs, "me")
			theirs.Close()
		}()
		req := &wire.Request{Query: test.query, Input: exec.Input{Globs: []string{test.file}}}
		if err := wire.WriteRequest(ours, req); err != nil {
			t.Fatal(err)
		}
		var sink collect
		err := wire.Decode(bufio.NewReader(ours), &sink)
		if !strings.Contains(sink.String(), test.rows) || (err != nil) != (test.err != "") {
			t.Errorf("%.50s: %q, %v", test.query, sink.String(), err)
		}
		if err != nil && !strings.Contains(err.Error(), test.err) {
			t.Errorf("%.50s: %v", test.query, err)
		}
		if served := <-got; (served != nil) != (err != nil) {
			t.Errorf("%.50s: the server says %v, the client %v", test.query, served, err)
		}
		ours.Close()
	}
}

func duplex() (ours, theirs pipe) {
	r1, w1 := io.Pipe()
	r2, w2 := io.Pipe()
	return pipe{r1, w2}, pipe{r2, w1}
}
