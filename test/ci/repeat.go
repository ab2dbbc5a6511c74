package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
)

// checkRepeatedly runs unit and integration tests several times while all processors are busy
// with something else. What tests are built of is compiled before, so that the stage's time is
// that of the tests.
func (c *checks) checkRepeatedly(ctx context.Context) error {
	all, err := testPackages(ctx)
	if err != nil {
		return err
	}
	if err := goCommand(ctx, append([]string{"test", "-c", "-race", "-vet=off", "-o", os.DevNull}, paths(all, every)...)...); err != nil {
		return err
	}
	busy, stop := context.WithCancel(ctx)
	defer stop()
	for range runtime.NumCPU() {
		go func() {
			for busy.Err() == nil {
			}
		}()
	}
	return c.testSome(ctx, "repeat", every, "-timeout", "100m", "-count="+variable("REPEAT", "5"))
}

var fuzzTarget = regexp.MustCompile(`(?m)^func (Fuzz\w*)\(`)

// checkFuzz fuzzes each target for $FUZZTIME.
func (c *checks) checkFuzz(ctx context.Context) error {
	files, err := output(ctx, "git", "grep", "-l", "--untracked", "^func Fuzz", "--", "*_test.go")
	if err != nil {
		return err
	}
	for _, file := range strings.Fields(files) {
		text, err := os.ReadFile(file)
		if err != nil {
			return fmt.Errorf("find fuzz targets: %w", err)
		}
		for _, target := range fuzzTarget.FindAllSubmatch(text, -1) {
			if err := goCommand(ctx, "test", "-run", "^$", "-fuzz", "^"+string(target[1])+"$", "-fuzztime", variable("FUZZTIME", "20s"), "./"+filepath.Dir(file)); err != nil {
				return err
			}
		}
	}
	return nil
}
