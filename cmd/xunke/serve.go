package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/xunke/xunke/internal/httpserver"
	"github.com/xunke/xunke/internal/mysql"
)

func newServeCommand(a *app) *cobra.Command {
	var explain bool
	var program string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the API and the pages",
		Long: "Serve the API and the pages. Any number may run behind a proxy; give them the same api.cursor_secret.\n\n" +
			"SIGTERM ends it in order. SIGUSR2 restarts it in its place, with the program and the configuration that there are\n" +
			"now: requests that have begun are answered, and whoever connects meanwhile waits and is not refused.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			a.warnOfVariables()
			release, err := a.writePID("api")
			if err != nil {
				return err
			}
			listener, err := a.listen(cmd.Context())
			if err != nil {
				release()
				return err
			}
			next, err := a.serveUntilRestart(cmd.Context(), listener, explain)
			release()
			if err != nil || next == nil {
				return err
			}
			return next.start(program)
		},
	}
	cmd.Flags().BoolVar(&explain, "explain", false, "let searches ask for their plan with ?explain=true")
	cmd.Flags().StringVar(&program, "program", "", "what SIGUSR2 restarts; empty: the file that this program was started from")
	return cmd
}

// serve answers HTTP requests until ctx ends.
func (a *app) serve(ctx context.Context, explain bool) error {
	listener, err := a.listen(ctx)
	if err != nil {
		return err
	}
	return a.serveOn(ctx, listener, explain)
}

// listen is the socket that was handed to this process, or one of its own.
func (a *app) listen(ctx context.Context) (net.Listener, error) {
	if listener, err := httpserver.InheritListener(); err != nil || listener != nil {
		return listener, err
	}
	// The port is taken first: two servers on one port is the mistake that is made most.
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", a.config.API.Listen)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("listen on %s: the port is taken (set api.listen or XUNKE_API_LISTEN to another)", a.config.API.Listen)
	} else if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", a.config.API.Listen, err)
	}
	return listener, nil
}

// serveOn answers requests that come through a listener, which it closes.
func (a *app) serveOn(ctx context.Context, listener net.Listener, explain bool) (err error) {
	api, err := a.api(ctx, explain)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer func() { err = errors.Join(err, api.close()) }()
	var operators net.Listener
	if address := a.config.API.AdminListen; address != "" {
		if operators, err = new(net.ListenConfig).Listen(ctx, "tcp", address); err != nil {
			return errors.Join(fmt.Errorf("listen on api.admin_listen = %s: %w", address, err), listener.Close())
		}
		a.log.Info("listening for operators", "address", operators.Addr().String())
	}
	a.log.Info("listening", "address", listener.Addr().String(), "version", version)
	group, ctx := errgroup.WithContext(ctx)
	// Events are carried on until the last request is answered.
	carrying, served := context.WithCancel(context.WithoutCancel(ctx))
	group.Go(func() error {
		defer served()
		return api.server.Serve(ctx, listener)
	})
	if operators != nil { // figures are there until the last request is answered
		group.Go(func() error { return api.server.ServeOperators(carrying, operators) })
	}
	group.Go(func() error { return api.events.Run(carrying) })
	group.Go(func() error { return api.answers.Run(ctx) })
	group.Go(func() error { return api.synonyms.Run(ctx) })
	group.Go(func() error { return api.model.Run(ctx) })
	group.Go(func() error { return api.curations.Run(ctx) })
	group.Go(func() error { return api.popular.Run(ctx) })
	group.Go(func() error { return api.blocked.Run(ctx) })
	group.Go(func() error { return api.cleaner.Run(ctx) })
	if l := api.learners; l != nil {
		group.Go(func() error { return l.service.Run(ctx) })
		group.Go(func() error { return l.announcer.Run(ctx) })
		group.Go(func() error { return l.worker.Run(carrying) }) // mails that the last requests cause, too
	}
	group.Go(func() error { return api.ranker.Rehearse(ctx) })
	return group.Wait()
}

// warnOfSchema logs when the schema is behind. It is no reason not to start: searches do
// not need MySQL, and during an upgrade the new program may start before the migration.
func (a *app) warnOfSchema(ctx context.Context, db *sql.DB) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	pending, err := mysql.PendingMigrations(ctx, db)
	switch {
	case err != nil:
		a.log.Warn("the schema cannot be looked at; what needs MySQL is answered once it is there", "err", err)
	case len(pending) > 0:
		a.log.Error("the schema is behind", "migrations", pending, "hint", "run: xunke migrate")
	}
}
