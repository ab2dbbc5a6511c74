# The processes that we started, and no others, and the user they run as.
# shellcheck shell=bash

# What root starts runs as a system user without a shell: MySQL and Elasticsearch refuse to
# run as root, and Redis, the API and the indexer have no use for it.
readonly SERVICE_USER=xunke

am_root() { [[ "$(id -u)" == 0 ]]; }

# as_root COMMAND... runs a command as root, through sudo where needed.
as_root() {
  if am_root; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "'$1' needs root, and sudo is not installed" "as root, run: $*"
  fi
}

# ensure_service_user creates the system user; nothing to do when not root.
ensure_service_user() {
  am_root || return 0
  id -u "$SERVICE_USER" >/dev/null 2>&1 && return 0
  say "creating the system user '$SERVICE_USER' (Elasticsearch refuses to run as root)"
  useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin "$SERVICE_USER"
}

# own [-R] PATH... gives paths to the service user, when there is one.
own() { if am_root; then chown "$SERVICE_USER:$SERVICE_USER" "$@"; fi; }

# share_with_service PATH MODE lets the service user's group at a path of root's, as far as
# MODE says.
share_with_service() {
  am_root || return 0
  chown "root:$SERVICE_USER" "$1"
  chmod "$2" "$1"
}

# choose_unprivileged fills UNPRIVILEGED with the command that drops root, and POWERLESS with
# one that leaves no capability either, for programs that need nothing outside their current
# folder.
#
# The cache folder is usually below /root, which other users may not enter, and opening
# somebody's home is not ours to do. So where the service user cannot reach the servers, the
# processes get one capability: reading through closed folders. Containers often lack that
# one and have the broader DAC_OVERRIDE. The secure bit makes access(2) count the
# capability, as open(2) does anyway.
choose_unprivileged() {
  local drop=(setpriv "--reuid=$SERVICE_USER" "--regid=$SERVICE_USER" --clear-groups --no-new-privs) capability
  UNPRIVILEGED=() POWERLESS=()
  am_root || return 0
  UNPRIVILEGED=("${drop[@]}" --bounding-set=-all)
  POWERLESS=("${UNPRIVILEGED[@]}")
  if unprivileged test -x "$XUNKE_CACHE" 2>/dev/null; then return 0; fi
  for capability in dac_read_search dac_override; do
    UNPRIVILEGED=("${drop[@]}" "--inh-caps=+$capability" "--ambient-caps=+$capability"
      "--bounding-set=-all,+$capability" --securebits=+no_setuid_fixup)
    if unprivileged test -x "$XUNKE_CACHE" 2>/dev/null; then return 0; fi
  done
  die "user '$SERVICE_USER' cannot enter $XUNKE_CACHE, and this machine grants no capability for it" \
    'choose a folder that every user may enter, for example:' \
    'make up XDG_CACHE_HOME=/var/cache'
}

# unprivileged COMMAND... runs a command as the user of the servers.
unprivileged() { "${UNPRIVILEGED[@]}" "$@"; }

# start_time PID prints the start of a process in clock ticks since boot.
start_time() {
  local stat
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  # The second field, the name, may hold spaces; cut behind its bracket.
  awk '{print $20}' <<<"${stat##*) }"
}

# command_line PID prints a process's command line; nothing when it is gone.
command_line() { { tr '\0' ' ' <"/proc/$1/cmdline"; } 2>/dev/null || true; }

# remember ROLE PID writes the pid file of a server just started.
remember() {
  local began
  began=$(start_time "$2") || return 1
  printf '%s %s\n' "$2" "$began" >"$PIDS_DIR/$1.pid.new"
  mv "$PIDS_DIR/$1.pid.new" "$PIDS_DIR/$1.pid"
}

# pid_of ROLE prints the pid of a running server of this instance, or fails. A pid alone
# proves nothing, the number may be somebody else's by now: the start time must be the one
# that was written down, and the command line must name the instance's folder.
pid_of() {
  local pid began
  [[ -s "$PIDS_DIR/$1.pid" ]] || return 1
  read -r pid began <"$PIDS_DIR/$1.pid" || true
  [[ "$pid" =~ ^[0-9]+$ && "$(start_time "$pid")" == "$began" && "$(command_line "$pid")" == *"$INSTANCE_DIR"* ]] || return 1
  printf '%s' "$pid"
}

# detach ROLE LOG COMMAND... starts a program that outlives this shell, in a session of its
# own, as the unprivileged user. The lock on the instance must not live on in it.
detach() {
  local role="$1" log="$2" pid
  shift 2
  (
    if [[ -n "${INSTANCE_LOCK:-}" ]]; then exec {INSTANCE_LOCK}>&-; fi
    exec setsid "${UNPRIVILEGED[@]}" "$@" >>"$log" 2>&1 </dev/null
  ) &
  pid=$!
  remember "$role" "$pid" || true
  # Until it has become the program, its command line is this shell's, which pid_of refuses.
  until pid_of "$role" >/dev/null || ! kill -0 "$pid" 2>/dev/null; do sleep 0.02; done
}

# stop_role ROLE LABEL SECONDS asks a server to end, and kills it when it has not within the
# given time. A role that does not run is no error.
stop_role() {
  local role="$1" label="$2" limit="$3" pid waited=0
  if pid=$(pid_of "$role"); then
    kill -TERM "$pid" 2>/dev/null || true
    while pid_of "$role" >/dev/null; do
      if ((waited >= limit * 10)); then
        say "warning: $label (pid $pid) did not stop within $limit s; killing it"
        kill -KILL "$pid" 2>/dev/null || true
        limit=$((limit + 5))
      fi
      if ((waited > 0 && waited % 10 == 0)); then progress $((waited / 10)) "stopping $label (pid $pid), ${waited%?} s"; fi
      sleep 0.1
      waited=$((waited + 1))
    done
    progress_done
    say "$label stopped (pid $pid)"
  fi
  rm -f "$PIDS_DIR/$role.pid"
}
