package e2e

import (
	"os/exec"
	"syscall"
)

// dieWithUs has the kernel end a process when the test's is gone, however that
// came.
func dieWithUs(cmd *exec.Cmd) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
}
