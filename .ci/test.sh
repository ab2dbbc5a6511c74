#!/usr/bin/env bash
# Runs the checks of this repository, on servers that it starts for itself and
# removes again: own ports, own data. `make test` is `.ci/test.sh all`.
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
# shellcheck source=.ci/lib/servers.sh
source "$ROOT/.ci/lib/servers.sh"

static_stages() {
  run_stage format 60
  run_stage vet 400
  run_stage lint 900
  run_stage scripts 120
  run_stage docker 180
}

# finish prints the counts and leaves with the right status.
finish() {
  local passed failed
  read -r passed failed _ <<<"$(results_of "$RESULTS_DIR"/*.json)"
  printf '\n'
  if ((STAGES_FAILED > 0)); then printf 'failed stages: %s\n' "${FAILED_NAMES[*]}"; fi
  printf 'done in %d min %d s\n' $((SECONDS / 60)) $((SECONDS % 60))
  # A stage counts as one check more, so that a failed lint shows here too.
  printf '%d passed, %d failed\n' $((passed + STAGES_PASSED)) $((failed + STAGES_FAILED))
  ((failed + STAGES_FAILED == 0))
}

main() {
  local verb="${1:-all}"
  if [[ "$verb" == --stage ]]; then
    "check_$2"
    return
  fi
  mkdir -p "$XUNKE_CACHE"
  ensure_go
  ensure_test_packages
  RESULTS_DIR=$(mktemp -d)
  : >"$RESULTS_DIR/none.json"
  # Tests point XDG_CACHE_HOME elsewhere; Go's own caches must not follow.
  GOCACHE=$(go env GOCACHE)
  GOMODCACHE=$(go env GOMODCACHE)
  XUNKE_TEST_CHROMIUM=$(find_chromium)
  export RESULTS_DIR GOCACHE GOMODCACHE XUNKE_TEST_CHROMIUM
  trap clean_up EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  # Jobs get process groups of their own, so that each can be ended as a whole,
  # and keep the default reaction to signals, which tests rely on.
  set -m
  case "$verb" in
    all)
      begin_servers
      static_stages
      await_servers
      run_stage tests 1500
      run_stage e2e 1900
      run_stage chaos 1800
      ;;
    static) static_stages ;;
    unit) run_stage unit 700 ;;
    vuln) run_stage vuln 600 ;;
    integration | e2e)
      begin_servers
      await_servers
      run_stage "$verb" 1900
      ;;
    chaos | chaos-short | chaos-mutants)
      export CHAOS_FOR="${2:-30m}" XUNKE_TEST_SEED="${3:-}"
      begin_servers
      await_servers
      case "$verb" in
        chaos) run_stage chaos_long 14400 ;;
        chaos-short) run_stage chaos 1800 ;;
        chaos-mutants) run_stage chaos_mutants 5400 ;;
      esac
      ;;
    cover)
      begin_servers
      await_servers
      run_stage tests 1500
      ;;
    fuzz | bench | microbench)
      export FUZZTIME="${2:-20s}" BENCHTIME="${2:-1s}" BENCH="${2:-}"
      begin_servers
      await_servers
      run_stage "$verb" 7200
      ;;
    *) die "usage: .ci/test.sh all|static|unit|integration|e2e|chaos|chaos-short|chaos-mutants|cover|fuzz|bench|microbench|vuln" ;;
  esac
  finish
}

main "$@"
