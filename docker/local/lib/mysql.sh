# MySQL, set up by docker/mysql/server.cnf.
# shellcheck shell=bash

# The kernel takes at most 107 bytes as the path of a socket, and a cache folder may be deep. So
# server and client call it by its way from the data folder, in which both are.
readonly MYSQL_SOCKET=../mysql.sock

# mysql_client ARGUMENTS... runs the client as MySQL's root over the socket, the only way in
# for that user.
mysql_client() {
  (cd "$DATA_DIR/mysql" &&
    unprivileged "$MYSQL_HOME/bin/mysql" --no-defaults --user=root --socket="$MYSQL_SOCKET" --default-character-set=utf8mb4 "$@")
}

# mysql_prepare makes the data folder on first use.
mysql_prepare() {
  local partial="$DATA_DIR/mysql.partial"
  cat "$ROOT/docker/mysql/server.cnf" >"$DATA_DIR/mysql.cnf"
  own "$DATA_DIR/mysql.cnf"
  [[ ! -d "$DATA_DIR/mysql" ]] || return 0
  rm -rf "$partial"
  unprivileged "$MYSQL_HOME/bin/mysqld" --no-defaults --initialize-insecure \
    --basedir="$MYSQL_HOME" --datadir="$partial" >"$LOG_DIR/mysql-init.log" 2>&1 </dev/null || {
    last_lines "$LOG_DIR/mysql-init.log"
    die 'MySQL could not make its data folder'
  }
  mv "$partial" "$DATA_DIR/mysql"
}

# mysql_start starts the server in the background.
mysql_start() {
  local options=() environment
  # A killed server leaves these; it would take a later process, or its own remains, with
  # the same pid for itself. Here it is known that none runs.
  rm -f "$DATA_DIR/mysql.sock" "$DATA_DIR/mysql.sock.lock"
  # Data of a test run is thrown away; losing power may lose it.
  if ((FOR_TESTS)); then options=(--sync-binlog=0 --innodb-flush-log-at-trx-commit=2); fi
  # `make test-clock` gives it another clock by XUNKE_MYSQL_ENV.
  read -ra environment <<<"${XUNKE_MYSQL_ENV:-}"
  detach mysql "$LOG_DIR/mysql.log" env "${environment[@]}" "$MYSQL_HOME/bin/mysqld" "--defaults-file=$DATA_DIR/mysql.cnf" \
    "--basedir=$MYSQL_HOME" "--datadir=$DATA_DIR/mysql" "--tmpdir=$TEMP_DIR" "--socket=$MYSQL_SOCKET" "--pid-file=$DATA_DIR/mysqld.pid" \
    "--port=$MYSQL_PORT" --bind-address=127.0.0.1 "--innodb-buffer-pool-size=${XUNKE_MYSQL_BUFFER_POOL:-256M}" "${options[@]}"
}

mysql_ready() { mysql_client --batch --execute='SELECT 1' >/dev/null 2>&1; }

# mysql_accounts creates the database and its users; running it again is harmless and sets
# the passwords that the instance has written down.
#
# Both get what docker/mysql/accounts.sh grants and no more: without CONNECTION_ADMIN the
# replication user cannot cut other people's connections.
mysql_accounts() {
  { cat - && sh "$ROOT/docker/mysql/accounts.sh" 127.0.0.1; } <<SQL | mysql_client
CREATE DATABASE IF NOT EXISTS xunke CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci;
CREATE USER IF NOT EXISTS 'xunke'@'127.0.0.1', 'xunke_replication'@'127.0.0.1';
ALTER USER 'xunke'@'127.0.0.1' IDENTIFIED BY '$APP_PASSWORD', 'xunke_replication'@'127.0.0.1' IDENTIFIED BY '$REPLICATION_PASSWORD';
SQL
  ((FOR_TESTS)) || return 0
  mysql_client <<SQL
CREATE USER IF NOT EXISTS 'root'@'127.0.0.1';
GRANT ALL PRIVILEGES ON *.* TO 'root'@'127.0.0.1' WITH GRANT OPTION;
SQL
}
