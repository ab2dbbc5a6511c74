# Redis, set up by docker/redis/redis.conf.
# shellcheck shell=bash

# ensure_redis_program fills REDIS_SERVER with the server's path. Debian's redis-tools holds
# the very program under the name of its checking tool; called by its proper name it is the
# server.
ensure_redis_program() {
  REDIS_SERVER=$(command -v redis-server || true)
  [[ -z "$REDIS_SERVER" ]] || return 0
  REDIS_SERVER="$SERVERS_DIR/redis-server"
  mkdir -p "$SERVERS_DIR"
  ln -sfn "$(command -v redis-check-rdb)" "$REDIS_SERVER"
  [[ "$("$REDIS_SERVER" --version 2>/dev/null)" == 'Redis server'* ]] ||
    die 'found no Redis server' 'apt-get install redis-server'
}

# redis_password prints the password; the servers of tests have none.
redis_password() { if ! ((FOR_TESTS)); then printf '%s' "$REDIS_PASSWORD"; fi; }

redis_client() { REDISCLI_AUTH=$(redis_password) redis-cli -h 127.0.0.1 -p "$REDIS_PORT" "$@"; }

# The file comes first in the title, which Redis cuts after 255 bytes: pid_of looks for its folder.
redis_prepare() {
  mkdir -p "$DATA_DIR/redis"
  rm -f "$DATA_DIR/redis.conf"
  (umask 077 && cat "$ROOT/docker/redis/redis.conf" - >"$DATA_DIR/redis.conf") <<CONF
requirepass "$(redis_password)"
bind 127.0.0.1
port $REDIS_PORT
dir $DATA_DIR/redis
proc-title-template "redis-server {config-file} {listen-addr}"
CONF
  own -R "$DATA_DIR/redis" "$DATA_DIR/redis.conf"
}

redis_start() { detach redis "$LOG_DIR/redis.log" "$REDIS_SERVER" "$DATA_DIR/redis.conf"; }

redis_ready() { [[ "$(redis_client ping 2>/dev/null)" == PONG ]]; }
