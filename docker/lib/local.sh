# The verbs of stack.sh on a machine without a Docker engine: local servers, and the
# product's own two processes beside them, API and indexer. What is not here is a verb of
# servers.sh.
# shellcheck shell=bash

XUNKE_BINARY="$ROOT/bin/xunke"

local_up() {
  local began=$SECONDS url
  "$ROOT/docker/build.sh"
  WITH_API=1
  verb_start
  install -m 755 "$XUNKE_BINARY" "$INSTANCE_DIR/xunke"
  fetch_model_meanwhile
  (app_command migrate && exec "${APP_COMMAND[@]}" >&2)
  (app_command demo --if-empty && exec "${APP_COMMAND[@]}" >&2)
  app_start indexer index
  app_start api serve --program /proc/self/cwd/xunke
  url="http://$(api_address)"
  app_wait "$url/readyz"
  say "ready after $((SECONDS - began)) s"
  announce "$url" 'bin/xunke status' "api.admin_password in $CONFIG_FILE" "$url/dev/inbox"
  say 'nothing starts a process again that ends: run make up again, or deploy with compose or systemd'
}

# local_restart is local_up that starts API and indexer again although nothing has changed.
local_restart() {
  local role
  for role in api indexer; do
    pid_of "$role" >/dev/null && rm -f "$PIDS_DIR/$role.fingerprint"
  done
  local_up
}

local_down() {
  local role running=''
  for role in api indexer $SERVER_ROLES elasticsearch-launcher; do
    if pid_of "$role" >/dev/null; then running=1; fi
  done
  if [[ -z "$running" ]]; then
    say 'nothing is running'
    return 0
  fi
  lock_instance
  stop_role api api 30
  stop_role indexer indexer 30
  verb_stop
}

# local_ps prints a table, and fails if one of the processes does not run.
local_ps() {
  local role pid address time down=0
  load_ports || die 'nothing was ever started here' 'make up'
  printf '%-14s %-8s %-24s %s\n' ROLE PID ADDRESS 'RUNNING FOR'
  for role in mysql elasticsearch redis indexer api; do
    case "$role" in
      api) address=$API_LISTEN ;;
      indexer) address=- ;;
      *) address="127.0.0.1:$(port_of "$role")" ;;
    esac
    if pid=$(pid_of "$role"); then
      time=$(ps -o etime= -p "$pid" | tr -d ' ' || true)
    else
      pid=- time='not running' down=1
    fi
    printf '%-14s %-8s %-24s %s\n' "$role" "$pid" "$address" "$time"
  done
  return "$down"
}

local_reset() {
  confirm_reset "$INSTANCE_DIR"
  local_down
  verb_reset
}

# app_command ARGUMENTS... enters the instance's folder and puts the command that runs the
# product there, as the unprivileged user and without any capability, into APP_COMMAND.
#
# The folder is usually below /root, where that user could not come by itself. From inside it
# reaches a copy of the binary, the configuration and run/ by their short names; bash would
# make a long one of ./xunke. The long name in front is for pid_of and whoever lists processes.
app_command() {
  cd "$INSTANCE_DIR" || return 1
  # shellcheck disable=SC2016
  APP_COMMAND=("${POWERLESS[@]}" env XUNKE_RUN_DIR=run XUNKE_MEANING_MODEL=model HOME=/nonexistent
    bash -c 'exec -a "$0" /proc/self/cwd/xunke "$@"' "$INSTANCE_DIR/xunke" --config "$(basename "$CONFIG_FILE")" "$@")
}

# app_start ROLE ARGUMENTS... starts one of the two unless it runs the same binary with the same
# configuration already; an outdated one is replaced.
app_start() {
  local role="$1" now pid
  shift
  now=$(cat "$XUNKE_BINARY" "$CONFIG_FILE" | sha256sum | cut -d ' ' -f 1)
  if pid=$(pid_of "$role"); then
    if [[ "$(cat "$PIDS_DIR/$role.fingerprint" 2>/dev/null)" == "$now" ]]; then
      say "$role is running (pid $pid)"
      return 0
    fi
    say "$role runs an older build or configuration; starting it again"
    if [[ "$role" == api ]] && app_restart "$pid"; then
      printf '%s\n' "$now" >"$PIDS_DIR/$role.fingerprint"
      say "$role restarted in its place (pid $pid); nobody was refused"
      return 0
    fi
    stop_role "$role" "$role" 30
  fi
  printf '%s\n' "$now" >"$PIDS_DIR/$role.fingerprint"
  (app_command "$@" && UNPRIVILEGED=() && detach "$role" "$LOG_DIR/$role.log" "${APP_COMMAND[@]}")
  say "$role started (pid $(pid_of "$role" || echo '?'), log $LOG_DIR/$role.log)"
}

# app_restart PID has the API go on as the present build: it keeps its socket, so that who
# connects meanwhile waits. One that cannot do that ends.
app_restart() {
  local waited=0
  kill -USR2 "$1" 2>/dev/null || return 1
  while [[ ! "/proc/$1/exe" -ef "$INSTANCE_DIR/xunke" ]]; do
    ((waited < 600)) && kill -0 "$1" 2>/dev/null || return 1 # not pid_of: its command line is empty for a moment
    sleep 0.1
    waited=$((waited + 1))
  done
}

# app_wait URL waits until the API says it is ready and lacks nothing, showing what it still waits for.
app_wait() {
  local second=0 answer='' role
  # Degraded is ready for visitors, not for whoever starts it.
  until answer=$(curl --silent --fail-with-body --noproxy '*' --max-time 5 "$1" 2>/dev/null) && [[ "$answer" != *'"degraded":true'* ]]; do
    for role in api indexer; do
      if ((second > 1)) && ! pid_of "$role" >/dev/null; then
        progress_done
        last_lines "$LOG_DIR/$role.log" 20
        die "the $role ended while it was starting" "its log: $LOG_DIR/$role.log" 'preconditions: bin/xunke doctor'
      fi
    done
    if ((second >= 900)); then
      progress_done
      die "$1 is not ready after fifteen minutes: ${answer:-no answer}" 'what is wrong: bin/xunke doctor' 'logs: make logs'
    fi
    progress "$second" "waiting for $1, $second s $(sed -n 'h; s/.*"not_ready":\[\([^]]*\)\].*/(not ready: \1)/p; g; s/.*"building":"\([^"]*\)".*/ \1/p' <<<"$answer" | tr -d '\n')"
    sleep 1
    second=$((second + 1))
  done
  progress_done
}
