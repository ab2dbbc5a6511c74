#!/usr/bin/env bash
# What `make up`, `restart`, `down`, `ps`, `logs`, `reset`, `mysql` and `redis` do: with a
# Docker engine through docker-compose.yml, without one through docker/local.
set -euo pipefail

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
source "$ROOT/docker/local/lib.sh"
source "$ROOT/docker/lib/compose.sh"
source "$ROOT/docker/lib/local.sh"

# choose_engine prints `docker` or `local`: XUNKE_ENGINE where it is set, else
# Docker where an engine answers and has compose.
choose_engine() {
  local engine="${XUNKE_ENGINE:-local}"
  if [[ -z "${XUNKE_ENGINE:-}" ]] && timeout 10 docker info >/dev/null 2>&1; then
    engine=docker
    if ! docker compose version >/dev/null 2>&1; then
      say 'a Docker engine answers, but it has no compose plugin; using local servers'
      engine=local
    fi
  fi
  [[ "$engine" == docker || "$engine" == local ]] || die "XUNKE_ENGINE is '$engine'" 'use docker or local'
  printf '%s' "$engine"
}

# announce URL COMMAND PASSWORD [INBOX] says what to open and what to do next. The password
# itself is not printed, only where it stands. Without an inbox there are no accounts.
announce() {
  local mails=''
  if [[ -n "${4:-}" ]]; then mails=$'\n'"  accounts $1/register  (mails that would have been sent: $4)"; fi
  cat <<TEXT

Xunke is up.
  site     $1/
  API      $1/docs
  admins   $1/admin/searches  (user admin; password: $3)$mails
  search   curl '$1/api/v1/search?q=python'
  CLI      $2
  stop     make down      (make ps, make logs, make mysql, make redis, make reset)
TEXT
}

# confirm_reset asks before data goes, unless told yes or nobody is there to ask.
confirm_reset() {
  local answer
  [[ "${YES:-}" != 1 && -t 0 ]] || return 0
  read -r -p "delete all data of the local Xunke ($1)? [y/N] " answer
  [[ "$answer" == [yY]* ]] || die 'nothing was deleted'
}

main() {
  local verb="${1:-}" engine
  shift || true
  case "$verb" in
    up | restart | down | logs | ps | reset | mysql | redis) ;;
    *) die "usage: docker/stack.sh up|restart|down|logs|ps|reset|mysql|redis" ;;
  esac
  engine=$(choose_engine)
  use_instance local
  if ! declare -F "${engine}_$verb" >/dev/null; then engine=verb; fi
  "${engine}_$verb" "$@"
}

main "$@"
