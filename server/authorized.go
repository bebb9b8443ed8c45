package server

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

// DefaultAuthorizedKeys is where keys are looked for unless it is said otherwise.
const DefaultAuthorizedKeys = "%h/.ssh/authorized_keys"

// maxAuthorizedKeys is in bytes, for the file is read before anybody has logged in.
const maxAuthorizedKeys = 1 << 20

// AuthorizedKeys lets one user in, with the keys in files as sshd has them. The
// zero value lets nobody in.
type AuthorizedKeys struct {
	User    string           // the only one
	UID     uint32           // who, beside root, may own the files and their directories
	Home    string           // absolute path
	Pattern string           // as sshd's AuthorizedKeysFile: %u %h %%, several by blanks; "": DefaultAuthorizedKeys
	Now     func() time.Time // for expiry-time; nil: time.Now
}

// KeysOf gives the AuthorizedKeys of an account.
func KeysOf(u *user.User, pattern string) (*AuthorizedKeys, error) {
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("user %s: id %q: %w", u.Username, u.Uid, err)
	}
	a := &AuthorizedKeys{User: u.Username, UID: uint32(uid), Home: u.HomeDir, Pattern: pattern}
	if _, err := a.files(); err != nil {
		return nil, err
	}
	return a, nil
}

// Authorize is an Authorize. It reads the files anew each time, so that a key
// that was removed is refused at once. No other user's name is ever a path.
func (a *AuthorizedKeys) Authorize(user string, key ssh.PublicKey) (*ssh.Permissions, error) {
	if a.User == "" || user != a.User {
		return nil, fmt.Errorf("this server serves the user %q only", a.User)
	}
	files, err := a.files()
	if err != nil {
		return nil, err
	}
	var reasons []error
	for _, file := range files {
		perms, err := a.inFile(file, key.Marshal())
		if err == nil {
			return perms, nil
		}
		reasons = append(reasons, err)
	}
	return nil, errors.Join(reasons...)
}

// files are the patterns with their signs replaced.
func (a *AuthorizedKeys) files() ([]string, error) {
	pattern := a.Pattern
	if pattern == "" {
		pattern = DefaultAuthorizedKeys
	}
	var files []string
	for f := range strings.FieldsSeq(pattern) {
		path, err := a.expand(f)
		if err != nil {
			return nil, fmt.Errorf("authorized keys %q: %w", pattern, err)
		}
		if !filepath.IsAbs(path) {
			path = filepath.Join(a.Home, path)
		}
		files = append(files, path)
	}
	return files, nil
}

func (a *AuthorizedKeys) expand(pattern string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(pattern); i++ {
		if pattern[i] != '%' {
			b.WriteByte(pattern[i])
			continue
		}
		if i++; i == len(pattern) {
			return "", errors.New("ends with a lone %")
		}
		switch pattern[i] {
		case 'u':
			b.WriteString(a.User)
		case 'h':
			b.WriteString(a.Home)
		case '%':
			b.WriteByte('%')
		default:
			return "", fmt.Errorf("unknown sign %%%c: there are %%u, %%h and %%%%", pattern[i])
		}
	}
	return b.String(), nil
}

// inFile looks for the key in a file. As with sshd, the first line that lets it
// in counts.
func (a *AuthorizedKeys) inFile(path string, key []byte) (*ssh.Permissions, error) {
	f, err := openTrusted(path, a.Home, a.UID)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no %s", path)
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	reason := errors.New("the key is not in it")
	lines := bufio.NewScanner(io.LimitReader(f, maxAuthorizedKeys))
	lines.Buffer(nil, maxAuthorizedKeys)
	for n := 1; lines.Scan(); n++ {
		found, _, options, _, err := ssh.ParseAuthorizedKey(lines.Bytes())
		if err != nil || !bytes.Equal(found.Marshal(), key) {
			continue // a bad line is no reason to lock out the others
		}
		perms, err := permissions(options, a.now())
		if err == nil {
			return perms, nil
		}
		reason = fmt.Errorf("line %d: %w", n, err)
	}
	if err := lines.Err(); err != nil {
		reason = err
	}
	return nil, fmt.Errorf("%s: %w", path, reason)
}

func (a *AuthorizedKeys) now() time.Time {
	if a.Now != nil {
		return a.Now()
	}
	return time.Now()
}
