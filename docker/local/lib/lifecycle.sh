# The verbs of servers.sh.
# shellcheck shell=bash

# Elasticsearch first, for it takes longest.
readonly SERVER_ROLES='elasticsearch redis mysql'
FOR_TESTS=0
WITH_API=0

# detach ROLE LOG COMMAND... starts a program that outlives this shell, in a
# session of its own, as the unprivileged user. The lock on the instance must not
# live on in it.
detach() {
  local role="$1" log="$2"
  shift 2
  (
    if [[ -n "${INSTANCE_LOCK:-}" ]]; then exec {INSTANCE_LOCK}>&-; fi
    exec setsid "${UNPRIVILEGED[@]}" "$@" >>"$log" 2>&1 </dev/null
  ) &
  remember "$role" $! || true
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
  prepare_machine
  ensure_servers
}

# prepare_machine installs packages and makes the user of the servers.
prepare_machine() {
  mkdir -p "$XUNKE_CACHE"
  trap abandon_downloads EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  ensure_packages
  ensure_service_user
}

# lock_instance keeps two runs from starting or stopping one instance at a time,
# until this script ends.
lock_instance() {
  mkdir -p "$INSTANCE_DIR"
  exec {INSTANCE_LOCK}>"$INSTANCE_DIR/lock"
  flock --timeout 2 "$INSTANCE_LOCK" ||
    die "another run is starting or stopping instance '$INSTANCE'" 'wait for it, then run the same command again'
}

verb_start() {
  local role began=$SECONDS to_start=()
  if [[ "${1:-}" == --for-tests ]]; then FOR_TESTS=1; fi
  prepare_machine
  lock_instance
  if ((FOR_TESTS)); then : >"$INSTANCE_DIR/for-tests"; fi
  if [[ -e "$INSTANCE_DIR/for-tests" ]]; then FOR_TESTS=1; fi
  make_instance_folders
  keep_ports_of_running
  choose_ports
  load_secrets
  # Ports are looked at before anything is downloaded.
  for role in $SERVER_ROLES; do
    if pid_of "$role" >/dev/null; then
      say "$(label_of "$role") is running (pid $(pid_of "$role"), port $(port_of "$role"))"
    else
      require_ports_of "$role"
      to_start+=("$role")
    fi
  done
  require_api_port
  ensure_servers
  choose_unprivileged
  for role in "${to_start[@]}"; do
    ("${role}_prepare" && "${role}_start") || die "$(label_of "$role") could not be started"
  done
  ((${#to_start[@]} == 0)) || wait_for "${to_start[@]}"
  mysql_accounts
  write_config
  if ((${#to_start[@]} > 0)); then say "servers up after $((SECONDS - began)) s"; fi
}

# require_api_port checks the port of the API where one is to be started.
require_api_port() {
  local port="${API_LISTEN##*:}"
  ((WITH_API)) || return 0
  pid_of api >/dev/null ||
    require_free "$port" 'the API' XUNKE_API_LISTEN "${API_LISTEN%:*}:$(port_after "$port")"
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
  local waiting=("$@") still role began=$SECONDS second shown=-1 names
  while ((${#waiting[@]} > 0)); do
    still=()
    second=$((SECONDS - began))
    for role in "${waiting[@]}"; do
      if "${role}_ready"; then
        progress_done
        say "$(label_of "$role") answers on port $(port_of "$role") (pid $(pid_of "$role" || echo '?'))"
      else
        still+=("$role")
        if ((second > 2)) && ! starting "$role"; then give_up "$role" 'ended while it was starting'; fi
        if ((second > 180)); then give_up "$role" 'does not answer after three minutes'; fi
      fi
    done
    waiting=("${still[@]}")
    ((${#waiting[@]} > 0)) || break
    if ((second > shown)); then
      shown=$second
      names=''
      for role in "${waiting[@]}"; do names+="${names:+, }$(label_of "$role")"; done
      progress "$second" "waiting for $names, $second s"
    fi
    sleep 0.2
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
  [[ -n "${INSTANCE_LOCK:-}" ]] || lock_instance
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
