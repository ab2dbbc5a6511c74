# The verbs of stack.sh on a machine without a Docker engine.
# shellcheck shell=bash

local_up() {
  local began=$SECONDS
  use_instance local
  "$ROOT/docker/build.sh"
  WITH_API=1
  verb_start
  xunke migrate >&2
  xunke demo --if-empty >&2
  app_start indexer index
  app_start api serve
  app_wait
  say "ready after $((SECONDS - began)) s"
  announce "$(api_url)" 'bin/xunke status' "api.admin_password in $CONFIG_FILE"
}

local_down() {
  use_instance local
  if ! anything_runs; then
    say 'nothing is running'
    return 0
  fi
  lock_instance
  app_stop api
  app_stop indexer
  verb_stop
}

local_ps() {
  local role pid down=0
  use_instance local
  load_ports || die 'nothing was ever started here' 'make up'
  printf '%-14s %-8s %-24s %s\n' ROLE PID ADDRESS 'RUNNING FOR'
  for role in mysql elasticsearch redis indexer api; do
    if pid=$(pid_of "$role"); then
      printf '%-14s %-8s %-24s %s\n' "$role" "$pid" "$(address_of "$role")" "$(ps -o etime= -p "$pid" | tr -d ' ')"
    else
      printf '%-14s %-8s %-24s %s\n' "$role" - "$(address_of "$role")" 'not running'
      down=1
    fi
  done
  return "$down"
}

# anything_runs tells whether any process of the instance is alive.
anything_runs() {
  local role
  for role in api indexer $SERVER_ROLES elasticsearch-launcher; do
    if pid_of "$role" >/dev/null; then return 0; fi
  done
  return 1
}

# address_of ROLE prints where it listens.
address_of() {
  case "$1" in
    api) printf '%s' "$API_LISTEN" ;;
    indexer) printf -- - ;;
    *) printf '127.0.0.1:%s' "$(port_of "$1")" ;;
  esac
}

local_logs() {
  use_instance local
  verb_logs "$@"
}

local_reset() {
  use_instance local
  confirm_reset "$INSTANCE_DIR"
  local_down
  verb_reset
}

local_mysql() {
  use_instance local
  verb_mysql "$@"
}

local_redis() {
  use_instance local
  verb_redis "$@"
}
