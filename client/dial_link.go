package client

import (
	"net"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/ssh"
)

// countedConn counts what arrives, which is the only sign of life there is: an
// SSH connection to a host that is gone never ends by itself.
type countedConn struct {
	net.Conn
	received atomic.Int64 // bytes
}

func (c *countedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.received.Add(int64(n))
	return n, err
}

// link is a connection that is watched.
type link struct {
	client *ssh.Client
	conn   *countedConn
	beat   time.Duration  // see Dialer.Heartbeat
	limit  time.Duration  // see Dialer.Silence
	silent atomic.Bool    // closed because nothing was heard for limit
	work   sync.WaitGroup // the goroutines that watch
}

func newLink(client *ssh.Client, conn *countedConn, d *Dialer) *link {
	l := &link{
		client: client,
		conn:   conn,
		beat:   orDefault(d.Heartbeat, 2*time.Second),
		limit:  orDefault(d.Silence, 10*time.Second),
	}
	gone := make(chan struct{})
	l.work.Go(func() {
		client.Wait()
		close(gone)
	})
	l.work.Go(func() { l.watch(gone) })
	return l
}

// close ends the connection and what watches it.
func (l *link) close() {
	l.conn.Close()
	l.work.Wait()
}

// watch asks for a sign of life at each beat without one, and closes the
// connection after too many. It counts beats and not time, so that a client that
// was itself stopped for a while does not blame the server.
func (l *link) watch(gone <-chan struct{}) {
	ticker := time.NewTicker(l.beat)
	defer ticker.Stop()
	answered := make(chan struct{}, 1)
	answered <- struct{}{}
	heard, silence := int64(0), time.Duration(0)
	for {
		select {
		case <-gone:
			return
		case <-ticker.C:
		}
		if n := l.conn.received.Load(); n != heard {
			heard, silence = n, 0
			continue
		}
		if silence += l.beat; silence >= l.limit {
			l.silent.Store(true)
			l.conn.Close()
			<-gone
			return
		}
		select {
		case <-answered:
			l.work.Go(func() { l.ping(answered) })
		default: // the one before is still on its way
		}
	}
}

// ping blocks for as long as the other side does not answer. A refusal is a sign
// of life too.
func (l *link) ping(answered chan<- struct{}) {
	l.client.SendRequest("keepalive@openssh.com", true, nil)
	answered <- struct{}{}
}
