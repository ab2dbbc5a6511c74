#!/usr/bin/env bash
# Makes dist/: the program for each platform, what it is made of, the licences of all that is
# linked, and the checksums of these files.
set -euo pipefail

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
source "$ROOT/docker/local/lib.sh"

readonly PLATFORMS='amd64 arm64'

export GOWORK=off # the program is what go.mod says, whatever its tests need
mkdir -p "$XUNKE_CACHE"
ensure_go
cd "$ROOT"
VERSION="${VERSION:-$(git describe --tags --always --dirty 2>/dev/null || echo unknown)}"
rm -rf dist
mkdir -p dist
for arch in $PLATFORMS; do
  program="dist/xunke-$VERSION-linux-$arch"
  say "building $program ($(go env GOVERSION))"
  CGO_ENABLED=0 GOOS=linux GOARCH="$arch" go build -trimpath -tags timetzdata -ldflags "-s -w -X main.version=$VERSION" -o "$program" ./cmd/xunke
  go run ./cmd/sbom -binary "$program" -version "$VERSION" -bill "$program.cdx.json" -licences dist/licences
done
cp LICENSE NOTICE dist/licences/
cp internal/hanzi/data/LICENSE-*.txt internal/english/LICENSE-*.txt dist/licences/
# The same source gives the same archive.
tar --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 -C dist -cf - licences | gzip -n >"dist/xunke-$VERSION-licences.tar.gz"
rm -rf dist/licences
(cd dist && sha256sum xunke-* >SHA256SUMS)
say "dist/ has $(find dist -type f | wc -l) files"
