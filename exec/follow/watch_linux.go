package follow

import (
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// watcher waits for the kernel to tell of changes, by inotify. It needs no
// goroutine: the runtime's poller waits for its descriptor.
type watcher struct {
	f   *os.File
	buf [64 << 10]byte
	n   int // bytes in buf that wait has read
}

// change is something that happened to a watched file or directory.
type change struct {
	watch    int32
	name     string // in a watched directory; "" for a file
	grown    bool   // a file was written to, or cut; else its name has changed
	overflow bool   // changes were lost
}

const (
	fileChanges = unix.IN_MODIFY | unix.IN_ATTRIB | unix.IN_MOVE_SELF
	dirChanges  = unix.IN_CREATE | unix.IN_MOVED_TO | unix.IN_MOVED_FROM | unix.IN_DELETE | unix.IN_ONLYDIR
)

func newWatcher() (*watcher, error) {
	fd, err := unix.InotifyInit1(unix.IN_NONBLOCK | unix.IN_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("start inotify: %w", err)
	}
	return &watcher{f: os.NewFile(uintptr(fd), "inotify")}, nil
}

func (w *watcher) close() { w.f.Close() }

// addFile watches exactly the file that is open, whatever its name is by now.
func (w *watcher) addFile(f *os.File) (int32, error) {
	raw, err := f.SyscallConn()
	if err != nil {
		return 0, err
	}
	var watch int32
	var failed error
	err = raw.Control(func(fd uintptr) {
		watch, failed = w.add(fmt.Sprintf("/proc/self/fd/%d", fd), fileChanges)
	})
	if err != nil {
		return 0, err
	}
	return watch, failed
}

// addDir watches the names in a directory. To add it again is to keep it.
func (w *watcher) addDir(path string) (int32, error) {
	return w.add(filepath.Clean(path), dirChanges)
}

func (w *watcher) add(path string, mask uint32) (watch int32, err error) {
	raw, err := w.f.SyscallConn()
	if err != nil {
		return 0, err
	}
	var n int
	var failed error
	if err := raw.Control(func(fd uintptr) { n, failed = unix.InotifyAddWatch(int(fd), path, mask) }); err != nil {
		return 0, err
	}
	return int32(n), failed
}

// remove ends a watch. One that the kernel has ended already is no error.
func (w *watcher) remove(watch int32) {
	if raw, err := w.f.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) { _, _ = unix.InotifyRmWatch(int(fd), uint32(watch)) })
	}
}

// wait returns when something has changed, at the deadline, or when ctx is done.
func (w *watcher) wait(ctx context.Context, deadline time.Time) {
	if w.n > 0 {
		return
	}
	_ = w.f.SetReadDeadline(deadline)
	// Only now: a ctx that is done already is to have the last word.
	stop := context.AfterFunc(ctx, func() { _ = w.f.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	raw, err := w.f.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Read(func(fd uintptr) bool { return w.read(int(fd)) })
}

// read fills buf, and tells whether that need not be tried again.
func (w *watcher) read(fd int) bool {
	n, err := unix.Read(fd, w.buf[:])
	w.n = max(n, 0)
	return err != unix.EAGAIN
}

// changes gives what has happened, and does not wait for more.
func (w *watcher) changes(each func(change)) {
	raw, err := w.f.SyscallConn()
	if err != nil {
		return
	}
	for range 64 { // a bound, for a flood must not keep the files from being read
		if w.n == 0 {
			_ = raw.Control(func(fd uintptr) { w.read(int(fd)) })
		}
		if w.n == 0 {
			return
		}
		decode(w.buf[:w.n], each)
		w.n = 0
	}
}

// decode gives the changes in what inotify wrote.
func decode(p []byte, each func(change)) {
	for len(p) >= unix.SizeofInotifyEvent {
		end := unix.SizeofInotifyEvent + int(binary.NativeEndian.Uint32(p[12:]))
		mask := binary.NativeEndian.Uint32(p[4:])
		name := strings.TrimRight(string(p[unix.SizeofInotifyEvent:end]), "\x00")
		each(change{
			watch:    int32(binary.NativeEndian.Uint32(p)),
			name:     name,
			grown:    mask&unix.IN_MODIFY != 0,
			overflow: mask&unix.IN_Q_OVERFLOW != 0,
		})
		p = p[end:]
	}
}
