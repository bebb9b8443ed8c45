package follow

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"fantail/exec"
)

// Opener is the only door to files. What it refuses is told to the user as a
// notice, and the run goes on with the other files.
type Opener interface {
	// Open opens a regular file for reading, and nothing else; it does not block.
	Open(path string) (*os.File, error)
	// Glob returns the paths that match a pattern of filepath.Match's syntax.
	Glob(pattern string) ([]string, error)
}

// OS is the Opener that leaves it to the kernel who may read what.
type OS struct{}

var (
	errDirectory  = errors.New("is a directory")
	errNotRegular = errors.New("not a regular file")
)

// Open opens path if it is a regular file.
func (OS) Open(path string) (*os.File, error) {
	// Looking first spares a named pipe's writer a reader that leaves at once.
	if err := regular(os.Stat(path)); err != nil {
		return nil, pathError(path, err)
	}
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK|syscall.O_NOCTTY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	if err := regular(f.Stat()); err != nil {
		f.Close()
		return nil, pathError(path, err)
	}
	return f, nil
}

// Glob is filepath.Glob.
func (OS) Glob(pattern string) ([]string, error) { return filepath.Glob(pattern) }

func regular(st fs.FileInfo, err error) error {
	switch {
	case err != nil:
		return err
	case st.IsDir():
		return errDirectory
	case !st.Mode().IsRegular():
		return errNotRegular
	}
	return nil
}

func pathError(path string, err error) error {
	if pe := (*fs.PathError)(nil); errors.As(err, &pe) {
		err = pe.Err
	}
	return &fs.PathError{Op: "open", Path: path, Err: err}
}

// expand returns the sorted paths that a glob names. A path that can be opened
// names itself, even if it looks like a pattern.
func expand(op Opener, glob string) ([]string, error) {
	if !strings.ContainsAny(glob, `*?[\`) {
		return []string{glob}, nil
	}
	if f, err := op.Open(glob); err == nil {
		f.Close()
		return []string{glob}, nil
	}
	paths, err := op.Glob(glob)
	if err != nil {
		return nil, fmt.Errorf("pattern %q: %w", glob, err)
	}
	slices.Sort(paths)
	return paths, nil
}

// escape makes a path a pattern that matches only itself.
func escape(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

// failure is the notice of a file that could not be read.
func failure(path string, err error) exec.Notice {
	return exec.Notice{Level: exec.Failure, Path: path, Text: reason(err)}
}

// reason is an error in the user's words, without the path.
func reason(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "no such file"
	case errors.Is(err, fs.ErrPermission):
		return "permission denied"
	}
	if pe := (*fs.PathError)(nil); errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}
