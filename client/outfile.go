package client

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"fantail/exec"
)

// FileOutput writes tables into a file, whose suffix says how: .csv, .tsv or
// .json (one object a line). The file is written beside its place and renamed
// when it is complete, so that no reader sees half of it; the query stands in a
// file of the same name with .query behind it.
//
// Each window replaces the file, or, with Append, adds its rows.
type FileOutput struct {
	Path      string
	Append    bool
	Query     string
	PartialOK bool // write a result that lacks some hosts, too

	tmp  *os.File // what Commit will put in place; nil: nothing
	rows Output   // into tmp
}

// Check says whether a table can be written at all, before anything is run.
func (o *FileOutput) Check() error {
	if _, err := o.format(io.Discard, false); err != nil {
		return err
	}
	info, err := os.Stat(filepath.Dir(o.Path))
	if err != nil {
		return fmt.Errorf("outfile: %w", err)
	}
	if !info.IsDir() {
		return fmt.Errorf("outfile: %s is not a directory", filepath.Dir(o.Path))
	}
	return nil
}

func (o *FileOutput) format(w io.Writer, begun bool) (Output, error) {
	switch filepath.Ext(o.Path) {
	case ".csv", "":
		return &CSVOutput{W: w, begun: begun}, nil
	case ".tsv":
		return &CSVOutput{W: w, Comma: '\t', begun: begun}, nil
	case ".json":
		return &JSONOutput{W: w}, nil
	}
	return nil, fmt.Errorf("outfile %q: the format goes by the suffix: .csv, .tsv or .json", o.Path)
}

// Lines is not for tables.
func (o *FileOutput) Lines(string, *exec.Rows) error { panic("BUG: lines of a table") }

// Table writes a table. That of a window is put in place at once, when it is
// complete; otherwise Commit does it.
func (o *FileOutput) Table(t *Table) error {
	if t.Interim || t.Interval > 0 && len(t.Missing) > 0 && !o.PartialOK {
		return nil
	}
	if o.tmp == nil {
		if err := o.begin(); err != nil {
			return err
		}
	}
	if err := o.rows.Table(t); err != nil {
		return fmt.Errorf("write %s: %w", o.Path, err)
	}
	if t.Interval > 0 {
		return o.Commit()
	}
	return nil
}

// begin makes the file beside its place, with what is in place already where
// rows are appended.
func (o *FileOutput) begin() error {
	tmp, err := createBeside(o.Path)
	if err != nil {
		return fmt.Errorf("outfile: %w", err)
	}
	o.tmp = tmp
	old := int64(0)
	if o.Append {
		if old, err = copyInto(tmp, o.Path); err != nil {
			o.Abort()
			return err
		}
	}
	o.rows, err = o.format(tmp, old > 0)
	return err
}

// copyInto appends what is in a file, if there is one.
func copyInto(w io.Writer, path string) (int64, error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("outfile append: %w", err)
	}
	defer f.Close()
	n, err := io.Copy(w, f)
	if err != nil {
		return n, fmt.Errorf("outfile append: read %s: %w", path, err)
	}
	return n, nil
}

// Commit puts what was written in place.
func (o *FileOutput) Commit() error {
	if o.tmp == nil {
		return nil
	}
	tmp := o.tmp
	o.tmp = nil
	if err := putInPlace(tmp, o.Path); err != nil {
		return err
	}
	query, err := createBeside(o.Path + ".query")
	if err != nil {
		return fmt.Errorf("outfile: %w", err)
	}
	fmt.Fprintln(query, strings.TrimSpace(o.Query)) // an error shows up when it is put in place
	return putInPlace(query, o.Path+".query")
}

// Abort forgets what was written.
func (o *FileOutput) Abort() {
	if o.tmp != nil {
		o.tmp.Close()
		os.Remove(o.tmp.Name())
		o.tmp = nil
	}
}

// createBeside makes a new file in the folder of path, with the permissions that
// a new file there gets, or the ones that path has.
func createBeside(path string) (*os.File, error) {
	for {
		name := fmt.Sprintf("%s/.%s.%08x.tmp", filepath.Dir(path), filepath.Base(path), rand.Uint32())
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if errors.Is(err, os.ErrExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if info, statErr := os.Stat(path); statErr == nil {
			err = f.Chmod(info.Mode().Perm())
		}
		return f, err
	}
}

// putInPlace closes a file that createBeside has made, and renames it; on an
// error nothing is left of it.
func putInPlace(f *os.File, path string) error {
	err := errors.Join(f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
		return fmt.Errorf("outfile: %w", err)
	}
	return nil
}
