package server

import (
	"bytes"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/crypto/ssh"
)

func TestHostKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "key")
	keys := make([]ssh.Signer, 8)
	var starts sync.WaitGroup
	for i := range keys {
		starts.Go(func() {
			key, err := HostKey(path)
			if err != nil {
				t.Error(err)
			}
			keys[i] = key
		})
	}
	starts.Wait()
	if t.Failed() {
		return
	}
	for _, key := range keys[1:] {
		if !bytes.Equal(key.PublicKey().Marshal(), keys[0].PublicKey().Marshal()) {
			t.Error("two servers have two keys")
		}
	}
	if info, _ := os.Stat(path); info.Mode() != 0o600 {
		t.Error(info.Mode())
	}
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) != 1 {
		t.Error(left)
	}
	if tool, err := osexec.LookPath("ssh-keygen"); err == nil {
		out, err := osexec.Command(tool, "-l", "-f", path).CombinedOutput()
		if want := ssh.FingerprintSHA256(keys[0].PublicKey()); err != nil || !strings.Contains(string(out), want) {
			t.Errorf("ssh-keygen: %v, %s", err, out)
		}
	}
}

func TestBadHostKey(t *testing.T) {
	dir := t.TempDir()
	good, err := newHostKey()
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		text string
		mode os.FileMode
		want string
	}{
		"open":  {string(good), 0o640, "may be read by others (mode 0640)"},
		"empty": {"", 0o600, "no key found"},
		"text":  {"secret", 0o600, "no key found"},
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(test.text), test.mode); err != nil {
			t.Fatal(err)
		}
		if _, err := HostKey(path); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", name, err)
		}
		if b, _ := os.ReadFile(path); string(b) != test.text {
			t.Errorf("%s: the file was changed", name)
		}
	}
	if _, err := HostKey(dir); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Error(err)
	}
	if _, err := HostKey(filepath.Join(dir, "text", "key")); err == nil {
		t.Error("made a key below a file")
	}
}
