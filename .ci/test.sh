#!/usr/bin/env bash
# Gets Go and what tests need beside it, and has test/ci run what it is asked for:
# `make test` is `.ci/test.sh all`.
set -euo pipefail

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
cd "$ROOT"
source "$ROOT/docker/local/lib.sh"

# A C compiler for the race detector, pip for the checking tools, a browser with Chinese
# letters for page tests, another clock for MySQL.
ensure_test_packages() {
  local missing=()
  command -v gcc >/dev/null || missing+=(gcc libc6-dev)
  command -v git >/dev/null || missing+=(git)
  python3 -m pip --version >/dev/null 2>&1 || missing+=(python3-pip)
  if [[ "$1" == hostile ]] && ! python3 -c 'import ensurepip' 2>/dev/null; then missing+=(python3-venv); fi
  command -v chromium >/dev/null || command -v google-chrome >/dev/null || missing+=(chromium fonts-noto-cjk)
  if [[ "$1" == clock && -z "$(compgen -G '/usr/lib*/*/faketime/libfaketimeMT.so.1')" ]]; then missing+=(libfaketime); fi
  if ((${#missing[@]} > 0)); then install_packages "${missing[@]}"; fi
}

mkdir -p "$XUNKE_CACHE/tools"
ensure_go
ensure_test_packages "${1:-all}"
# Tests point XDG_CACHE_HOME elsewhere; Go's own caches must not follow.
GOCACHE=$(go env GOCACHE)
GOMODCACHE=$(go env GOMODCACHE)
XUNKE_TEST_CHROMIUM=$(command -v chromium || command -v google-chrome)
export GOCACHE GOMODCACHE XUNKE_TEST_CHROMIUM XUNKE_CACHE
PROGRAM=$(mktemp "$XUNKE_CACHE/tools/ci.XXXXXX")
go build -o "$PROGRAM" ./test/ci
exec "$PROGRAM" "$@"
