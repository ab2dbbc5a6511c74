package httpserver

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"syscall"
)

// inheritedDescriptor is the first one that a service manager hands over.
const inheritedDescriptor = 3

// InheritListener is the socket that a service manager holds for this process, as systemd
// does for socket units (sd_listen_fds(3): LISTEN_PID, LISTEN_FDS, descriptors from 3 on),
// or nil where there is none. It stays open from one process to the next: who connects
// while nobody serves waits, and nobody is refused.
func InheritListener() (net.Listener, error) {
	if os.Getenv("LISTEN_PID") != strconv.Itoa(os.Getpid()) {
		return nil, nil
	}
	if n := os.Getenv("LISTEN_FDS"); n != "1" {
		return nil, fmt.Errorf("LISTEN_FDS = %q: one socket is taken over, that of api.listen", n)
	}
	syscall.CloseOnExec(inheritedDescriptor)
	return listenOn(os.NewFile(inheritedDescriptor, "socket of the service manager"))
}

// listenOn makes a listener of an open socket, and closes the file.
func listenOn(file *os.File) (net.Listener, error) {
	listener, err := net.FileListener(file)
	if err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("take over a socket: %w", err)
	}
	if err := file.Close(); err != nil {
		_ = listener.Close()
		return nil, fmt.Errorf("take over a socket: %w", err)
	}
	return listener, nil
}
