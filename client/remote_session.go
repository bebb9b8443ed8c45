package client

import (
	"fmt"
	"io"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

// lastWords is how long an ended session may take to say why.
const lastWords = time.Second

// session is a channel, and what the server says beside it. It ends with its link.
type session struct {
	channel ssh.Channel
	began   bool          // the server has said something
	broken  bool          // nothing more can be sent
	stderr  tail          // valid when ended is closed
	status  uint32        // exit status; 0: none was sent; valid when ended is closed
	ended   chan struct{} // closed when the server has closed the channel
}

func newSession(l *link, channel ssh.Channel, requests <-chan *ssh.Request) *session {
	s := &session{channel: channel, ended: make(chan struct{})}
	said := make(chan struct{})
	l.work.Go(func() {
		io.Copy(&s.stderr, channel.Stderr()) // unread, it would fill the channel's window
		close(said)
	})
	l.work.Go(func() {
		for req := range requests {
			s.request(req)
		}
		<-said
		close(s.ended)
	})
	return s
}

func (s *session) request(req *ssh.Request) {
	if req.Type == "exit-status" {
		var msg struct{ Status uint32 }
		if ssh.Unmarshal(req.Payload, &msg) == nil {
			s.status = msg.Status
		}
	}
	if req.WantReply {
		req.Reply(false, nil)
	}
}

func (s *session) Read(b []byte) (int, error) {
	n, err := s.channel.Read(b)
	s.began = s.began || n > 0
	return n, err
}

func (s *session) Write(b []byte) (int, error) {
	n, err := s.channel.Write(b)
	s.broken = err != nil
	return n, err
}

// stillborn says why a server's program ended without having said a word: it is
// missing, or not allowed to run, which another connection would not change.
func (s *session) stillborn() string {
	if s.began {
		return ""
	}
	select {
	case <-s.ended:
	case <-time.After(lastWords):
		return ""
	}
	if s.status == 0 {
		return ""
	}
	return strings.TrimSuffix(fmt.Sprintf("the server could not start its side (exit status %d): %s", s.status, s.stderr.line()), ": ")
}

// tail keeps the end of what is written to it.
type tail struct{ kept []byte }

// maxTail is how much of a server's stderr is kept, in bytes.
const maxTail = 512

func (t *tail) Write(b []byte) (int, error) {
	t.kept = append(t.kept, b[max(0, len(b)-maxTail):]...)
	t.kept = t.kept[max(0, len(t.kept)-maxTail):]
	return len(b), nil
}

// line is the last line, printable.
func (t *tail) line() string {
	text := strings.TrimSpace(string(t.kept))
	text = text[strings.LastIndexByte(text, '\n')+1:]
	return Printable(text)
}
