# The verbs of stack.sh with a Docker engine.
# shellcheck shell=bash

compose() { docker compose --project-directory "$ROOT" "$@"; }

docker_up() {
  ensure_environment_file
  # A listen address without a host means every interface; compose wants it said.
  if [[ "${XUNKE_API_LISTEN:-}" == :* ]]; then export XUNKE_API_LISTEN="0.0.0.0$XUNKE_API_LISTEN"; fi
  XUNKE_VERSION=$(git -C "$ROOT" describe --tags --always --dirty 2>/dev/null || echo unknown)
  export XUNKE_VERSION
  compose up --detach --build --wait
  announce "http://$(compose port api 8080)" 'docker compose exec api xunke status' 'XUNKE_ADMIN_PASSWORD in .env'
}

docker_down() { compose down; }
docker_ps() { compose ps "$@"; }

docker_logs() {
  local options=(--tail 40)
  if [[ "${1:-}" == --follow ]]; then options+=(--follow); fi
  compose logs "${options[@]}"
}

docker_reset() {
  confirm_reset 'the volumes of docker-compose.yml'
  compose down --volumes
}

# docker_mysql opens the client in the container; without a terminal it takes
# statements on standard input.
docker_mysql() {
  local terminal=()
  [[ -t 0 ]] || terminal=(--no-TTY)
  # The password is the container's own variable, expanded there.
  # shellcheck disable=SC2016
  compose exec "${terminal[@]}" mysql sh -c 'exec mysql --user=root --password="$MYSQL_ROOT_PASSWORD" --default-character-set=utf8mb4 "$@" xunke' mysql "$@"
}

docker_redis() {
  local terminal=()
  [[ -t 0 ]] || terminal=(--no-TTY)
  compose exec "${terminal[@]}" redis redis-cli "$@"
}

# ensure_environment_file writes .env with fresh passwords on first use; compose
# reads it by itself.
ensure_environment_file() {
  if [[ -e "$ROOT/.env" ]]; then
    # One that was written by an earlier version lacks what came later.
    grep -q '^XUNKE_ADMIN_PASSWORD=' "$ROOT/.env" || printf 'XUNKE_ADMIN_PASSWORD=%s\n' "$(random_secret)" >>"$ROOT/.env"
    return 0
  fi
  say 'writing .env with fresh passwords'
  (
    umask 077
    {
      echo '# Written by `make up` on first use; docker-compose.yml reads it. Keep it to yourself.'
      printf 'XUNKE_MYSQL_ROOT_PASSWORD=%s\n' "$(random_secret)"
      printf 'XUNKE_MYSQL_PASSWORD=%s\n' "$(random_secret)"
      printf 'XUNKE_REPLICATION_PASSWORD=%s\n' "$(random_secret)"
      printf 'XUNKE_CURSOR_SECRET=%s\n' "$(random_secret)"
      printf 'XUNKE_ADMIN_PASSWORD=%s\n' "$(random_secret)"
    } >"$ROOT/.env"
  )
}
