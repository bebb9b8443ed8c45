package e2e

import (
	"syscall"
	"unsafe"
)

// pending is how many bytes can be read from a pipe.
func pending(fd uintptr) (n int32) {
	syscall.Syscall(syscall.SYS_IOCTL, fd, syscall.TIOCINQ, uintptr(unsafe.Pointer(&n)))
	return n
}
