package client

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// knownText is a known_hosts line.
func knownText(a Address, key ssh.PublicKey) string {
	return knownLineText(hostKeyName(a.Host, a.Port), key)
}

func knownLineText(hosts string, key ssh.PublicKey) string {
	return hosts + " " + string(ssh.MarshalAuthorizedKey(key))
}

func readKnown(t *testing.T, d *Dialer) string {
	t.Helper()
	data, err := os.ReadFile(d.HostKeys.Files[0])
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return string(data)
}

func TestUnknownHostWithNobodyToAsk(t *testing.T) {
	d, key := newDialer(t)
	d.HostKeys.TrustAll = false
	s := new(sshServer).serve(t, key)
	err := tryDial(t, d, s.addr)
	wantError(t, err, "web1: host key is unknown", ssh.FingerprintSHA256(s.hostKey.PublicKey()),
		"ssh-keyscan -p "+portOf(s.addr)+" 127.0.0.1", "-trustAllHosts")
	if text := readKnown(t, d); text != "" || s.logins.Load() != 0 {
		t.Errorf("the host was recorded (%q) or logged in to", text)
	}
}

func TestZeroKnownHostsRefuses(t *testing.T) {
	d, key := newDialer(t)
	d.HostKeys = KnownHosts{}
	wantError(t, tryDial(t, d, new(sshServer).serve(t, key).addr), "host key is unknown")
}

func TestTrustAllRecords(t *testing.T) {
	d, key := newDialer(t)
	d.HostKeys.Files[0] = filepath.Join(t.TempDir(), "dir", "known_hosts")
	s := new(sshServer).serve(t, key)
	mustDial(t, d, s.addr)
	if got, want := readKnown(t, d), knownText(s.addr, s.hostKey.PublicKey()); got != want {
		t.Errorf("recorded %q, want %q", got, want)
	}
	for path, want := range map[string]os.FileMode{d.HostKeys.Files[0]: 0o600, filepath.Dir(d.HostKeys.Files[0]): 0o700} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: mode %v, want %v", path, info.Mode().Perm(), want)
		}
	}
	again := &Dialer{User: "alice", HostKeys: KnownHosts{Files: d.HostKeys.Files}, Keys: Keys{Files: d.Keys.Files}}
	mustDial(t, again, s.addr)
}

func TestAskedOnceForManyHosts(t *testing.T) {
	for _, yes := range []bool{true, false} {
		d, key := newDialer(t)
		var questions [][]UnknownHost
		d.HostKeys.TrustAll = false
		d.HostKeys.Quiet = 300 * time.Millisecond
		d.HostKeys.Ask = func(hosts []UnknownHost) (bool, error) {
			questions = append(questions, hosts)
			return yes, nil
		}
		d.Concurrent = 4 // fewer than hosts: those that wait for the answer take no slot
		var work sync.WaitGroup
		for i := range 20 {
			s := new(sshServer).serve(t, key)
			s.addr.Name = fmt.Sprint("web", i)
			work.Go(func() {
				err := tryDial(t, d, s.addr)
				if yes != (err == nil) {
					t.Errorf("answered %v, got %v", yes, err)
				}
				if !yes {
					wantError(t, err, s.addr.Name+": host key is unknown, and was not accepted")
				}
			})
		}
		work.Wait()
		if len(questions) != 1 || len(questions[0]) != 20 {
			t.Errorf("asked %d times, want once for 20 hosts", len(questions))
		}
		want := 0
		if yes {
			want = 20
		}
		if n := strings.Count(readKnown(t, d), "\n"); n != want {
			t.Errorf("recorded %d hosts, want %d", n, want)
		}
	}
}

// Hosts that keep turning up are waited for; those that come while the user
// thinks are for the next question.
func TestQuestionWaitsForMoreHosts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		key := newKey(t, "ed25519").PublicKey()
		var questions []int
		k := &KnownHosts{Files: []string{filepath.Join(t.TempDir(), "known_hosts")}, terminal: new(sync.Mutex)}
		k.Ask = func(hosts []UnknownHost) (bool, error) {
			questions = append(questions, len(hosts))
			time.Sleep(5 * time.Second) // from 4.1 s on
			return true, nil
		}
		var work sync.WaitGroup
		for i := range 12 {
			work.Go(func() {
				time.Sleep(time.Duration(i) * 400 * time.Millisecond)
				if i >= 10 {
					time.Sleep(4800 * time.Millisecond) // until 8.8 s and 9.2 s
				}
				if err := k.accept(t.Context(), UnknownHost{Host: fmt.Sprint("web", i), Key: key}); err != nil {
					t.Error(err)
				}
			})
		}
		work.Wait()
		if len(questions) != 2 || questions[0] != 10 || questions[1] != 2 {
			t.Errorf("asked about %v hosts, want 10, then 2", questions)
		}
	})
}

// While the user thinks, no deadline runs.
func TestSlowAnswer(t *testing.T) {
	d, key := newDialer(t)
	d.Handshake = time.Second
	d.HostKeys.TrustAll = false
	d.HostKeys.Quiet = time.Millisecond
	d.HostKeys.Ask = func(hosts []UnknownHost) (bool, error) {
		<-time.After(2 * d.Handshake)
		return true, nil
	}
	mustDial(t, d, new(sshServer).serve(t, key).addr)
}

func TestAskFails(t *testing.T) {
	d, key := newDialer(t)
	d.HostKeys.TrustAll = false
	d.HostKeys.Quiet = time.Millisecond
	asked := 0
	d.HostKeys.Ask = func([]UnknownHost) (bool, error) {
		asked++
		return true, errors.New("end of input")
	}
	wantError(t, tryDial(t, d, new(sshServer).serve(t, key).addr), "web1: host key is unknown", "end of input")
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}
}

func TestChangedKey(t *testing.T) {
	d, key := newDialer(t) // trusts all new hosts, and yet
	s := new(sshServer).serve(t, key)
	old := newKey(t, "ed25519").PublicKey()
	writeKnown(t, d, "# comment\n"+knownText(s.addr, old))
	err := tryDial(t, d, s.addr)
	wantError(t, err, "web1: host key has changed", d.HostKeys.Files[0]+":2",
		ssh.FingerprintSHA256(old), ssh.FingerprintSHA256(s.hostKey.PublicKey()), "ssh-keygen -R '[127.0.0.1]:"+portOf(s.addr)+"'")
	if errors.Is(err, ErrUnreachable) || errors.Is(err, ErrCut) {
		t.Errorf("%v would be tried again", err)
	}
}

func TestUnwritableKnownHosts(t *testing.T) {
	d, key := newDialer(t)
	d.HostKeys.Files[0] = "/proc/nowhere/known_hosts"
	var warned []error
	d.HostKeys.Warn = func(err error) { warned = append(warned, err) }
	s := new(sshServer).serve(t, key)
	mustDial(t, d, s.addr)
	mustDial(t, d, s.addr)
	if len(warned) != 1 {
		t.Fatalf("got %v, want one warning", warned)
	}
	wantError(t, warned[0], "record known hosts: ", "/proc/nowhere")
}

// checkKnown asks what the text says about a host.
func checkKnown(text, host string, port int, key ssh.PublicKey) error {
	db, _ := readHostDB(nil)
	db.addFile("known_hosts", []byte(text))
	return db.lookup(host, port).check(key)
}

func hostCert(t *testing.T, ca ssh.Signer, key ssh.PublicKey, principal string, before time.Time) *ssh.Certificate {
	t.Helper()
	cert := &ssh.Certificate{Key: key, CertType: ssh.HostCert, KeyId: "web", ValidPrincipals: []string{principal}, ValidBefore: uint64(before.Unix())}
	if err := cert.SignCert(rand.Reader, ca); err != nil {
		t.Fatal(err)
	}
	return cert
}

func TestKnownHostsLines(t *testing.T) {
	good, other := newKey(t, "ed25519").PublicKey(), newKey(t, "ed25519").PublicKey()
	ecdsa := newKey(t, "ecdsa").PublicKey()
	ca := newKey(t, "ed25519")
	tomorrow, yesterday := time.Now().Add(24*time.Hour), time.Now().Add(-24*time.Hour)
	cert := hostCert(t, ca, good, "web1", tomorrow)
	expired := hostCert(t, ca, good, "web1", yesterday)
	foreign := hostCert(t, ca, good, "db1", tomorrow)
	caLine := func(hosts string) string { return "@cert-authority " + knownLineText(hosts, ca.PublicKey()) }
	for _, test := range []struct {
		name, text string
		port       int
		key        ssh.PublicKey
		want       string // of the error; "" trusted
	}{
		{"plain", knownLineText("web1", good), 22, good, ""},
		{"upper case", knownLineText("WEB1", good), 22, good, ""},
		{"list", knownLineText("a,[web1]:2222,b", good), 2222, good, ""},
		{"other host", knownLineText("web2", good), 22, good, "unknown"},
		{"wildcard", knownLineText("web*", good), 22, good, ""},
		{"wildcard, any port", knownLineText("*", good), 2222, good, ""},
		{"wildcard port", knownLineText("[web1]:*", good), 2222, good, ""},
		{"wildcard host", knownLineText("[*]:2222", good), 2222, good, ""},
		{"question mark", knownLineText("web?", good), 22, good, ""},
		{"negated", knownLineText("*,!web1", good), 22, good, "unknown"},
		{"portless vouches", knownLineText("web1", good), 2222, good, ""},
		{"portless cannot object", knownLineText("web1", other), 2222, good, "unknown"},
		{"port of another", knownLineText("[web1]:2223", good), 2222, good, "unknown"},
		{"changed", knownLineText("web1", other), 22, good, "has changed"},
		{"changed type", knownLineText("web1", ecdsa), 22, good, "has changed"},
		{"one of two", knownLineText("web1", other) + knownLineText("web1", good), 22, good, ""},
		{"hashed", knownLineText(knownhosts.HashHostname("web1"), good), 22, good, ""},
		{"hashed port", knownLineText(knownhosts.HashHostname("[web1]:2222"), good), 2222, good, ""},
		{"hashed changed", knownLineText(knownhosts.HashHostname("web1"), other), 22, good, "has changed"},
		{"bad lines", "web1\nweb1 ssh-nonsense AAAA\nweb1 ssh-ed25519 !!\n@what web1 x y\n\x00\n" + knownLineText("web1", good), 22, good, ""},
		{"bad hash", "|1|x|y " + string(ssh.MarshalAuthorizedKey(good)), 22, good, "unknown"},
		{"revoked", knownLineText("web1", good) + "@revoked " + knownLineText("*", good), 22, good, "revoked: known_hosts:2"},
		{"authority is no key", caLine("web1"), 22, ca.PublicKey(), "unknown"},

		{"authority", caLine("*"), 22, cert, ""},
		{"authority, other port", caLine("*"), 2222, cert, ""},
		{"authority, wildcard port", caLine("[web1]:*"), 2222, cert, ""},
		{"authority, wildcard host", caLine("[*]:2222"), 2222, cert, ""},
		{"authority, portless", caLine("web1"), 2222, cert, ""},
		{"plain key of a certificate", knownLineText("web1", good), 2222, cert, ""},
		{"authority for others", caLine("db*"), 22, cert, "unknown"},
		{"no authority", "", 22, cert, "unknown"},
		{"expired", caLine("*"), 22, expired, "expired"},
		{"expired, but known", caLine("*") + knownLineText("web1", good), 22, expired, ""},
		{"wrong principal", caLine("*"), 22, foreign, `principal "web1" not in`},
		{"revoked authority", caLine("*") + "@revoked " + knownLineText("*", ca.PublicKey()), 22, cert, "revoked"},
		{"revoked authority, known key", knownLineText("web1", good) + "@revoked " + knownLineText("*", ca.PublicKey()), 22, cert, "revoked"},
		{"revoked key with certificate", caLine("*") + "@revoked " + knownLineText("*", good), 22, cert, "revoked"},
	} {
		err := checkKnown(test.text, "web1", test.port, test.key)
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: got %v, want %q", test.name, err, test.want)
		}
	}
}

// The whole way: a server that shows a certificate of a known authority.
func TestHostCertificate(t *testing.T) {
	d, key := newDialer(t)
	d.HostKeys.TrustAll = false
	ca, hostKey := newKey(t, "ecdsa"), newKey(t, "ed25519")
	cert := hostCert(t, ca, hostKey.PublicKey(), "127.0.0.1", time.Now().Add(time.Hour))
	certSigner, err := ssh.NewCertSigner(cert, hostKey)
	if err != nil {
		t.Fatal(err)
	}
	s := (&sshServer{hostKey: certSigner}).serve(t, key)
	writeKnown(t, d, "@cert-authority "+knownLineText("10.*", ca.PublicKey()))
	wantError(t, tryDial(t, d, s.addr), "host key is unknown")
	d.HostKeys.db = nil
	writeKnown(t, d, "@cert-authority "+knownLineText("*", ca.PublicKey()))
	mustDial(t, d, s.addr)
}

func TestAlgorithmsBeginWithWhatIsKnown(t *testing.T) {
	for _, kind := range []string{"ed25519", "ecdsa", "rsa"} {
		key := newKey(t, kind).PublicKey()
		db, _ := readHostDB(nil)
		db.addFile("f", []byte(knownLineText("web1", key)))
		if got := keyType(db.lookup("web1", 2222).algorithms()[0]); got != key.Type() {
			t.Errorf("begins with %s, want %s", got, key.Type())
		}
		db.addFile("f", []byte("@cert-authority "+knownLineText("*", key)))
		if got := db.lookup("web1", 2222).algorithms()[0]; !strings.Contains(got, "-cert-") {
			t.Errorf("begins with %s, want a certificate", got)
		}
	}
}

// ssh-keygen -F is the oracle of which lines are for a host.
func TestLinesAsOpenSSH(t *testing.T) {
	keygen, err := exec.LookPath("ssh-keygen")
	if err != nil {
		t.Skip("ssh-keygen is missing")
	}
	file := filepath.Join(t.TempDir(), "known_hosts")
	key := newKey(t, "ed25519").PublicKey()
	patterns := []string{"web1", "web*", "*", "[web1]:2222", "[web*]:2222", "[web1]:*", "[*]:2222", "web1,db1", "*,!web1", "we?1", "WEB1",
		"web*.example.org", "::1", "[::1]:2222", knownhosts.HashHostname("web1"), knownhosts.HashHostname("[web1]:2222"), "w**1", "*1*", "!web1", "[::1]"}
	for _, host := range []struct {
		name string
		port int
	}{{"web1", 22}, {"web1", 2222}, {"web12", 22}, {"::1", 22}, {"::1", 2222}, {"web9.example.org", 22}} {
		for _, pattern := range patterns {
			text := knownLineText(pattern, key)
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			name := hostKeyName(host.name, host.port)
			want := exec.Command(keygen, "-F", name, "-f", file).Run() == nil
			db, _ := readHostDB([]string{file})
			if got := len(db.lines(name)) > 0; got != want {
				t.Errorf("%s for %s: we say %v, OpenSSH %v", pattern, name, got, want)
			}
		}
	}
}

// Eight clients that share a known_hosts file and nothing else.
func TestAppendInParallel(t *testing.T) {
	file := filepath.Join(t.TempDir(), "known_hosts")
	kept := knownLineText("old", newKey(t, "ed25519").PublicKey())
	if err := os.WriteFile(file, []byte(strings.TrimSuffix(kept, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	key := newKey(t, "ed25519").PublicKey()
	var work sync.WaitGroup
	for p := range 8 {
		work.Go(func() {
			for i := range 12 {
				hosts := []UnknownHost{{Host: fmt.Sprintf("own%d-%d", p, i), Key: key}}
				for j := range 50 {
					hosts = append(hosts, UnknownHost{Host: fmt.Sprintf("[web%d-%d]:2222", i, j), Key: key})
				}
				if _, err := appendKnownHosts([]string{file}, hosts); err != nil {
					t.Error(err)
				}
			}
		})
	}
	work.Wait()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(data), kept) {
		t.Error("what was there before is not")
	}
	if got, want := strings.Count(string(data), "\n"), 1+12*50+8*12; got != want {
		t.Errorf("%d lines, want %d: each host once", got, want)
	}
	if _, err := knownhosts.New(file); err != nil {
		t.Errorf("the file is broken: %v", err)
	}
}

func FuzzKnownHosts(f *testing.F) {
	key := newKey(f, "ed25519").PublicKey()
	f.Add("web1,*,!a "+string(ssh.MarshalAuthorizedKey(key)), "web1")
	f.Add("|1|a|b ssh-rsa AAAA\n@revoked", "[::1]:22")
	f.Fuzz(func(t *testing.T, text, host string) {
		_ = checkKnown(text, host, 22, key)
	})
}

func BenchmarkLookup(b *testing.B) {
	key := newKey(b, "ed25519").PublicKey()
	for _, hashed := range []bool{false, true} {
		var text strings.Builder
		for i := range 10_000 {
			name := fmt.Sprintf("[web%d.example.org]:2222", i)
			if hashed {
				name = knownhosts.HashHostname(name)
			}
			text.WriteString(knownLineText(name, key))
		}
		db, _ := readHostDB(nil)
		db.addFile("f", []byte(text.String()))
		b.Run(fmt.Sprintf("hashed=%v", hashed), func(b *testing.B) {
			for b.Loop() {
				if err := db.lookup("web9999.example.org", 2222).check(key); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
