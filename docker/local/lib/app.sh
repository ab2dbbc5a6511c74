# The product's own two processes beside the local servers: API and indexer.
# shellcheck shell=bash

XUNKE_BINARY="$ROOT/bin/xunke"

# api_host prints where the API is reached from this machine.
api_host() {
  local host="${API_LISTEN%:*}"
  case "$host" in '' | 0.0.0.0 | '[::]' | '*') host=127.0.0.1 ;; esac
  printf '%s:%s' "$host" "${API_LISTEN##*:}"
}

api_url() { printf 'http://%s' "$(api_host)"; }

# xunke ARGUMENTS... runs the binary against this instance.
xunke() { "$XUNKE_BINARY" --config "$CONFIG_FILE" "$@"; }

# fingerprint prints what a running process was started from.
fingerprint() { cat "$XUNKE_BINARY" "$CONFIG_FILE" | sha256sum | cut -d ' ' -f 1; }

# app_start ROLE VERB starts one of the two unless it runs the same binary with
# the same configuration already; an outdated one is replaced.
app_start() {
  local role="$1" verb="$2" now pid
  now=$(fingerprint)
  if pid=$(pid_of "$role"); then
    if [[ "$(cat "$PIDS_DIR/$role.fingerprint" 2>/dev/null)" == "$now" ]]; then
      say "$role is running (pid $pid)"
      return 0
    fi
    say "$role runs an older build or configuration; starting it again"
    app_stop "$role"
  fi
  printf '%s\n' "$now" >"$PIDS_DIR/$role.fingerprint"
  # Below no instance folder, so that a shell's current folder is never held.
  (cd / && UNPRIVILEGED=() && detach "$role" "$LOG_DIR/$role.log" "$XUNKE_BINARY" --config "$CONFIG_FILE" "$verb")
  say "$role started (pid $(pid_of "$role" || echo '?'), log $LOG_DIR/$role.log)"
}

app_stop() { stop_role "$1" "$1" 30; }

# not_ready ANSWER prints the names that /readyz gives.
not_ready() { sed -n 's/.*"not_ready":\[\([^]]*\)\].*/(not ready: \1)/p' <<<"$1"; }

# app_wait waits until the API says it is ready, showing what it still waits for.
app_wait() {
  local second=0 answer role url
  url="$(api_url)/readyz"
  while ! answer=$(curl --silent --fail-with-body --noproxy '*' --max-time 5 "$url" 2>/dev/null); do
    for role in api indexer; do
      if ((second > 1)) && ! pid_of "$role" >/dev/null; then
        progress_done
        last_lines "$LOG_DIR/$role.log" 20
        die "the $role ended while it was starting" "its log: $LOG_DIR/$role.log" 'preconditions: bin/xunke doctor'
      fi
    done
    if ((second >= 900)); then
      progress_done
      die "$url is not ready after fifteen minutes: ${answer:-no answer}" 'what is wrong: bin/xunke doctor' 'logs: make logs'
    fi
    progress "$second" "waiting for $url, $second s $(not_ready "$answer")"
    sleep 1
    second=$((second + 1))
  done
  progress_done
}
