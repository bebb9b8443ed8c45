package e2e

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
)

// proxy passes TCP connections on to a server, and cuts each after so many
// bytes of what the server sends: of the handshake and of the stream alike.
type proxy struct {
	addr  string            // host:port to connect to
	to    atomic.Value      // string: host:port of the server
	after atomic.Value      // func(conn int) int64: bytes that connection conn, from 0, may carry; negative: all
	conns atomic.Int64      // made so far
	cuts  atomic.Int64      // connections that were cut
	bytes atomic.Int64      // sent to clients, over all connections
	mu    sync.Mutex        // protects open
	open  map[net.Conn]bool // both ends of each connection
}

// newProxy starts a proxy in front of a server; it ends with the test.
func newProxy(t testing.TB, to string, after func(conn int) int64) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{addr: l.Addr().String(), open: map[net.Conn]bool{}}
	p.to.Store(to)
	p.reset(after)
	var work sync.WaitGroup
	work.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			work.Go(func() { p.pass(client) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		p.cutAll()
		work.Wait()
	})
	return p
}

// reset begins anew: the next connection is number 0.
func (p *proxy) reset(after func(conn int) int64) {
	p.after.Store(after)
	p.conns.Store(0)
	p.cuts.Store(0)
	p.bytes.Store(0)
}

// uncut lets connections carry what they like.
func uncut(int) int64 { return -1 }

// cutFirst cuts the first connections after so many bytes each, and no more.
func cutFirst(after ...int64) func(int) int64 {
	return func(conn int) int64 {
		if conn < len(after) {
			return after[conn]
		}
		return -1
	}
}

// cutAll cuts all connections that there are.
func (p *proxy) cutAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.open {
		c.Close()
	}
}

// keep keeps a connection for cutAll, until the func that it returns is called.
func (p *proxy) keep(c net.Conn) func() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open[c] = true
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.open, c)
		c.Close()
	}
}

func (p *proxy) pass(client net.Conn) {
	defer p.keep(client)()
	limit := p.after.Load().(func(int) int64)(int(p.conns.Add(1)) - 1)
	server, err := net.Dial("tcp", p.to.Load().(string))
	if err != nil {
		return
	}
	defer p.keep(server)()
	var back sync.WaitGroup
	defer back.Wait()
	back.Go(func() {
		io.Copy(server, client)
		server.Close()
	})
	defer client.Close()
	from := io.Reader(server)
	if limit >= 0 {
		from = io.LimitReader(server, limit)
	}
	n, _ := io.Copy(counting{client, &p.bytes}, from)
	if n == limit {
		p.cuts.Add(1)
	}
}

// counting counts what is written.
type counting struct {
	io.Writer
	n *atomic.Int64
}

func (c counting) Write(b []byte) (int, error) {
	n, err := c.Writer.Write(b)
	c.n.Add(int64(n))
	return n, err
}
