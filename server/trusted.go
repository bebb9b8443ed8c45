package server

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// openTrusted opens a file that nobody but the user and root can have written,
// as sshd's StrictModes has it: the file and every directory above it, up to the
// home or the root, belong to one of them and may be written by no one else.
func openTrusted(path, home string, uid uint32) (*os.File, error) {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, err
	}
	if home, err = filepath.EvalSymlinks(home); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK|syscall.O_NOFOLLOW, 0) // a named pipe must not hold us up
	if err != nil {
		return nil, err
	}
	if err := trustedFile(f, home, uid); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func trustedFile(f *os.File, home string, uid uint32) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a regular file", f.Name())
	}
	if err := trusted(f.Name(), info, uid); err != nil {
		return err
	}
	for dir := filepath.Dir(f.Name()); ; dir = filepath.Dir(dir) {
		info, err := os.Lstat(dir)
		if err != nil {
			return err
		}
		if err := trusted(dir, info, uid); err != nil {
			return err
		}
		if dir == home || dir == filepath.Dir(dir) {
			return nil
		}
	}
}

// trusted looks at one file or directory.
func trusted(path string, info fs.FileInfo, uid uint32) error {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return errors.New("the owner of " + path + " is not known")
	}
	if st.Uid != 0 && st.Uid != uid {
		return fmt.Errorf("%s belongs to the user with id %d", path, st.Uid)
	}
	if mode := info.Mode().Perm(); mode&0o022 != 0 {
		return fmt.Errorf("%s may be written by others (mode %04o)", path, mode)
	}
	return nil
}
