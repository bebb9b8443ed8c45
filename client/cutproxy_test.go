package client

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
)

// cutProxy passes TCP connections on, and cuts each after so many bytes of what
// the server sends.
type cutProxy struct {
	addr  Address
	after func(conn int) int64 // bytes that connection conn, from 0, may carry; negative: all
	conns atomic.Int32         // made so far
	cuts  atomic.Int32         // connections that were cut before they ended
}

// newCutProxy starts a proxy in front of a server; it ends with the test.
func newCutProxy(t *testing.T, to Address, after func(conn int) int64) *cutProxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &cutProxy{after: after, addr: to}
	p.addr.Host, p.addr.Port = "127.0.0.1", l.Addr().(*net.TCPAddr).Port
	target := net.JoinHostPort(to.Host, portOf(to))
	var work sync.WaitGroup
	work.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			work.Go(func() { p.pass(client, target, &work) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		work.Wait()
	})
	return p
}

func (p *cutProxy) pass(client net.Conn, target string, work *sync.WaitGroup) {
	defer client.Close()
	limit := p.after(int(p.conns.Add(1)) - 1)
	server, err := net.Dial("tcp", target)
	if err != nil {
		return
	}
	defer server.Close()
	work.Go(func() {
		io.Copy(server, client)
		server.Close()
	})
	if limit < 0 {
		io.Copy(client, server)
		return
	}
	if n, _ := io.CopyN(client, server, limit); n == limit {
		p.cuts.Add(1)
	}
}
