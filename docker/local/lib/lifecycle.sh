# The verbs of servers.sh.
# shellcheck shell=bash

# Elasticsearch first, for it takes longest.
readonly SERVER_ROLES='elasticsearch redis mysql'
declare -rA LABELS=([elasticsearch]=Elasticsearch [redis]=Redis [mysql]=MySQL)
FOR_TESTS=0
WITH_API=0

# open_instance loads what is known of an existing instance.
open_instance() {
  load_ports || die "instance '$INSTANCE' was never started" 'make up'
  # shellcheck disable=SC1090
  source "$SECRETS_FILE"
  choose_unprivileged
  ensure_redis_program
  if [[ -e "$INSTANCE_DIR/for-tests" ]]; then FOR_TESTS=1; fi
}

# open_running ROLE loads an instance whose server must run.
open_running() {
  open_instance
  pid_of "$1" >/dev/null || die "${LABELS[$1]} is not running" 'make up'
}

# prepare_machine installs packages and makes the user of the servers.
prepare_machine() {
  mkdir -p "$XUNKE_CACHE"
  trap end_fetch EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  ensure_packages
  ensure_service_user
}

# lock_instance keeps two runs from starting or stopping one instance at a time, until this
# script ends.
lock_instance() {
  mkdir -p "$INSTANCE_DIR"
  exec {INSTANCE_LOCK}>"$INSTANCE_DIR/lock"
  flock --timeout 2 "$INSTANCE_LOCK" ||
    die "another run is starting or stopping instance '$INSTANCE'" 'wait for it, then run the same command again'
}

# make_instance_folders creates the folders, closed to everybody but their owner. What the
# unprivileged user writes belongs to it; the instance's own folder it may only enter.
make_instance_folders() {
  mkdir -p "$PIDS_DIR" "$RUN_DIR" "$DATA_DIR" "$LOG_DIR" "$TEMP_DIR"
  chmod 755 "$XUNKE_CACHE"
  chmod 700 "$INSTANCE_DIR" "$PIDS_DIR" "$RUN_DIR" "$DATA_DIR" "$LOG_DIR" "$TEMP_DIR"
  own "$DATA_DIR" "$LOG_DIR" "$TEMP_DIR"
  own -R "$RUN_DIR"
  share_with_service "$INSTANCE_DIR" 750
}

verb_start() {
  local role began=$SECONDS to_start=()
  prepare_machine
  lock_instance
  if [[ "${1:-}" == --for-tests ]]; then : >"$INSTANCE_DIR/for-tests"; fi
  make_instance_folders
  choose_ports
  add_secrets "$SECRETS_FILE" APP_PASSWORD REPLICATION_PASSWORD ELASTICSEARCH_PASSWORD REDIS_PASSWORD CURSOR_SECRET ADMIN_PASSWORD
  if elasticsearch_outdated; then
    say 'Elasticsearch takes anybody, as an earlier version started it; starting it again with a password'
    stop_role elasticsearch "${LABELS[elasticsearch]}" 60
  fi
  # Ports are looked at before anything is downloaded.
  for role in $SERVER_ROLES; do
    if pid_of "$role" >/dev/null; then
      say "${LABELS[$role]} is running (pid $(pid_of "$role"), port $(port_of "$role"))"
    else
      require_free "$(port_of "$role")" "${LABELS[$role]}" "XUNKE_${role^^}_PORT"
      to_start+=("$role")
    fi
  done
  if ((WITH_API)) && ! pid_of api >/dev/null; then
    require_free "${API_LISTEN##*:}" 'the API' XUNKE_API_LISTEN "${API_LISTEN%:*}:"
  fi
  ensure_servers
  if [[ -e "$INSTANCE_DIR/for-tests" ]]; then verb_model; fi
  open_instance
  for role in "${to_start[@]}"; do
    ("${role}_prepare" && "${role}_start") || die "${LABELS[$role]} could not be started"
  done
  wait_for "${to_start[@]}"
  mysql_accounts
  write_config
  if ((${#to_start[@]} > 0)); then say "servers up after $((SECONDS - began)) s"; fi
}

# wait_for ROLE... waits until each answers, saying who is still awaited; ends with the
# server's own last words when one dies or takes over three minutes.
wait_for() {
  local waiting=("$@") still role began=$SECONDS second shown=-1 names
  while ((${#waiting[@]} > 0)); do
    still=() names='' second=$((SECONDS - began))
    for role in "${waiting[@]}"; do
      if "${role}_ready"; then
        progress_done
        say "${LABELS[$role]} answers on port $(port_of "$role") (pid $(pid_of "$role" || echo '?'))"
        continue
      fi
      still+=("$role") names+="${names:+, }${LABELS[$role]}"
      # A server, or what launches it, must be alive.
      if ((second > 2)) && ! pid_of "$role" >/dev/null && ! pid_of "$role-launcher" >/dev/null; then give_up "$role" 'ended while it was starting'; fi
      if ((second > 180)); then give_up "$role" 'does not answer after three minutes'; fi
    done
    waiting=("${still[@]}")
    if ((second > shown && ${#waiting[@]} > 0)); then
      shown=$second
      progress "$second" "waiting for $names, $second s"
    fi
    ((${#waiting[@]} == 0)) || sleep 0.2
  done
}

# give_up ROLE WHY shows what a server left behind, and fails.
give_up() {
  progress_done
  last_lines "$LOG_DIR/$1.log" 20
  last_lines "$LOG_DIR/$1.out" 20
  die "${LABELS[$1]} $2" "its logs: $LOG_DIR" \
    'memory short? XUNKE_ELASTICSEARCH_HEAP=512m is enough for the demo catalogue' \
    'data damaged? make reset deletes it and starts afresh'
}

# write_config writes the file that the binary finds by itself for `local`, and the one that
# tests find by themselves for `dev`.
write_config() {
  (
    umask 077
    cat >"$CONFIG_FILE.new" <<YAML
# Written by docker/local/servers.sh at every start; changes here are lost.
mysql:
  dsn: "xunke:$APP_PASSWORD@tcp(127.0.0.1:$MYSQL_PORT)/xunke"
indexer:
  replication_dsn: "xunke_replication:$REPLICATION_PASSWORD@tcp(127.0.0.1:$MYSQL_PORT)/xunke"
elasticsearch:
  addresses: ["$(elasticsearch_url)"]
  username: xunke
  password: "$ELASTICSEARCH_PASSWORD"
redis:
  addresses: ["127.0.0.1:$REDIS_PORT"]
  password: "$(redis_password)"
api:
  listen: "$API_LISTEN"
  cursor_secret: "$CURSOR_SECRET"
  admin_password: "$ADMIN_PASSWORD"
mail:
  sender: inbox
accounts:
  pages_url: "http://$(api_address)"
run_dir: "$RUN_DIR"
meaning:
  model: "$INSTANCE_DIR/model"
YAML
    test_environment >"$INSTANCE_DIR/test.env"
  )
  share_with_service "$CONFIG_FILE.new" 640
  mv "$CONFIG_FILE.new" "$CONFIG_FILE"
}

# test_environment prints the variables that point tests at the instance, NAME=value.
test_environment() {
  local login="xunke:$APP_PASSWORD"
  if ((FOR_TESTS)); then login=root; fi
  printf 'XUNKE_TEST_%s\n' "MYSQL_DSN=$login@tcp(127.0.0.1:$MYSQL_PORT)/" "ELASTICSEARCH=http://xunke:$ELASTICSEARCH_PASSWORD@127.0.0.1:$ELASTICSEARCH_PORT" \
    "REDIS=127.0.0.1:$REDIS_PORT" "MYSQL_HOME=$MYSQL_HOME" "REDIS_SERVER=$REDIS_SERVER" "MODEL=$MODEL_FILE"
}

verb_stop() {
  [[ -d "$INSTANCE_DIR" ]] || return 0
  [[ -n "${INSTANCE_LOCK:-}" ]] || lock_instance
  elasticsearch_adopt 2>/dev/null || true
  stop_role elasticsearch-launcher 'Elasticsearch launcher' 10
  stop_role elasticsearch "${LABELS[elasticsearch]}" 60
  stop_role redis "${LABELS[redis]}" 30
  stop_role mysql "${LABELS[mysql]}" 60
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
  open_running mysql
  mysql_client "$@" xunke
}

verb_redis() {
  open_running redis
  redis_client "$@"
}

verb_path() { printf '%s\n' "$INSTANCE_DIR"; }
