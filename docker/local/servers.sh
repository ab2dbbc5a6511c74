#!/usr/bin/env bash
# MySQL, Elasticsearch and Redis on this machine, without Docker: fetched once,
# kept in a cache folder of their own, started and stopped as one instance.
# Run it with `help` for its verbs.
set -euo pipefail

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
# shellcheck source=docker/local/lib.sh
source "$ROOT/docker/local/lib.sh"

usage() {
  cat <<'TEXT'
usage: docker/local/servers.sh [--instance NAME] VERB [ARGUMENTS]

  fetch         install packages, download and unpack the servers
  start         start the three servers and write the configuration file
                  --for-tests  MySQL's root may enter over TCP, faster disk writes
  stop          stop them
  status        say what runs, with pids and ports
  env           print the variables that point tests at the instance
  reset         stop, and delete the instance with its data
  logs          show the logs (--follow to keep showing)
  mysql, redis  open a client; statements on standard input work too
  path          print the folder of the instance

Instance: --instance, or $XUNKE_INSTANCE, or `local`. Everything is kept in
${XDG_CACHE_HOME:-~/.cache}/xunke. Ports: XUNKE_MYSQL_PORT (13306),
XUNKE_ELASTICSEARCH_PORT (19200), XUNKE_ELASTICSEARCH_TRANSPORT_PORT (19300),
XUNKE_REDIS_PORT (16379), XUNKE_API_LISTEN (127.0.0.1:8080); any other instance
than `local` gets free ones. Memory: XUNKE_ELASTICSEARCH_HEAP (1g),
XUNKE_MYSQL_BUFFER_POOL (256M).
TEXT
}

main() {
  local instance="${XUNKE_INSTANCE:-local}"
  if [[ "${1:-}" == --instance ]]; then
    instance="${2:?--instance wants a name}"
    shift 2
  fi
  local verb="${1:-help}"
  shift || true
  use_instance "$instance"
  case "$verb" in
    fetch | start | stop | status | env | reset | logs | mysql | redis | path) "verb_$verb" "$@" ;;
    help | -h | --help) usage ;;
    *)
      usage >&2
      die "there is no verb '$verb'"
      ;;
  esac
}

main "$@"
