// Command xunke keeps a course catalogue in MySQL searchable in Elasticsearch, serves
// the search and administers both.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/xunke/xunke/catalog"
)

// version is set when the binary is built.
var version = "dev"

func main() { os.Exit(run()) }

// exitError carries an exit status for an outcome that was already told to the user.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// The first signal asks for an orderly end; after that the default action is back,
	// so that a second one ends the process at once.
	context.AfterFunc(ctx, stop)

	err := newRootCommand().ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	if code, ok := errors.AsType[exitError](err); ok {
		return int(code)
	}
	fmt.Fprintln(os.Stderr, "xunke:", err)
	if e, ok := errors.AsType[*catalog.Error](err); ok && e.Code == catalog.CodeInvalid {
		return 2
	}
	return 1
}
