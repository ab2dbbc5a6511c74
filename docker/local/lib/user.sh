# Which user the servers run as. MySQL and Elasticsearch refuse to run as root,
# so root starts all three as a system user without a shell.
# shellcheck shell=bash

readonly SERVICE_USER=xunke

am_root() { [[ "$(id -u)" == 0 ]]; }

# as_root runs a command as root, through sudo where needed.
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

# own PATH... gives paths to the service user, when there is one.
own() { if am_root; then chown "$SERVICE_USER:$SERVICE_USER" "$@"; fi; }

# choose_unprivileged fills UNPRIVILEGED with the command that drops root.
#
# The cache folder is usually below /root, which other users may not enter, and
# opening somebody's home is not ours to do. So where the service user cannot
# reach the servers, the processes get one capability: reading through closed
# folders. Containers often lack that one and have the broader DAC_OVERRIDE. The
# secure bit makes access(2) count the capability, as open(2) does anyway.
choose_unprivileged() {
  UNPRIVILEGED=()
  am_root || return 0
  local drop=(setpriv "--reuid=$SERVICE_USER" "--regid=$SERVICE_USER" --clear-groups)
  local bounding=(--bounding-set=-all --no-new-privs)
  if "${drop[@]}" test -x "$XUNKE_CACHE" 2>/dev/null; then
    UNPRIVILEGED=("${drop[@]}" "${bounding[@]}")
    return 0
  fi
  local capability with
  for capability in dac_read_search dac_override; do
    with=("${drop[@]}" "--inh-caps=+$capability" "--ambient-caps=+$capability"
      "--bounding-set=-all,+$capability" --securebits=+no_setuid_fixup --no-new-privs)
    if "${with[@]}" test -x "$XUNKE_CACHE" 2>/dev/null; then
      UNPRIVILEGED=("${with[@]}")
      return 0
    fi
  done
  die "user '$SERVICE_USER' cannot enter $XUNKE_CACHE, and this machine grants no capability for it" \
    'choose a folder that every user may enter, for example:' \
    'make up XDG_CACHE_HOME=/var/cache'
}

# unprivileged COMMAND... runs a command as the user of the servers.
unprivileged() { "${UNPRIVILEGED[@]}" "$@"; }
