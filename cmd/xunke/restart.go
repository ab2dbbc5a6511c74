package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/signal"
	"syscall"

	"github.com/xunke/xunke/internal/config"
	"github.com/xunke/xunke/internal/httpserver"
)

// restart is what follows a server that was asked to restart in its place.
type restart struct {
	program string            // that this one was started from
	socket  httpserver.Socket // 0: the next one listens elsewhere
}

// serveUntilRestart is serveOn that also ends when a restart is asked for by SIGUSR2. The
// next process image is nil where the end was asked for.
func (a *app) serveUntilRestart(ctx context.Context, listener net.Listener, explain bool) (next *restart, err error) {
	program, err := os.Executable()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("find this program: %w", err), listener.Close())
	}
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGUSR2)
	defer signal.Stop(asked)
	serving, end := context.WithCancel(ctx)
	prepared := make(chan struct{})
	go func() {
		defer close(prepared)
		for next == nil {
			select {
			case <-asked:
			case <-serving.Done():
				return
			}
			socket, err := a.keepForRestart(listener)
			if err != nil {
				a.log.Error("no restart; going on as before", "err", err)
				continue
			}
			next = &restart{program: program, socket: socket}
			a.log.Info("restarting", "program", program)
		}
		end()
	}()
	err = a.serveOn(serving, listener, explain)
	end()
	<-prepared
	if next != nil && (err != nil || ctx.Err() != nil) {
		return nil, errors.Join(err, next.drop())
	}
	return next, err
}

// keepForRestart keeps the socket, unless the configuration that there is now names another
// address. A configuration that is wrong is no reason to end what works.
func (a *app) keepForRestart(listener net.Listener) (httpserver.Socket, error) {
	now, err := config.Load(a.configFile)
	if err != nil {
		return 0, err
	}
	if now.API.Listen != a.config.API.Listen {
		return 0, nil
	}
	return httpserver.KeepSocket(listener)
}

// drop gives the socket up.
func (r *restart) drop() error {
	if r.socket == 0 {
		return nil
	}
	return r.socket.Close()
}

// start goes on as the next process image, of program where that is given. It returns only
// if that fails.
func (r *restart) start(program string) error {
	if program == "" {
		program = r.program
	}
	return r.socket.Replace(program, os.Args)
}
