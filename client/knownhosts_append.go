package client

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/crypto/ssh/knownhosts"
)

// appendKnownHosts adds the hosts to the first of the files, and gives what all
// of them say afterwards. An error beside that means that the hosts are in the
// result, but not in the file.
//
// Other processes may do the same at the same time: the file is only ever
// appended to, in one write under a lock, and after a look at what they wrote.
func appendKnownHosts(files []string, hosts []UnknownHost) (*hostDB, error) {
	if len(files) == 0 {
		db, err := readHostDB(nil)
		if err != nil {
			return nil, err
		}
		db.addHosts("", hosts)
		return db, errors.New("record known hosts: there is no file for them")
	}
	f, openErr := openLocked(files[0])
	if openErr == nil {
		defer f.Close()
	}
	db, err := readHostDB(files)
	if err != nil {
		return nil, err
	}
	text := db.addHosts(files[0], hosts)
	if openErr != nil {
		return db, fmt.Errorf("record known hosts: %w", openErr)
	}
	if err := appendText(f, text); err != nil {
		return db, fmt.Errorf("record known hosts: %w", err)
	}
	return db, nil
}

// addHosts adds those hosts about which nothing is known, and gives their lines.
func (db *hostDB) addHosts(file string, hosts []UnknownHost) string {
	var text strings.Builder
	for _, h := range hosts {
		if len(onlyKeys(db.lines(h.Host))) > 0 {
			continue // another process was faster; if its key is another one, the check will say so
		}
		line := knownhosts.Line([]string{h.Host}, h.Key)
		text.WriteString(line + "\n")
		db.add("", &knownLine{file: file, key: h.Key, hosts: []string{h.Host}})
	}
	return text.String()
}

// openLocked opens the file for appending, making it and its folder if missing,
// and locks it until it is closed. Where the file system has no locks, a single
// write with O_APPEND must do.
func openLocked(file string) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX)
		if err != syscall.EINTR {
			return f, nil
		}
	}
}

// appendText writes text as lines of their own.
func appendText(f *os.File, text string) error {
	if text == "" {
		return nil
	}
	if !endsLine(f) {
		text = "\n" + text
	}
	_, err := f.WriteString(text)
	return err
}

func endsLine(f *os.File) bool {
	info, err := f.Stat()
	if err != nil || info.Size() == 0 {
		return true
	}
	var last [1]byte
	_, err = f.ReadAt(last[:], info.Size()-1)
	return err != nil || bytes.Equal(last[:], []byte("\n"))
}

// splitKeyName takes a host as known_hosts writes it apart.
func splitKeyName(name string) (host, port string) {
	host, port, err := net.SplitHostPort(name)
	if err != nil {
		return name, "22"
	}
	return host, port
}
