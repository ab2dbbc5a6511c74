# The servers of tests: of one run, an instance named after this process; or `dev`.
# shellcheck shell=bash

SERVERS_INSTANCE=''
SERVERS_JOB=''

servers() { "$ROOT/docker/local/servers.sh" --instance "$SERVERS_INSTANCE" "$@"; }

# begin_servers starts them in the background, while other checks run.
begin_servers() {
  SERVERS_INSTANCE="test-$$"
  use_instance "$SERVERS_INSTANCE"
  remove_orphans
  mkdir -p "$INSTANCE_DIR"
  printf '%s %s\n' $$ "$(start_time $$)" >"$INSTANCE_DIR/owner"
  printf 'servers are starting in the background (instance %s)\n' "$SERVERS_INSTANCE"
  {
    local status=0
    servers start --for-tests || status=$?
    printf '%d\n' "$status" >"$RESULTS_DIR/servers.status"
  } >"$RESULTS_DIR/servers.log" 2>&1 &
  SERVERS_JOB=$!
}

# await_servers shows how far they are, waits for them, and exports where they are.
# Bash forgets the status of a job that ended many children ago; the file does not.
await_servers() {
  local status=1
  printf '\n=== servers\n'
  tail --pid="$SERVERS_JOB" -n +1 -f "$RESULTS_DIR/servers.log"
  SERVERS_JOB=''
  if [[ -s "$RESULTS_DIR/servers.status" ]]; then read -r status <"$RESULTS_DIR/servers.status"; fi
  if ((status != 0)); then
    cat "$RESULTS_DIR/servers.log"
    die 'the servers for the tests did not start'
  fi
  eval "$(servers env)"
  # Some tests kill the servers and start them again.
  export XUNKE_TEST_INSTANCE="$SERVERS_INSTANCE"
}

# dev starts servers that stay up, which go test finds by itself (internal/testenv).
dev() {
  prepare
  SERVERS_INSTANCE=dev
  servers start --for-tests
  cat <<'TEXT'

The servers for tests are up, and stay up. In any shell:
  go test ./searchapi ./internal/... -run NAME   (tests find the servers by themselves)
  make dev-down                                  (stops them and deletes their data)
TEXT
}

dev_down() {
  SERVERS_INSTANCE=dev
  servers reset
}

# remove_orphans removes the instances of test runs that were killed.
remove_orphans() {
  local folder pid began
  for folder in "$XUNKE_CACHE"/test-*/; do
    [[ -s "$folder/owner" ]] || continue
    read -r pid began <"$folder/owner"
    [[ "$(start_time "$pid" || true)" != "$began" ]] || continue
    say "removing what a killed test run left behind: $(basename "$folder")"
    "$ROOT/docker/local/servers.sh" --instance "$(basename "$folder")" reset || true
  done
}

# clean_up ends whatever still runs and removes the instance.
clean_up() {
  local status=$?
  trap '' INT TERM HUP
  end_current_job
  if [[ -n "$SERVERS_JOB" ]]; then
    kill -TERM -- "-$SERVERS_JOB" 2>/dev/null || true
    wait "$SERVERS_JOB" 2>/dev/null || true
  fi
  if [[ -n "$SERVERS_INSTANCE" ]]; then servers reset >/dev/null 2>&1 || true; fi
  rm -rf "$RESULTS_DIR"
  exit "$status"
}
