# The verbs of stack.sh with a Docker engine.
# shellcheck shell=bash

compose() { docker compose --project-directory "$ROOT" "$@"; }

docker_up() {
  local second=0
  [[ -e "$ROOT/.env" ]] || say 'writing .env with fresh passwords, which docker-compose.yml reads'
  add_secrets "$ROOT/.env" XUNKE_MYSQL_ROOT_PASSWORD XUNKE_MYSQL_PASSWORD XUNKE_REPLICATION_PASSWORD XUNKE_ELASTICSEARCH_PASSWORD XUNKE_REDIS_PASSWORD XUNKE_CURSOR_SECRET XUNKE_ADMIN_PASSWORD
  # The servers' own users read these in the containers, whatever the umask of the checkout was.
  chmod a+r "$ROOT"/docker/{mysql,elasticsearch,redis}/*
  # A listen address without a host means every interface; compose wants it said.
  if [[ "${XUNKE_API_LISTEN:-}" == :* ]]; then export XUNKE_API_LISTEN="0.0.0.0$XUNKE_API_LISTEN"; fi
  XUNKE_VERSION=$(git -C "$ROOT" describe --tags --always --dirty 2>/dev/null || echo unknown)
  export XUNKE_VERSION
  compose up --detach --build --wait
  until compose exec --no-TTY api wget --quiet --output-document=- http://127.0.0.1:8080/readyz | grep --quiet --invert-match '"degraded":true'; do
    # Answers come out of MySQL by then: the first index is being built.
    ((second++ < 900)) || die 'something is missing after fifteen minutes' 'what is wrong: docker compose exec api xunke doctor'
    sleep 1
  done
  announce "http://$(compose port api 8080)" 'docker compose exec api xunke status' 'XUNKE_ADMIN_PASSWORD in .env'
}

docker_restart() { compose restart api indexer; }
docker_down() { compose down; }
docker_ps() { compose ps "$@"; }
docker_logs() { compose logs --tail 40 "$@"; }

docker_reset() {
  confirm_reset 'the volumes of docker-compose.yml'
  compose down --volumes
}

# docker_mysql opens the client in the container; the password is the container's own
# variable, expanded there.
docker_mysql() {
  # shellcheck disable=SC2016
  compose_exec mysql sh -c 'exec mysql --user=root --password="$MYSQL_ROOT_PASSWORD" --default-character-set=utf8mb4 "$@" xunke' mysql "$@"
}

docker_redis() { compose_exec redis redis-cli "$@"; }

# compose_exec SERVICE COMMAND... runs a client; without a terminal it takes statements on
# standard input.
compose_exec() {
  local terminal=()
  [[ -t 0 ]] || terminal=(--no-TTY)
  compose exec "${terminal[@]}" "$@"
}
