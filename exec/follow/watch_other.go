//go:build !linux

package follow

import (
	"context"
	"errors"
	"os"
	"time"
)

// watcher cannot be had here: the sweep alone finds what has changed.
type watcher struct{}

type change struct {
	watch    int32
	name     string
	grown    bool
	overflow bool
}

func newWatcher() (*watcher, error) {
	return nil, errors.New("this system does not tell of changes")
}

func (*watcher) close()                          {}
func (*watcher) addFile(*os.File) (int32, error) { return 0, errors.ErrUnsupported }
func (*watcher) addDir(string) (int32, error)    { return 0, errors.ErrUnsupported }
func (*watcher) remove(int32)                    {}
func (*watcher) wait(context.Context, time.Time) {}
func (*watcher) changes(func(change))            {}
