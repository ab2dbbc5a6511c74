package httpserver

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// Socket is a copy of a listener's socket that outlives the listener: who connects while
// nobody accepts waits in its queue, and nobody is refused.
type Socket int

// KeepSocket copies the socket of a listener.
func KeepSocket(l net.Listener) (Socket, error) {
	tcp, ok := l.(*net.TCPListener)
	if !ok {
		return 0, fmt.Errorf("keep the socket of a %T: only that of a TCP listener can be kept", l)
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return 0, fmt.Errorf("keep the socket: %w", err)
	}
	// Not File: its Fd would make the listener's own socket a blocking one as well.
	var fd uintptr
	var errno syscall.Errno
	err = raw.Control(func(of uintptr) {
		fd, _, errno = syscall.Syscall(syscall.SYS_FCNTL, of, syscall.F_DUPFD_CLOEXEC, 0)
	})
	if err == nil && errno != 0 {
		err = errno
	}
	if err != nil {
		return 0, fmt.Errorf("keep the socket: %w", err)
	}
	return Socket(fd), nil
}

// Close gives the socket up.
func (s Socket) Close() error { return syscall.Close(int(s)) }

// Replace has this process go on as another program. It inherits the socket as that of a
// service manager (InheritListener), unless the socket is 0. Replace returns only if that
// fails, and then the process has to end.
func (s Socket) Replace(program string, args []string) error {
	// The numbers of descriptors are free to be used anew: nothing of this program goes on.
	switch {
	case s == 0:
	case int(s) == inheritedDescriptor:
		if _, _, errno := syscall.Syscall(syscall.SYS_FCNTL, uintptr(s), syscall.F_SETFD, 0); errno != 0 {
			return fmt.Errorf("hand the socket over: %w", errno)
		}
	default:
		if err := syscall.Dup3(int(s), inheritedDescriptor, 0); err != nil {
			return fmt.Errorf("hand the socket over: %w", err)
		}
	}
	var environment []string
	for _, line := range os.Environ() {
		if !strings.HasPrefix(line, "LISTEN_") {
			environment = append(environment, line)
		}
	}
	if s != 0 {
		environment = append(environment, "LISTEN_PID="+strconv.Itoa(os.Getpid()), "LISTEN_FDS=1")
	}
	err := syscall.Exec(program, args, environment) //nolint:gosec // the program is this one, in its present version
	return fmt.Errorf("go on as %s: %w", program, err)
}
