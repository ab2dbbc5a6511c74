# What scripts say, the secrets they make, and where everything is kept.
# shellcheck shell=bash

# Everything goes to standard error, so that a verb's own answer (env, mysql, redis) stays
# clean on standard output.
say() { printf '%s\n' "$*" >&2; }

# die prints why, and the remedy as further lines, and ends the script.
die() {
  printf 'error: %s\n' "$1" >&2
  shift
  (($# == 0)) || printf '  %s\n' "$@" >&2
  exit 1
}

# on_terminal tells whether progress may redraw one line.
on_terminal() { [[ -t 2 && "${TERM:-dumb}" != dumb ]]; }

# progress SECONDS TEXT shows the state of something slow: redrawn in place each second on
# a terminal, a plain line every five seconds anywhere else.
progress() {
  if on_terminal; then
    printf '\r\033[K%s' "$2" >&2
  elif (($1 % 5 == 0)); then
    say "$2"
  fi
}

# progress_done ends a redrawn line.
progress_done() { if on_terminal; then printf '\r\033[K' >&2; fi; }

# last_lines FILE [COUNT] shows the end of a log, indented.
last_lines() {
  [[ -s "$1" ]] || return 0
  say "last lines of $1:"
  tail -n "${2:-15}" "$1" | sed 's/^/  | /' >&2
}

# add_secrets FILE NAME... adds a line NAME=secret for each name that the file lacks, so
# that files of an earlier version get what came later. Only its owner may read it.
add_secrets() {
  local file="$1" name
  shift
  for name in "$@"; do
    grep -qs "^$name=" "$file" ||
      (umask 077 && printf '%s=%s\n' "$name" "$(od -An -N20 -tx1 /dev/urandom | tr -d ' \n')" >>"$file")
  done
}

# One cache folder, nothing outside it: unpacked servers, which all instances share,
# downloads on their way, checking tools, and a folder for each instance.
XUNKE_CACHE="${XDG_CACHE_HOME:-$HOME/.cache}/xunke"
SERVERS_DIR="$XUNKE_CACHE/servers"
DOWNLOAD_DIR="$XUNKE_CACHE/download"
readonly RESERVED_NAMES=' servers download tools models '

# use_instance NAME points every path of the other files at one instance: a set of three
# servers with data, logs, sockets, pids and ports of its own.
use_instance() {
  INSTANCE="$1"
  [[ "$INSTANCE" =~ ^[a-z][a-z0-9-]{0,40}$ && "$RESERVED_NAMES" != *" $INSTANCE "* ]] ||
    die "instance name '$INSTANCE' is not usable" "use small letters, digits and dashes, a letter first, and none of$RESERVED_NAMES"
  INSTANCE_DIR="$XUNKE_CACHE/$INSTANCE"
  DATA_DIR="$INSTANCE_DIR/data"
  LOG_DIR="$INSTANCE_DIR/logs"
  PIDS_DIR="$INSTANCE_DIR/pids"
  RUN_DIR="$INSTANCE_DIR/run"
  TEMP_DIR="$INSTANCE_DIR/tmp"
  PORTS_FILE="$INSTANCE_DIR/ports.env"
  SECRETS_FILE="$INSTANCE_DIR/secrets.env"
  CONFIG_FILE="$INSTANCE_DIR/xunke.yaml"
}
