#!/bin/sh
# Runs once, when the MySQL container makes its data folder: the user that the
# indexer follows the binary log with, and only what that takes.
set -eu
mysql --user=root --password="$MYSQL_ROOT_PASSWORD" <<SQL
CREATE USER 'xunke_replication'@'%' IDENTIFIED BY '$XUNKE_REPLICATION_PASSWORD';
GRANT REPLICATION SLAVE, REPLICATION CLIENT, SELECT ON *.* TO 'xunke_replication'@'%';
SQL
