#!/usr/bin/env bash
# MySQL, Elasticsearch and Redis on this machine, without Docker: fetched once,
# kept in a cache folder of their own, started and stopped as one instance.
# Run it with `help` for its verbs.
set -euo pipefail

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
source "$ROOT/docker/local/lib.sh"

usage() {
  cat <<'TEXT'
usage: docker/local/servers.sh [--instance NAME] VERB

  start         fetch what is missing, start the three servers, write the configuration file
                  --for-tests  MySQL's root may enter over TCP, faster disk writes
  stop, reset   stop them; and delete the instance with its data
  logs          show the logs (--follow to keep showing)
  path          print the folder of the instance
  model         fetch the model that searches by meaning need
  mysql, redis  open a client; statements on standard input work too

Everything is kept in ${XDG_CACHE_HOME:-~/.cache}/xunke. Ports of the instance `local`:
XUNKE_MYSQL_PORT (13306), XUNKE_ELASTICSEARCH_PORT (19200), XUNKE_REDIS_PORT (16379),
XUNKE_API_LISTEN (127.0.0.1:8080); any other gets free ones.
Memory: XUNKE_ELASTICSEARCH_HEAP (1g), XUNKE_MYSQL_BUFFER_POOL (256M).
TEXT
}

main() {
  local instance=local
  if [[ "${1:-}" == --instance ]]; then
    instance="${2:?--instance wants a name}"
    shift 2
  fi
  local verb="${1:-help}"
  shift || true
  use_instance "$instance"
  case "$verb" in
    start | stop | reset | logs | path | model | mysql | redis) "verb_$verb" "$@" ;;
    help | -h | --help) usage ;;
    *)
      usage >&2
      die "there is no verb '$verb'"
      ;;
  esac
}

main "$@"
