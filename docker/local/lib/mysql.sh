# MySQL: row-based binary log with full images and GTIDs, which is what the
# indexer reads.
# shellcheck shell=bash

readonly MYSQL_LABEL='MySQL'

# mysql_socket prints the path of the socket. The kernel takes at most 107 bytes,
# so a deep cache folder gets its socket in the temporary folder.
mysql_socket() {
  local path="$DATA_DIR/mysql.sock"
  if ((${#path} <= 100)); then
    printf '%s' "$path"
  else
    printf '%s/xunke-%s/mysql.sock' "${TMPDIR:-/tmp}" "$(cksum <<<"$INSTANCE_DIR" | cut -d ' ' -f 1)"
  fi
}

# mysql_client ARGUMENTS... runs the client as MySQL's root over the socket, the
# only way in for that user.
mysql_client() {
  unprivileged "$MYSQL_HOME/bin/mysql" --no-defaults --user=root --socket="$(mysql_socket)" --default-character-set=utf8mb4 "$@"
}

# mysql_prepare makes the data folder on first use.
mysql_prepare() {
  local partial="$DATA_DIR/mysql.partial"
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
#
# skip-name-resolve keeps root@localhost to the socket. The binary log is kept for
# three days, so an indexer may be away over a weekend.
mysql_start() {
  local socket options
  socket=$(mysql_socket)
  mkdir -p "$(dirname "$socket")"
  own "$(dirname "$socket")"
  # A killed server leaves these; it would take a later process, or its own
  # remains, with the same pid for itself. Here it is known that none runs.
  rm -f "$socket" "$socket.lock"
  options=(
    "--basedir=$MYSQL_HOME" "--datadir=$DATA_DIR/mysql" "--tmpdir=$TEMP_DIR"
    "--socket=$socket" "--pid-file=$DATA_DIR/mysqld.pid"
    "--port=$MYSQL_PORT" --bind-address=127.0.0.1 --mysqlx=OFF --skip-name-resolve
    --server-id=1 --log-bin=binlog --binlog-format=ROW --binlog-row-image=FULL
    --gtid-mode=ON --enforce-gtid-consistency=ON --binlog-expire-logs-seconds=259200
    --character-set-server=utf8mb4 --default-time-zone=+00:00
    --innodb-buffer-pool-size="${XUNKE_MYSQL_BUFFER_POOL:-256M}" --max-connections=300
  )
  if ((FOR_TESTS)); then
    # Data of a test run is thrown away; losing power may lose it.
    options+=(--sync-binlog=0 --innodb-flush-log-at-trx-commit=2)
  else
    options+=(--sync-binlog=1 --innodb-flush-log-at-trx-commit=1)
  fi
  detach mysql "$LOG_DIR/mysql.log" "$MYSQL_HOME/bin/mysqld" --no-defaults "${options[@]}"
}

mysql_ready() { mysql_client --batch --execute='SELECT 1' >/dev/null 2>&1; }

# mysql_accounts creates the database and its users; running it again is harmless
# and sets the passwords that the instance has written down.
#
# The replication user gets what following the binlog takes and no more: without
# CONNECTION_ADMIN it cannot cut other people's connections.
mysql_accounts() {
  mysql_client <<SQL
CREATE DATABASE IF NOT EXISTS xunke CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci;
CREATE USER IF NOT EXISTS 'xunke'@'127.0.0.1';
ALTER USER 'xunke'@'127.0.0.1' IDENTIFIED BY '$APP_PASSWORD';
GRANT ALL PRIVILEGES ON xunke.* TO 'xunke'@'127.0.0.1';
CREATE USER IF NOT EXISTS 'xunke_replication'@'127.0.0.1';
ALTER USER 'xunke_replication'@'127.0.0.1' IDENTIFIED BY '$REPLICATION_PASSWORD';
GRANT REPLICATION SLAVE, REPLICATION CLIENT, SELECT ON *.* TO 'xunke_replication'@'127.0.0.1';
SQL
  ((FOR_TESTS)) || return 0
  mysql_client <<SQL
CREATE USER IF NOT EXISTS 'root'@'127.0.0.1';
GRANT ALL PRIVILEGES ON *.* TO 'root'@'127.0.0.1' WITH GRANT OPTION;
SQL
}
