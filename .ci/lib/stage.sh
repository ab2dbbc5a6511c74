# Stages: named steps with a time budget, whose duration and outcome are shown.
# shellcheck shell=bash

STAGES_PASSED=0
STAGES_FAILED=0
FAILED_NAMES=()
CURRENT_JOB=''

# run_stage NAME SECONDS runs `test.sh --stage NAME` as a job of its own, and ends
# it with everything it started when its time is up. A failed stage does not stop
# the run; the last line tells.
run_stage() {
  local name="$1" budget="$2" began=$SECONDS status=0
  printf '\n=== %s (at most %s s)\n' "$name" "$budget"
  timeout --kill-after=15 "$budget" "$ROOT/.ci/test.sh" --stage "$name" &
  CURRENT_JOB=$!
  wait "$CURRENT_JOB" || status=$?
  CURRENT_JOB=''
  if ((status == 0)); then
    STAGES_PASSED=$((STAGES_PASSED + 1))
    printf -- '--- %s: passed in %d s\n' "$name" $((SECONDS - began))
    return 0
  fi
  STAGES_FAILED=$((STAGES_FAILED + 1))
  FAILED_NAMES+=("$name")
  if ((status == 124 || status == 137)); then
    printf -- '--- %s: FAILED, not done within %d s\n' "$name" "$budget"
  else
    printf -- '--- %s: FAILED in %d s (exit status %d)\n' "$name" $((SECONDS - began)) "$status"
  fi
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
  if ((STAGES_FAILED > 0)); then printf 'failed stages: %s\n' "${FAILED_NAMES[*]}"; fi
  printf 'done in %d min %d s\n' $((SECONDS / 60)) $((SECONDS % 60))
  printf '%d passed, %d failed\n' $((passed + STAGES_PASSED)) $((failed + STAGES_FAILED))
  ((failed + STAGES_FAILED == 0))
}
