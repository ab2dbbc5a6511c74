#!/bin/sh
# Runs once, when the MySQL container makes its data folder: the user that the
# indexer follows the binary log with, and what both users may do.
set -eu
{
  printf "CREATE USER 'xunke_replication'@'%%' IDENTIFIED BY '%s';\n" "$XUNKE_REPLICATION_PASSWORD"
  sh /usr/local/share/xunke/accounts.sh %
} | mysql --user=root --password="$MYSQL_ROOT_PASSWORD"
