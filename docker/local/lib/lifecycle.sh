# The verbs of servers.sh.
# shellcheck shell=bash

readonly SERVER_ROLES='mysql elasticsearch redis'
FOR_TESTS=0
WITH_API=0

# detach ROLE LOG COMMAND... starts a program that outlives this shell, in a
# session of its own, as the unprivileged user.
detach() {
  local role="$1" log="$2" pid
  shift 2
  setsid "${UNPRIVILEGED[@]}" "$@" >>"$log" 2>&1 </dev/null &
  pid=$!
  remember "$role" "$pid" || true
}

# label_of ROLE prints the name people know.
label_of() {
  case "$1" in
    mysql) printf '%s' "$MYSQL_LABEL" ;;
    elasticsearch) printf '%s' "$ELASTICSEARCH_LABEL" ;;
    redis) printf '%s' "$REDIS_LABEL" ;;
  esac
}

# port_of ROLE prints the port it listens on.
port_of() {
  case "$1" in
    mysql) printf '%s' "$MYSQL_PORT" ;;
    elasticsearch) printf '%s' "$ELASTICSEARCH_PORT" ;;
    redis) printf '%s' "$REDIS_PORT" ;;
  esac
}

# open_instance loads what is known of an existing instance.
open_instance() {
  load_ports || die "instance '$INSTANCE' was never started" 'make up'
  load_secrets
  choose_unprivileged
  if [[ -e "$INSTANCE_DIR/for-tests" ]]; then FOR_TESTS=1; fi
}

verb_fetch() {
  mkdir -p "$XUNKE_CACHE"
  trap abandon_downloads EXIT
  trap 'exit 130' INT TERM
  ensure_packages
  ensure_service_user
  ensure_servers
}

verb_start() {
  if [[ "${1:-}" == --for-tests ]]; then FOR_TESTS=1; fi
  verb_fetch
  mkdir -p "$INSTANCE_DIR"
  local lock role began=$SECONDS to_wait=()
  exec {lock}>"$INSTANCE_DIR/lock"
  flock --nonblock "$lock" || die "another run is starting or stopping instance '$INSTANCE'" 'wait for it, then run the same command again'
  if ((FOR_TESTS)); then : >"$INSTANCE_DIR/for-tests"; fi
  if [[ -e "$INSTANCE_DIR/for-tests" ]]; then FOR_TESTS=1; fi
  make_instance_folders
  choose_unprivileged
  keep_ports_of_running
  choose_ports
  load_secrets
  for role in $SERVER_ROLES; do
    if pid_of "$role" >/dev/null; then
      say "$(label_of "$role") is running (pid $(pid_of "$role"), port $(port_of "$role"))"
    else
      require_ports_of "$role"
      to_wait+=("$role")
    fi
  done
  if ((WITH_API)) && ! pid_of api >/dev/null; then
    require_free "${API_LISTEN##*:}" 'the API' XUNKE_API_LISTEN "${API_LISTEN%:*}:$(port_after "${API_LISTEN##*:}")"
  fi
  for role in "${to_wait[@]}"; do
    # The lock must not live on in the servers.
    ("${role}_prepare" && "${role}_start") {lock}>&- || die "$(label_of "$role") could not be started"
  done
  ((${#to_wait[@]} == 0)) || wait_for "${to_wait[@]}"
  mysql_accounts
  write_config
  if ((${#to_wait[@]} > 0)); then say "servers up after $((SECONDS - began)) s"; fi
  exec {lock}>&-
}

# keep_ports_of_running refuses a new port for a server that already runs.
keep_ports_of_running() {
  local role variable
  load_ports || return 0
  for role in $SERVER_ROLES; do
    pid_of "$role" >/dev/null || continue
    variable="XUNKE_${role^^}_PORT"
    [[ -z "${!variable:-}" || "${!variable}" == "$(port_of "$role")" ]] ||
      die "$(label_of "$role") already runs on port $(port_of "$role")" "to move it to ${!variable}: make down && make up $variable=${!variable}"
  done
}

# require_ports_of ROLE checks the ports of a server about to start.
require_ports_of() {
  local variable="XUNKE_${1^^}_PORT" port
  port=$(port_of "$1")
  require_free "$port" "$(label_of "$1")" "$variable" "$(port_after "$port")"
  if [[ "$1" == elasticsearch ]]; then
    require_free "$ELASTICSEARCH_TRANSPORT_PORT" "Elasticsearch's transport" \
      XUNKE_ELASTICSEARCH_TRANSPORT_PORT "$(port_after "$ELASTICSEARCH_TRANSPORT_PORT")"
  fi
}

# wait_for ROLE... waits until each answers, saying who is still awaited; ends
# with the server's own last words when one dies or takes over three minutes.
wait_for() {
  local waiting=("$@") still role tick=0 names
  while ((${#waiting[@]} > 0)); do
    still=()
    for role in "${waiting[@]}"; do
      if "${role}_ready"; then
        progress_done
        say "$(label_of "$role") answers on port $(port_of "$role") after $((tick / 5)) s (pid $(pid_of "$role" || echo '?'))"
      else
        still+=("$role")
        if ((tick > 10)) && ! starting "$role"; then give_up "$role" 'ended while it was starting'; fi
        if ((tick > 900)); then give_up "$role" 'does not answer after three minutes'; fi
      fi
    done
    waiting=("${still[@]}")
    ((${#waiting[@]} > 0)) || break
    if ((tick % 5 == 0)); then
      names=''
      for role in "${waiting[@]}"; do names+="${names:+, }$(label_of "$role")"; done
      progress $((tick / 5)) "waiting for $names, $((tick / 5)) s"
    fi
    sleep 0.2
    tick=$((tick + 1))
  done
}

# starting ROLE tells whether a server, or what launches it, is alive.
starting() { pid_of "$1" >/dev/null || pid_of "$1-launcher" >/dev/null; }

# give_up ROLE WHY shows what a server left behind, and fails.
give_up() {
  local log
  progress_done
  for log in "$LOG_DIR/$1.log" "$LOG_DIR/$1.out"; do last_lines "$log" 20; done
  die "$(label_of "$1") $2" "its logs: $LOG_DIR" \
    'memory short? XUNKE_ELASTICSEARCH_HEAP=512m is enough for the demo catalogue' \
    'data damaged? make reset deletes it and starts afresh'
}

verb_stop() {
  [[ -d "$INSTANCE_DIR" ]] || return 0
  elasticsearch_adopt 2>/dev/null || true
  stop_role elasticsearch-launcher 'Elasticsearch launcher' 10
  stop_role elasticsearch "$ELASTICSEARCH_LABEL" 60
  stop_role redis "$REDIS_LABEL" 30
  stop_role mysql "$MYSQL_LABEL" 60
}

verb_status() {
  local role pid down=0
  load_ports || die "instance '$INSTANCE' was never started" 'make up'
  for role in $SERVER_ROLES; do
    if pid=$(pid_of "$role"); then
      printf '%-14s pid %-8s 127.0.0.1:%s\n' "$role" "$pid" "$(port_of "$role")"
    else
      printf '%-14s not running\n' "$role"
      down=1
    fi
  done
  return "$down"
}

verb_env() {
  open_instance
  print_environment
}

verb_reset() {
  verb_stop
  rm -rf "$INSTANCE_DIR"
  say "instance '$INSTANCE' deleted"
}

verb_logs() {
  local options=(-n 40) files=("$LOG_DIR"/*.log)
  if [[ "${1:-}" == --follow ]]; then options+=(-F); fi
  [[ -e "${files[0]}" ]] || die "no logs in $LOG_DIR" 'make up'
  exec tail "${options[@]}" "${files[@]}"
}

verb_mysql() {
  open_instance
  pid_of mysql >/dev/null || die 'MySQL is not running' 'make up'
  mysql_client "$@" xunke
}

verb_redis() {
  open_instance
  pid_of redis >/dev/null || die 'Redis is not running' 'make up'
  redis_client "$@"
}

verb_path() { printf '%s\n' "$INSTANCE_DIR"; }
