package server

import (
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

func TestLogin(t *testing.T) {
	f := serve(t, nil)
	line, other := authorizedLine(f.key), newKey(t)
	for _, test := range []struct {
		name, user, file string
		key              ssh.Signer
		refused          string // in the log; "": let in
	}{
		{name: "good", file: line},
		{name: "other key", file: line, key: other, refused: "authorized_keys: the key is not in it"},
		{name: "other user", user: "root", file: line, refused: `this server serves the user \"me\" only`},
		{name: "a path as user", user: "../../evil/x", file: line, refused: "only"},
		{name: "a path to the user", user: "./me", file: line, refused: "only"},
		{name: "no user", user: "-", file: line, refused: "only"},
		{name: "key removed", file: "# nothing\n", refused: "the key is not in it"},
		{name: "second line", file: authorizedLine(other) + line},
		{name: "bad lines", file: "rubbish\nssh-ed25519 AAAA\n\n" + `command="x` + "\n" + line + "# the end"},
		{name: "no newline, carriage return", file: strings.TrimSpace(line) + " me@home\r"},
		{name: "harmless options", file: "restrict,no-pty,no-X11-forwarding " + line},
		{name: "command", file: `command="/bin/true" ` + line, refused: `line 1: the option \"command\" cannot be honoured here`},
		{name: "command, then without", file: `command="/bin/true" ` + line + line},
		{name: "authority", file: "cert-authority " + line, refused: "cert-authority"},
		{name: "unknown option", file: "restrict,frobnicate " + line, refused: "frobnicate"},
		{name: "from here", file: `from="10.1.0.0/16,127.0.0.0/8" ` + line},
		{name: "from elsewhere", file: `from="10.1.0.0/16" ` + line, refused: "not allowed because of source-address"},
		{name: "from a name", file: `from="*.example.org" ` + line, refused: "neither an address nor a network"},
		{name: "from nowhere", file: `from="" ` + line, refused: "neither an address"},
		{name: "from twice", file: `from="127.0.0.1",from="127.0.0.1" ` + line, refused: "twice"},
		{name: "expired", file: `expiry-time="20200101" ` + line, refused: "the key has expired"},
		{name: "expires later", file: `expiry-time="29991231235959Z" ` + line},
		{name: "bad expiry", file: `expiry-time="soon" ` + line, refused: "want YYYYMMDD"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f.authorize(t, test.file)
			seen := len(f.log.String())
			who, key := "me", f.key
			if test.user != "" {
				who = strings.Trim(test.user, "-")
			}
			if test.key != nil {
				key = test.key
			}
			c, err := f.dial(who, key)
			if err == nil {
				c.Close()
			}
			if (err != nil) != (test.refused != "") {
				t.Fatal(err)
			}
			if err != nil && !strings.Contains(err.Error(), "unable to authenticate") {
				t.Errorf("the peer was told %v", err)
			}
			if log := f.log.String()[seen:]; !strings.Contains(log, test.refused) {
				t.Errorf("the log says %s", log)
			}
		})
	}
}

// TestStrictModes: a key file that others could have written counts for nothing.
func TestStrictModes(t *testing.T) {
	f := serve(t, nil)
	dir := filepath.Join(f.home, ".ssh")
	file := filepath.Join(dir, "authorized_keys")
	for _, test := range []struct {
		name, path string
		mode, good os.FileMode
	}{
		{"file", file, 0o620, 0o600},
		{"file by all", file, 0o602, 0o644},
		{"directory", dir, 0o770, 0o700},
		{"home", f.home, 0o757, 0o755},
	} {
		chmod(t, test.path, test.mode)
		if _, err := f.dial("me", f.key); err == nil {
			t.Errorf("%s: let in", test.name)
		}
		if want := test.path + " may be written by others"; !strings.Contains(f.log.String(), want) {
			t.Errorf("the log lacks: %s", want)
		}
		chmod(t, test.path, test.good)
		f.login(t)
	}
	// A link leads to what it names, and that is looked at.
	elsewhere := filepath.Join(t.TempDir(), "open")
	if err := os.Mkdir(elsewhere, 0o777); err != nil {
		t.Fatal(err)
	}
	chmod(t, elsewhere, 0o777)
	if err := os.Rename(file, filepath.Join(elsewhere, "keys")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(elsewhere, "keys"), file); err != nil {
		t.Fatal(err)
	}
	if _, err := f.dial("me", f.key); err == nil {
		t.Error("let in by a link into a directory of everybody")
	}
}

func TestStrictOwner(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs root to give files away")
	}
	f := serve(t, nil)
	file := filepath.Join(f.home, ".ssh", "authorized_keys")
	if err := os.Chown(file, 12345, -1); err != nil {
		t.Fatal(err)
	}
	if _, err := f.dial("me", f.key); err == nil {
		t.Error("let in by a stranger's file")
	}
	a := f.keys()
	a.UID = 12345
	if _, err := a.Authorize("me", f.key.PublicKey()); err != nil {
		t.Error("the user's own file:", err)
	}
}

func chmod(t *testing.T, path string, mode os.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

func TestKeyFilePatterns(t *testing.T) {
	for _, test := range []struct{ pattern, want string }{
		{"", "/home/me/.ssh/authorized_keys"},
		{"/etc/keys/%u", "/etc/keys/me"},
		{"%h/k .ssh/other  /x/%%/%u.pub", "/home/me/k /home/me/.ssh/other /x/%/me.pub"},
		{"/etc/%", "ends with a lone %"},
		{"/etc/%x", "unknown sign %x"},
	} {
		a, err := KeysOf(&user.User{Username: "me", HomeDir: "/home/me", Uid: "7"}, test.pattern)
		if err != nil {
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("%q: %v", test.pattern, err)
			}
			continue
		}
		files, _ := a.files()
		if got := strings.Join(files, " "); got != test.want {
			t.Errorf("%q: got %s", test.pattern, got)
		}
	}
}

func TestExpiry(t *testing.T) {
	for value, want := range map[string]string{
		"20261120":         "2026-11-20T00:00:00Z",
		"202611200915Z":    "2026-11-20T09:15:00Z",
		"20261120091502Z":  "2026-11-20T09:15:02Z",
		"2026112009150":    "",
		"20261320":         "",
		"2026-11-20":       "",
		"20261120091502ZZ": "",
	} {
		zone := time.Local
		if strings.HasSuffix(value, "Z") {
			zone = time.UTC
		}
		got, err := expiry(value)
		if (err != nil) != (want == "") {
			t.Errorf("%s: %v", value, err)
		}
		if err == nil && !got.Equal(parseIn(t, want, zone)) {
			t.Errorf("%s: got %v", value, got)
		}
	}
}

func parseIn(t *testing.T, s string, zone *time.Location) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02T15:04:05Z", s, zone)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestZeroValueLetsNobodyIn(t *testing.T) {
	var keys AuthorizedKeys
	for _, name := range []string{"", "root"} {
		if _, err := keys.Authorize(name, newKey(t).PublicKey()); err == nil {
			t.Errorf("%q was let in", name)
		}
	}
	f := serve(t, func(s *Server) { s.Authorize = nil })
	if _, err := f.dial("me", f.key); err == nil {
		t.Error("let in")
	}
}
