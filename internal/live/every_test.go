package live_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/xunke/xunke/internal/live"
)

func TestEvery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		ctx, cancel := context.WithTimeout(t.Context(), 11*time.Second)
		defer cancel()
		loads := 0
		err := live.Every(ctx, 2*time.Second, "words", slog.New(slog.NewTextHandler(&out, nil)), func(context.Context) error {
			if loads++; loads == 2 || loads == 3 {
				return errors.New("gone")
			}
			return nil
		})
		if err != nil || loads != 6 {
			t.Errorf("loaded %d times in 11 seconds (%v), want 6", loads, err)
		}
		log := out.String()
		if strings.Count(log, "cannot be read") != 1 || strings.Count(log, "can be read again") != 1 || strings.Count(log, "what=words") != 2 {
			t.Errorf("logs\n%s", log)
		}
	})
}

func TestEveryIsSilentAboutItsEnd(t *testing.T) {
	var out bytes.Buffer
	ctx, cancel := context.WithCancel(t.Context())
	err := live.Every(ctx, time.Hour, "words", slog.New(slog.NewTextHandler(&out, nil)), func(ctx context.Context) error {
		cancel()
		return ctx.Err()
	})
	if err != nil || out.Len() > 0 {
		t.Errorf("ended with %v and logged %q", err, out.String())
	}
}
