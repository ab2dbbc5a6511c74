# What others need to know of a running instance: the binary's configuration
# file, and the variables that tests read.
# shellcheck shell=bash

# write_config writes the file that the binary finds by itself for `local`.
write_config() {
  (
    umask 077
    cat >"$CONFIG_FILE.new" <<YAML
# Written by docker/local/servers.sh at every start; changes here are lost.
mysql:
  dsn: "xunke:$APP_PASSWORD@tcp(127.0.0.1:$MYSQL_PORT)/xunke"
indexer:
  replication_dsn: "xunke_replication:$REPLICATION_PASSWORD@tcp(127.0.0.1:$MYSQL_PORT)/xunke"
elasticsearch:
  addresses: ["$(elasticsearch_url)"]
redis:
  addresses: ["127.0.0.1:$REDIS_PORT"]
api:
  listen: "$API_LISTEN"
  cursor_secret: "$CURSOR_SECRET"
  admin_password: "$ADMIN_PASSWORD"
run_dir: "$RUN_DIR"
YAML
  )
  mv "$CONFIG_FILE.new" "$CONFIG_FILE"
}

# print_environment prints shell lines that point tests at the instance.
print_environment() {
  local login="xunke:$APP_PASSWORD"
  if ((FOR_TESTS)); then login=root; fi
  printf "export XUNKE_TEST_MYSQL_DSN='%s@tcp(127.0.0.1:%s)/'\n" "$login" "$MYSQL_PORT"
  printf "export XUNKE_TEST_ELASTICSEARCH='%s'\n" "$(elasticsearch_url)"
  printf "export XUNKE_TEST_REDIS='127.0.0.1:%s'\n" "$REDIS_PORT"
}
