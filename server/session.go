package server

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"

	"fantail/exec"
	"fantail/exec/follow"
	"fantail/exec/wire"
	"fantail/parser"
	"fantail/planner"
)

// session serves one channel.
func (c *conn) session(ctx context.Context, n ssh.NewChannel) {
	defer recoverInto(c.log, nil)
	ch, reqs, err := n.Accept()
	if err != nil {
		return
	}
	var rest sync.WaitGroup
	defer rest.Wait() // until the peer has closed the channel too
	defer ch.Close()
	wants := await(ctx, reqs)
	rest.Go(func() { ssh.DiscardRequests(reqs) })
	switch wants {
	case wire.Subsystem:
		err = c.srv.ServeConn(ctx, ch, c.ssh.User())
	case "":
		return
	default:
		err = fmt.Errorf("fantail: there is no shell here, only the subsystem %q: use dtail, dcat, dgrep or dmap", wire.Subsystem)
		fmt.Fprintf(ch.Stderr(), "%v\r\n", err)
	}
	status := struct{ Status uint32 }{}
	if err != nil {
		status.Status = 1
	}
	ch.SendRequest("exit-status", false, ssh.Marshal(status))
}

// await refuses requests until there is one that decides what the session is
// for: the subsystem, or "exec" or "shell", which get an explanation. It gives
// "" when there will be none.
func await(ctx context.Context, reqs <-chan *ssh.Request) string {
	for {
		var req *ssh.Request
		select {
		case req = <-reqs:
		case <-ctx.Done():
		}
		if req == nil {
			return ""
		}
		wants := ""
		switch req.Type {
		case "exec", "shell":
			wants = req.Type
		case "subsystem":
			var name struct{ Name string }
			if ssh.Unmarshal(req.Payload, &name) == nil && name.Name == wire.Subsystem {
				wants = wire.Subsystem
			}
		}
		req.Reply(wants != "", nil)
		if wants != "" {
			return wants
		}
	}
}

// errGone cancels a run that nobody waits for any more.
var errGone = errors.New("the client has gone away")

// runFunc runs a request into a sink.
type runFunc func(ctx context.Context, req *wire.Request, sink exec.Sink) error

// ServeConn serves one session: a request, and the run that it asks for. It ends
// when the run does, when the peer closes its side of rw, or when ctx is done;
// the end frame then says wire.ErrShutdown. The error is for the log and the
// exit status: the peer has been told it.
//
// One goroutine goes on reading from rw until the caller closes it, for a read
// cannot be interrupted. The user is for the log: rights are the process's.
func (s *Server) ServeConn(ctx context.Context, rw io.ReadWriter, user string) error {
	start := time.Now()
	log := s.log().With("user", user)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	enc := wire.NewEncoder(rw)
	req, err := s.request(ctx, rw, cancel)
	if err == nil {
		log.Info("run", "query", req.Query, "files", req.Input.Globs, "follow", req.Input.Follow)
		err = s.guard(func() error { return s.runner()(ctx, req, enc) })
	}
	if err != nil && ctx.Err() != nil {
		if err = context.Cause(ctx); err != errGone {
			err = wire.ErrShutdown
		}
	}
	if err != errGone {
		if endErr := enc.End(err); endErr != nil {
			err = errors.Join(err, fmt.Errorf("write the end: %w", endErr))
		}
	}
	log.Info("end", "took", time.Since(start), "err", err)
	return err
}

// request reads the request, and cancels the run as soon as there is anything
// more to read: a client sends nothing else, so that is the end of its stream.
func (s *Server) request(ctx context.Context, r io.Reader, cancel context.CancelCauseFunc) (*wire.Request, error) {
	type result struct {
		req *wire.Request
		err error
	}
	got := make(chan result, 1)
	go func() {
		br := bufio.NewReader(r)
		var res result
		res.err = s.guard(func() (err error) {
			res.req, err = wire.ReadRequest(br)
			return err
		})
		got <- res
		if res.err == nil {
			br.ReadByte()
			cancel(errGone)
		}
	}()
	select {
	case res := <-got:
		return res.req, res.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// guard turns a panic into an error.
func (s *Server) guard(f func() error) (err error) {
	defer recoverInto(s.log(), &err)
	return f()
}

func (s *Server) runner() runFunc {
	if s.run != nil {
		return s.run
	}
	return s.runQuery
}

// runQuery plans the query as the client did, and runs its host half.
func (s *Server) runQuery(ctx context.Context, req *wire.Request, sink exec.Sink) error {
	q, err := parser.Parse(req.Query)
	if err != nil {
		return err
	}
	plan, err := planner.New(q)
	if err != nil {
		return err
	}
	plan.Host.Context = req.Context
	name, err := s.hostname()
	if err != nil {
		return err
	}
	var files follow.Opener = follow.OS{}
	if s.Files != nil {
		files = s.Files
	}
	src := follow.New(req.Input, files, follow.Options{CountLines: plan.Host.CountsLines()})
	defer src.Close()
	env := exec.Env{Hostname: name, Server: req.Server, Start: time.Now(), Continuous: req.Input.Follow}
	return exec.Run(ctx, &plan.Host, src, env, sink)
}

func (s *Server) hostname() (string, error) {
	if s.Hostname != "" {
		return s.Hostname, nil
	}
	return os.Hostname()
}
