// Package e2e runs the real commands against real servers on the loopback
// interface, as users do, and compares what they give with what other programs
// give.
package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"fantail/server"
)

// bins is the directory with the commands.
var bins string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "fantail-bins-")
	if err == nil {
		bins = dir
		err = build(dir)
	}
	status := 1
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	} else {
		status = m.Run()
	}
	os.RemoveAll(dir)
	os.Exit(status)
}

// build builds the commands as they are shipped: without C.
func build(dir string) error {
	cmd := exec.Command("go", "build", "-o", dir+"/", "fantail/cmd/...")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build the commands: %w\n%s", err, out)
	}
	return nil
}

// patience is how long anything may take before a test gives up on it.
const patience = time.Minute

// long tells whether the long forms of the tests are wanted.
func long() bool { return os.Getenv("FANTAIL_LONG") == "1" }

// need skips a test that lacks a program.
func need(t testing.TB, program string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Skipf("needs %s: not found", program)
	}
	return path
}

// client is a user's account: a home with a key, and the hosts that are known.
type client struct {
	t    testing.TB
	home string
	env  []string
	dir  string // working directory; "": the test's
}

func newClient(t testing.TB) *client {
	t.Helper()
	c := &client{t: t, home: t.TempDir()}
	if err := os.Mkdir(filepath.Join(c.home, ".ssh"), 0o700); err != nil {
		t.Fatal(err)
	}
	c.env = []string{"HOME=" + c.home, "PATH=" + os.Getenv("PATH"), "LC_ALL=C.UTF-8", "TZ=UTC"}
	return c
}

// result is what a command that has ended gave.
type result struct {
	stdout, stderr string
	status         int
}

// String shows a result in a test's message, with no more of the output than one
// can read.
func (r result) String() string {
	return fmt.Sprintf("status %d\nstdout: %s\nstderr: %s", r.status, short(r.stdout), short(r.stderr))
}

func short(s string) string {
	const most = 1500
	if len(s) <= most {
		return s
	}
	return fmt.Sprintf("%s ... %s (%d bytes)", s[:most/2], s[len(s)-most/2:], len(s))
}

// run runs a command, which is named without its path, with standard input at
// its end.
func (c *client) run(args ...string) result {
	c.t.Helper()
	return c.feed(nil, args...)
}

// feed runs a command that reads from a stream.
func (c *client) feed(stdin io.Reader, args ...string) result {
	c.t.Helper()
	p := c.launch(stdin, args...)
	status := p.wait()
	return result{p.stdout.String(), p.stderr.String(), status}
}

// start runs a command that goes on until the test ends it.
func (c *client) start(args ...string) *process {
	c.t.Helper()
	return c.launch(nil, args...)
}

func (c *client) launch(stdin io.Reader, args ...string) *process {
	c.t.Helper()
	cmd := c.command(args...)
	cmd.Stdin = stdin
	return startProcess(c.t, cmd)
}

// command is a command that has not been started.
func (c *client) command(args ...string) *exec.Cmd {
	name := args[0]
	if !strings.Contains(name, "/") {
		if path := filepath.Join(bins, name); exists(path) {
			name = path
		}
	}
	cmd := exec.Command(name, args[1:]...)
	cmd.Env = c.env
	cmd.Dir = c.dir
	return cmd
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// output collects what a process writes, and lets tests wait for it.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{} // closed when there is more
	at   int           // how far readLine has read
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.more != nil {
		close(o.more)
		o.more = nil
	}
	return o.text.Write(p)
}

// String is all that has been written.
func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// line takes the next line, without its newline; without one there is a channel
// that is closed when there is more.
func (o *output) line() (string, <-chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if line, _, ok := bytes.Cut(o.text.Bytes()[o.at:], []byte("\n")); ok {
		o.at += len(line) + 1
		return string(line), nil
	}
	if o.more == nil {
		o.more = make(chan struct{})
	}
	return "", o.more
}

// process is a command that runs.
type process struct {
	t              testing.TB
	cmd            *exec.Cmd
	stdout, stderr output
	ended          chan struct{} // closed when status is set
	status         int           // -1: ended by a signal
}

// startProcess starts a command, which the test's end kills if nothing else has
// ended it.
func startProcess(t testing.TB, cmd *exec.Cmd) *process {
	t.Helper()
	p := &process{t: t, cmd: cmd, ended: make(chan struct{})}
	if cmd.Stdout == nil {
		cmd.Stdout = &p.stdout
	}
	if cmd.Stderr == nil {
		cmd.Stderr = &p.stderr
	}
	cmd.WaitDelay = patience
	dieWithUs(cmd)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.ended)
		err := cmd.Wait()
		p.status = cmd.ProcessState.ExitCode()
		if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
			p.status = -2 // the streams, not the process
		}
	}()
	t.Cleanup(p.kill)
	return p
}

// signal sends a signal.
func (p *process) signal(s os.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatalf("%s: signal: %v", p, err)
	}
}

// kill ends the process as nothing else does, and waits for its end.
func (p *process) kill() {
	p.cmd.Process.Kill()
	<-p.ended
}

// wait waits for the process's end and gives its exit status.
func (p *process) wait() int {
	p.t.Helper()
	select {
	case <-p.ended:
		return p.status
	case <-time.After(patience):
	}
	// A goroutine dump says what it waits for.
	p.cmd.Process.Signal(syscall.SIGQUIT)
	select {
	case <-p.ended:
	case <-time.After(time.Second):
		p.kill()
	}
	p.t.Fatalf("%s: not ended after %v\nstdout: %s\nstderr: %s", p, patience, short(p.stdout.String()), p.stderr.String())
	return 0
}

// readLine waits for the next line of standard output.
func (p *process) readLine() string {
	p.t.Helper()
	return p.next(&p.stdout)
}

// readError waits for the next line of standard error.
func (p *process) readError() string {
	p.t.Helper()
	return p.next(&p.stderr)
}

func (p *process) next(o *output) string {
	p.t.Helper()
	limit := time.After(patience)
	ended := p.ended
	for {
		line, more := o.line()
		if more == nil {
			return line
		}
		select {
		case <-more:
		case <-ended: // and all of its output is here
			line, more := o.line()
			if more == nil {
				return line
			}
			p.t.Fatalf("%s: ended with status %d, no more lines\nstdout: %s\nstderr: %s", p, p.status, short(p.stdout.String()), short(p.stderr.String()))
		case <-limit:
			p.t.Fatalf("%s: no more lines after %v\nstdout: %s\nstderr: %s", p, patience, short(p.stdout.String()), short(p.stderr.String()))
		}
	}
}

// waitFor reads lines of standard output up to one that contains the text, and
// gives it.
func (p *process) waitFor(text string) string {
	p.t.Helper()
	for {
		if line := p.readLine(); strings.Contains(line, text) {
			return line
		}
	}
}

// waitForError is waitFor for standard error.
func (p *process) waitForError(text string) string {
	p.t.Helper()
	for {
		if line := p.readError(); strings.Contains(line, text) {
			return line
		}
	}
}

func (p *process) String() string { return filepath.Base(p.cmd.Path) }

// host is one dserver.
type host struct {
	*process
	fleet   *fleet
	name    string   // $hostname
	ip      string   // its own address
	prefix  []string // command that runs it, with arguments; nil: none
	hostKey string   // file
}

// fleet is hosts and a client that may log in to all of them. All listen on one
// port, each on an address of its own, so that HOST:PATH works with -port, which
// the client's environment has set.
type fleet struct {
	*client
	hosts []*host
	user  *user.User
	port  int
	keys  string // authorized_keys
}

// newFleet starts n hosts, web1 to webN on 127.0.0.1 to 127.0.0.N.
func newFleet(t testing.TB, n int) *fleet {
	t.Helper()
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	f := &fleet{client: newClient(t), user: me}
	f.authorize()
	for range 10 {
		if f.listen(n) {
			f.env = append(f.env, "FANTAIL_PORT="+strconv.Itoa(f.port))
			f.knowHosts()
			return f
		}
	}
	t.Fatal("no port is free on all addresses")
	return nil
}

// authorize makes a key for the client, and the file in which the hosts find it:
// they want it where nobody else can write.
func (f *fleet) authorize() {
	f.t.Helper()
	signer, err := server.HostKey(filepath.Join(f.home, ".ssh/id_ed25519")) // a key pair like any other
	if err != nil {
		f.t.Fatal(err)
	}
	dir, err := os.MkdirTemp(f.user.HomeDir, ".fantail-e2e-")
	if err != nil {
		f.t.Skip("no directory that the key files could be in: ", err)
	}
	f.t.Cleanup(func() { os.RemoveAll(dir) })
	f.keys = filepath.Join(dir, "authorized_keys")
	write(f.t, f.keys, string(ssh.MarshalAuthorizedKey(signer.PublicKey())))
}

// listen starts the hosts on a port that the first one chooses.
func (f *fleet) listen(n int) bool {
	f.t.Helper()
	f.hosts, f.port = nil, 0
	for i := range n {
		h := &host{fleet: f, name: fmt.Sprintf("web%d", i+1), ip: fmt.Sprintf("127.0.0.%d", i+1)}
		h.hostKey = filepath.Join(f.home, h.name+".key")
		if !h.launch() {
			for _, h := range f.hosts {
				h.kill()
			}
			return false
		}
		f.hosts = append(f.hosts, h)
	}
	return true
}

// launch starts the host's dserver; false: its port is taken.
func (h *host) launch(flags ...string) bool {
	f := h.fleet
	f.t.Helper()
	args := append(h.prefix, filepath.Join(bins, "dserver"), "-cfg", "none", "-bindAddress", h.ip, "-port", strconv.Itoa(f.port),
		"-hostKey", h.hostKey, "-authorizedKeys", f.keys, "-hostname", h.name)
	h.process = startProcess(f.t, f.command(append(args, flags...)...))
	p := h.process
	f.t.Cleanup(func() {
		if f.t.Failed() {
			f.t.Logf("log of %s: %s", h.name, short(p.stderr.String()))
		}
	})
	select {
	case <-h.ready():
	case <-h.ended:
		if strings.Contains(h.stderr.String(), "address already in use") {
			return false
		}
		if strings.Contains(h.stderr.String(), "assign requested address") {
			f.t.Skipf("needs the address %s: not on this machine", h.ip)
		}
		f.t.Fatalf("%s: %s", h.name, h.stderr.String())
	case <-time.After(patience):
		f.t.Fatalf("%s: does not listen: %s", h.name, h.stderr.String())
	}
	_, port, err := net.SplitHostPort(strings.TrimPrefix(h.readLine(), "listening on "))
	if err == nil {
		f.port, err = strconv.Atoi(port)
	}
	if err != nil {
		f.t.Fatal(err)
	}
	return true
}

// ready is closed when there is a line of standard output.
func (h *host) ready() <-chan struct{} {
	h.stdout.mu.Lock()
	defer h.stdout.mu.Unlock()
	c := make(chan struct{})
	if h.stdout.text.Len() > 0 {
		close(c)
		return c
	}
	h.stdout.more = c
	return c
}

// restart starts a host again after its kill or its end, on the same port.
func (h *host) restart(flags ...string) {
	h.fleet.t.Helper()
	h.kill()
	limit := time.Now().Add(patience)
	for !h.launch(flags...) { // connections of the dead one may linger
		if time.Now().After(limit) {
			h.fleet.t.Fatalf("%s: port %d is taken", h.name, h.fleet.port)
		}
	}
}

// addr is the host as -servers has it.
func (h *host) addr() string { return net.JoinHostPort(h.ip, strconv.Itoa(h.fleet.port)) }

// at is a path on the host as an argument.
func (h *host) at(path string) string { return h.ip + ":" + path }

// knowHosts writes the client's known_hosts.
func (f *fleet) knowHosts() {
	f.t.Helper()
	var b strings.Builder
	for _, h := range f.hosts {
		key, err := server.HostKey(h.hostKey)
		if err != nil {
			f.t.Fatal(err)
		}
		fmt.Fprintln(&b, knownhosts.Line([]string{h.addr()}, key.PublicKey()))
	}
	write(f.t, filepath.Join(f.home, ".ssh/known_hosts"), b.String())
}

// servers is all hosts as -servers has them.
func (f *fleet) servers() string {
	var list []string
	for _, h := range f.hosts {
		list = append(list, h.addr())
	}
	return strings.Join(list, ",")
}

// write writes a file that only its owner may read.
func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// read reads a file.
func read(t testing.TB, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// waitUntil asks again and again until something is so.
func waitUntil(t testing.TB, what string, is func() bool) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(patience)
	for !is() {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("not so after %v: %s", patience, what)
		}
	}
}
