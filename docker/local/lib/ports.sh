# Ports: fixed ones for `make up`, free ones for every other instance. What an instance got
# is written down in its folder and kept until `reset`.
# shellcheck shell=bash

# listener_of PORT prints the pid of whoever listens where we would; nothing when the system
# does not tell. Fails when the port is free.
listener_of() {
  local line
  line=$(ss -Hltnp "sport = :$1" | awk '!found && $4 ~ /^(127\.0\.0\.1|0\.0\.0\.0|\*|\[::\]|\[::1\]|\[::ffff:127\.0\.0\.1\]):/ { print; found = 1 }')
  [[ -n "$line" ]] || return 1
  sed -n 's/.*pid=\([0-9]*\).*/\1/p' <<<"$line"
}

# require_free PORT LABEL VARIABLE [HOST:] fails with who holds the port and the command
# that chooses the next one that nobody uses.
require_free() {
  local port="$1" pid who
  pid=$(listener_of "$port") || return 0
  who="a process of another user (as root, see: ss -ltnp 'sport = :$port')"
  if [[ -n "$pid" ]]; then who="pid $pid: $(command_line "$pid" | cut -c 1-160)"; fi
  while listener_of "$port" >/dev/null; do port=$((port + 1)); done
  die "port $1, wanted for $2, is taken by $who" 'choose another port:' "make up $3=${4:-}$port"
}

# free_port prints a port below the range the kernel hands out by itself, that nobody
# listens on and no instance of this cache has written down, running or not.
free_port() {
  local port claimed
  claimed=$(cat "$XUNKE_CACHE"/*/ports.env* 2>/dev/null | sed -n 's/^[A-Z_]*=\(.*:\)\{0,1\}\([0-9]*\)$/\2/p')
  for _ in {1..200}; do
    port=$((20000 + RANDOM % 12000))
    if ! grep -qx "$port" <<<"$claimed" && ! listener_of "$port" >/dev/null; then
      printf '%s' "$port"
      return 0
    fi
  done
  die 'found no free port between 20000 and 32000'
}

# load_ports reads what the instance got; fails when it has no ports yet.
load_ports() {
  MYSQL_PORT='' ELASTICSEARCH_PORT='' REDIS_PORT='' API_LISTEN=''
  [[ -s "$PORTS_FILE" ]] || return 1
  # shellcheck disable=SC1090
  source "$PORTS_FILE"
}

# port_of ROLE prints the port it listens on.
port_of() { local name="${1^^}_PORT" && printf '%s' "${!name}"; }

# settle_port NAME DEFAULT fills and writes down one port: the caller's XUNKE_NAME, then
# what the instance had, then the default, then a free one. A server that runs stays where
# it is.
settle_port() {
  local wish="XUNKE_$1" had="${!1}" role="${1%_PORT}" port
  role="${role,,}"
  port="${!wish:-${had:-$2}}"
  [[ -n "$port" ]] || port=$(free_port)
  if ! [[ "$port" =~ ^[1-9][0-9]{0,4}$ ]] || ((port > 65535)); then die "$wish is '$port', which is no port number"; fi
  if [[ -n "$had" && "$port" != "$had" ]] && pid_of "$role" >/dev/null; then
    die "${LABELS[$role]} already runs on port $had" "to move it to $port: make down && make up $wish=$port"
  fi
  printf -v "$1" '%s' "$port"
  printf '%s=%s\n' "$1" "$port" >>"$PORTS_FILE.new"
}

# choose_ports settles all ports of the instance, one instance at a time, so that two that
# start together never choose the same.
choose_ports() {
  local fixed=('' '' '' '')
  if [[ "$INSTANCE" == local ]]; then fixed=(13306 19200 16379 127.0.0.1:8080); fi
  {
    flock 9
    load_ports || true
    : >"$PORTS_FILE.new"
    settle_port MYSQL_PORT "${fixed[0]}"
    settle_port ELASTICSEARCH_PORT "${fixed[1]}"
    settle_port REDIS_PORT "${fixed[2]}"
    API_LISTEN="${XUNKE_API_LISTEN:-${API_LISTEN:-${fixed[3]:-127.0.0.1:$(free_port)}}}"
    printf 'API_LISTEN=%s\n' "$API_LISTEN" >>"$PORTS_FILE.new"
    mv "$PORTS_FILE.new" "$PORTS_FILE"
  } 9>"$XUNKE_CACHE/ports.lock"
}

# api_address prints where the API is reached from this machine.
api_address() {
  local host="${API_LISTEN%:*}"
  case "$host" in '' | 0.0.0.0 | '[::]' | '*') host=127.0.0.1 ;; esac
  printf '%s:%s' "$host" "${API_LISTEN##*:}"
}
