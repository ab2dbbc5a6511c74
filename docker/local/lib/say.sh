# Messages to whoever started us. Everything goes to standard error, so that a
# verb's own answer (env, mysql, redis) stays clean on standard output.
# shellcheck shell=bash

# say prints one line.
say() { printf '%s\n' "$*" >&2; }

# warn prints one line that should not be overlooked.
warn() { printf 'warning: %s\n' "$*" >&2; }

# die prints why, and the remedy as further lines, and ends the script.
die() {
  printf 'error: %s\n' "$1" >&2
  shift
  local line
  for line in "$@"; do printf '  %s\n' "$line" >&2; done
  exit 1
}

# on_terminal tells whether progress may redraw one line.
on_terminal() { [[ -t 2 && "${TERM:-dumb}" != dumb ]]; }

# progress SECONDS TEXT shows the state of something slow: redrawn in place each
# second on a terminal, a plain line every five seconds anywhere else.
progress() {
  if on_terminal; then
    printf '\r\033[K%s' "$2" >&2
  elif (($1 % 5 == 0)); then
    printf '%s\n' "$2" >&2
  fi
}

# progress_done ends a redrawn line.
progress_done() { if on_terminal; then printf '\r\033[K' >&2; fi; }

# megabytes BYTES prints decimal megabytes, the unit download sizes are given in.
megabytes() { printf '%d' $(($1 / 1000000)); }

# last_lines FILE shows the end of a log, indented.
last_lines() {
  [[ -s "$1" ]] || return 0
  say "last lines of $1:"
  tail -n "${2:-15}" "$1" | sed 's/^/  | /' >&2
}
