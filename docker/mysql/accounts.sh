#!/bin/sh
# Prints the statements that give the two users of MySQL what docs/OPERATIONS.md names, and
# take away what they had beyond that: accounts.sh HOST [DATABASE [APPLICATION [REPLICATION]]].
# The users are there already. With Docker and without it, make up runs these.
set -eu
host="${1:?the host that the users come from}"
database="${2:-xunke}"
application="'${3:-xunke}'@'$host'"
replication="'${4:-xunke_replication}'@'$host'"

# Those whose rows the indexer reads on the binlog: consultations and what visitors search for are not
# the indexer's business. A test compares them with the indexer's own list.
tables='categories cities course_daily_counts course_ratings course_tags course_teachers course_vectors courses lessons
  org_daily_counts orgs sync_marks sync_sentinels tags teacher_daily_counts teachers'

# What is needed comes first, so that an indexer that runs meanwhile never lacks it.
cat <<SQL
GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES ON \`$database\`.* TO $application;
GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO $replication;
SQL
# A table that migrations have yet to make can be granted together with CREATE only.
for table in $tables; do
  cat <<SQL
GRANT CREATE, SELECT ON \`$database\`.\`$table\` TO $replication;
REVOKE CREATE ON \`$database\`.\`$table\` FROM $replication;
SQL
done
cat <<SQL
REVOKE IF EXISTS CREATE TEMPORARY TABLES, LOCK TABLES, CREATE VIEW, SHOW VIEW, CREATE ROUTINE, ALTER ROUTINE, EXECUTE, EVENT, TRIGGER
  ON \`$database\`.* FROM $application;
REVOKE SELECT ON *.* FROM $replication;
REVOKE IF EXISTS SELECT ON \`$database\`.* FROM $replication;
SQL
