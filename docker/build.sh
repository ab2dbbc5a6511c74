#!/usr/bin/env bash
# Builds bin/xunke, getting Go first where there is none that go.mod accepts.
set -euo pipefail

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
source "$ROOT/docker/local/lib.sh"

export GOWORK=off # the program is what go.mod says, whatever its tests need
mkdir -p "$XUNKE_CACHE"
ensure_go
cd "$ROOT"
VERSION="${VERSION:-$(git describe --tags --always --dirty 2>/dev/null || echo unknown)}"
say "building bin/xunke ($VERSION, $(go env GOVERSION))"
go build -trimpath -ldflags "-s -w -X main.version=$VERSION" -o bin/xunke ./cmd/xunke
