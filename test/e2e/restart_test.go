package e2e

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// TestRestartInPlace: on SIGUSR2 the API goes on as a new image of the program under the
// same pid, and nobody is refused or cut off meanwhile, each on a connection of their own.
func TestRestartInPlace(t *testing.T) {
	w := emptyWorld(t)
	p := w.Start("the API", nil, "serve")
	base := "http://" + p.Address()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Minute}
	ask := func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/healthz", nil)
		if err != nil {
			return err
		}
		res, err := client.Do(req)
		if err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, res.Body); err != nil {
			return err
		}
		if res.StatusCode != http.StatusOK {
			return fmt.Errorf("status %d", res.StatusCode)
		}
		return res.Body.Close()
	}
	ctx, end := context.WithCancel(t.Context())
	defer end()
	var answers atomic.Int64
	failed := make(chan error, 8)
	for range cap(failed) {
		go func() {
			for ctx.Err() == nil {
				if err := ask(context.WithoutCancel(ctx)); err != nil {
					failed <- err
					return
				}
				answers.Add(1)
			}
			failed <- nil
		}()
	}
	for restarts := 1; restarts <= 3; restarts++ {
		p.Signal(syscall.SIGUSR2)
		w.Eventually("the next image listens", func() (bool, string) {
			return p.Times("msg=listening", "address=") == restarts+1, p.Outcome()
		})
		before := answers.Load()
		w.Eventually("it answers", func() (bool, string) {
			return answers.Load() > before+20, p.Outcome()
		})
	}
	end()
	for range cap(failed) {
		if err := <-failed; err != nil {
			t.Errorf("a request over a restart: %v", err)
		}
	}
	p.Stop()
}
