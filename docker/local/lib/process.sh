# Processes that we started, and no others. A pid alone proves nothing: the
# number may have gone to somebody else since. So a pid file holds the pid and
# the kernel's start time, and the command line must name the instance folder.
# shellcheck shell=bash

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

# pid_of ROLE prints the pid of a running server of this instance, or fails.
pid_of() {
  local pid began
  [[ -s "$PIDS_DIR/$1.pid" ]] || return 1
  read -r pid began <"$PIDS_DIR/$1.pid" || true
  [[ "$pid" =~ ^[0-9]+$ && -d "/proc/$pid" ]] || return 1
  [[ "$(start_time "$pid")" == "$began" ]] || return 1
  [[ "$(command_line "$pid")" == *"$INSTANCE_DIR"* ]] || return 1
  printf '%s' "$pid"
}

# stop_role ROLE LABEL SECONDS asks a server to end, and kills it when it has
# not within the given time. A role that does not run is no error.
stop_role() {
  local role="$1" label="$2" patience="$3" pid waited=0
  if ! pid=$(pid_of "$role"); then
    rm -f "$PIDS_DIR/$role.pid"
    return 0
  fi
  kill -TERM "$pid" 2>/dev/null || true
  while pid_of "$role" >/dev/null; do
    if ((waited >= patience * 10)); then
      warn "$label (pid $pid) did not stop within $patience s; killing it"
      kill -KILL "$pid" 2>/dev/null || true
      patience=$((patience + 5))
    fi
    if ((waited > 0 && waited % 10 == 0)); then progress $((waited / 10)) "stopping $label (pid $pid), ${waited%?} s"; fi
    sleep 0.1
    waited=$((waited + 1))
  done
  progress_done
  rm -f "$PIDS_DIR/$role.pid"
  say "$label stopped (pid $pid)"
}
