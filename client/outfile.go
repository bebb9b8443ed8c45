package client

import (
	"errors"
	"fmt"
	"io"
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
	tmp, err := os.CreateTemp(filepath.Dir(o.Path), "."+filepath.Base(o.Path)+".*.tmp")
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
	if err := errors.Join(tmp.Chmod(o.mode()), tmp.Sync(), tmp.Close()); err != nil {
		os.Remove(tmp.Name())
		return fmt.Errorf("write %s: %w", o.Path, err)
	}
	if err := os.Rename(tmp.Name(), o.Path); err != nil {
		os.Remove(tmp.Name())
		return fmt.Errorf("outfile: %w", err)
	}
	query := strings.TrimSpace(o.Query) + "\n"
	if err := writeAtomic(o.Path+".query", []byte(query)); err != nil {
		return fmt.Errorf("outfile: %w", err)
	}
	return nil
}

// mode keeps the permissions of a file that is replaced.
func (o *FileOutput) mode() os.FileMode {
	if info, err := os.Stat(o.Path); err == nil {
		return info.Mode().Perm()
	}
	return 0o644
}

// Abort forgets what was written.
func (o *FileOutput) Abort() {
	if o.tmp != nil {
		o.tmp.Close()
		os.Remove(o.tmp.Name())
		o.tmp = nil
	}
}

// writeAtomic writes a file beside its place and renames it.
func writeAtomic(path string, data []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.tmp")
	if err != nil {
		return err
	}
	_, err = tmp.Write(data)
	err = errors.Join(err, tmp.Chmod(0o644), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		os.Remove(tmp.Name())
	}
	return err
}
