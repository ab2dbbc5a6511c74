# Stages: named steps with a time budget, whose duration and outcome are shown.
# shellcheck shell=bash

STAGES_PASSED=0
FAILED_STAGES=()
CURRENT_JOB=''

# run_stage NAME SECONDS runs `test.sh --stage NAME` as a job of its own, and ends
# it with everything it started when its time is up. A failed stage does not stop
# the run; the last line tells.
run_stage() {
  local name="$1" budget="$2" began=$SECONDS status=0 outcome
  printf '\n=== %s (at most %s s)\n' "$name" "$budget"
  timeout --kill-after=15 "$budget" "$ROOT/.ci/test.sh" --stage "$name" &
  CURRENT_JOB=$!
  wait "$CURRENT_JOB" || status=$?
  CURRENT_JOB=''
  case "$status" in
    0) outcome="passed in $((SECONDS - began)) s" ;;
    124 | 137) outcome="FAILED, not done within $budget s" ;;
    *) outcome="FAILED in $((SECONDS - began)) s (exit status $status)" ;;
  esac
  if ((status == 0)); then STAGES_PASSED=$((STAGES_PASSED + 1)); else FAILED_STAGES+=("$name"); fi
  printf -- '--- %s: %s\n' "$name" "$outcome"
}

# end_current_job ends a stage that is under way, as after Ctrl-C.
end_current_job() {
  [[ -n "$CURRENT_JOB" ]] || return 0
  kill -TERM "$CURRENT_JOB" 2>/dev/null || true
  wait "$CURRENT_JOB" 2>/dev/null || true
  CURRENT_JOB=''
}

# results_of FILE... prints "passed failed skipped" over the events of go test.
# Quotes inside a test's output are escaped there, so these patterns are exact.
results_of() {
  awk '
    /"Test":"/ && /"Action":"pass"/ { passed++ }
    /"Test":"/ && /"Action":"fail"/ { failed++ }
    /"Test":"/ && /"Action":"skip"/ { skipped++ }
    END { printf "%d %d %d\n", passed, failed, skipped }' "$@" /dev/null
}

# finish prints the counts and leaves with the right status. A stage counts as one check
# more, so that a failed lint shows there too.
finish() {
  local passed failed
  read -r passed failed _ <<<"$(results_of "$RESULTS_DIR"/*.json)"
  printf '\n'
  if ((${#FAILED_STAGES[@]} > 0)); then printf 'failed stages: %s\n' "${FAILED_STAGES[*]}"; fi
  printf 'done in %d min %d s\n' $((SECONDS / 60)) $((SECONDS % 60))
  failed=$((failed + ${#FAILED_STAGES[@]}))
  printf '%d passed, %d failed\n' $((passed + STAGES_PASSED)) "$failed"
  ((failed == 0))
}
