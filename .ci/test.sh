#!/usr/bin/env bash
# Runs the checks of this repository, on servers that it starts for itself and removes
# again: own ports, own data. `make test` is `.ci/test.sh all`.
set -euo pipefail

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
cd "$ROOT"
# shellcheck source=docker/local/lib.sh
source "$ROOT/docker/local/lib.sh"
# shellcheck source=.ci/lib/tools.sh
source "$ROOT/.ci/lib/tools.sh"
# shellcheck source=.ci/lib/stage.sh
source "$ROOT/.ci/lib/stage.sh"
# shellcheck source=.ci/lib/checks.sh
source "$ROOT/.ci/lib/checks.sh"
# shellcheck source=.ci/lib/clock.sh
source "$ROOT/.ci/lib/clock.sh"
# shellcheck source=.ci/lib/servers.sh
source "$ROOT/.ci/lib/servers.sh"

# stages_of VERB prints what a verb runs: stages with the seconds that each may take, which
# are the functions check_NAME of checks.sh. `servers` starts the servers in the background,
# `await` waits for them. A new check is a line here, a function there and a target in the
# Makefile.
stages_of() {
  local clocks static='format:60 vet:400 lint:900 scripts:120 docker:180'
  case "$1" in
    all) echo servers "$static" await tests:1500 e2e:1900 chaos:1800 ;;
    static) echo "$static" ;;
    unit) echo unit:700 ;;
    vuln) echo vuln:600 ;;
    deps) echo deps:900 ;;
    integration | e2e) echo servers await "$1:1900" ;;
    cover) echo servers await cover:5400 ;;
    chaos) echo servers await chaos_long:14400 ;;
    chaos-short) echo servers await chaos:1800 ;;
    chaos-mutants) echo servers await chaos_mutants:5400 ;;
    clock)
      clocks=$(clock_stages)
      echo clock servers await "$clocks"
      ;;
    repeat) echo servers await repeat:7200 ;;
    fuzz | microbench) echo servers await "$1:7200" ;;
    bench) echo servers await bench:21600 ;;
    *) die "there is no check '$1'" 'make help' ;;
  esac
}

# prepare gets what the checks need and says where it is.
prepare() {
  mkdir -p "$XUNKE_CACHE"
  ensure_go
  ensure_test_packages
  # Tests point XDG_CACHE_HOME elsewhere; Go's own caches must not follow.
  GOCACHE=$(go env GOCACHE)
  GOMODCACHE=$(go env GOMODCACHE)
  XUNKE_TEST_CHROMIUM=$(find_chromium)
  export GOCACHE GOMODCACHE XUNKE_TEST_CHROMIUM
}

main() {
  local verb="${1:-all}" stages stage
  case "$verb" in
    # In lines of their own: after && a command that fails would not end the check.
    --stage)
      "check_${2%%@*}" "${2#*@}" # as in clock@leap-day
      return
      ;;
    dev | dev-down)
      "${verb/-/_}"
      return
      ;;
  esac
  stages=$(stages_of "$verb")
  prepare
  RESULTS_DIR=$(mktemp -d)
  export RESULTS_DIR
  : >"$RESULTS_DIR/none.json"
  trap clean_up EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  # Jobs get process groups of their own, so that each can be ended as a whole, and keep the
  # default reaction to signals, which tests rely on.
  set -m
  for stage in $stages; do
    case "$stage" in
      clock) begin_clock ;;
      servers) begin_servers ;;
      await) await_servers ;;
      *) run_stage "${stage%:*}" "${stage#*:}" ;;
    esac
  done
  finish
}

main "$@"
