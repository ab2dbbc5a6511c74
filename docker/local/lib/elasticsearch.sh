# Elasticsearch: one node on the loopback interface, set up by
# docker/elasticsearch/elasticsearch.yml.
# shellcheck shell=bash

elasticsearch_url() { printf 'http://127.0.0.1:%s' "$ELASTICSEARCH_PORT"; }

# elasticsearch_hash PASSWORD prints what Elasticsearch keeps of a password: a salt, and the SHA-256
# of both. One that was drawn from 160 bits needs no slower hash.
elasticsearch_hash() {
  local salt digest
  salt=$(head -c 9 /dev/urandom | base64)
  digest=$({ printf '%s' "$1" && base64 --decode <<<"$salt"; } | sha256sum | cut -d ' ' -f 1)
  # shellcheck disable=SC2001,SC2059
  printf '{SSHA256}%s%s' "$salt" "$(printf "$(sed 's/../\\x&/g' <<<"$digest")" | base64)"
}

# elasticsearch_users writes who may come, in files of the node's own, so that nothing has to be
# asked of a server that runs. Tests make indices with other names, and a pipeline for what
# Elasticsearch refuses.
elasticsearch_users() {
  local config="$1" roles="$ROOT/docker/elasticsearch/roles.yml"
  if ((FOR_TESTS)); then
    sed 's/"xunke-/"*-/g; s/\[monitor\]/[monitor, manage_ingest_pipelines]/' "$roles" >"$config/roles.yml"
  else
    cat "$roles" >"$config/roles.yml"
  fi
  rm -f "$config/users"
  (umask 077 && printf 'xunke:%s\n' "$(elasticsearch_hash "$ELASTICSEARCH_PASSWORD")" >"$config/users")
  printf 'xunke:xunke\n' >"$config/users_roles"
}

# elasticsearch_outdated tells whether the one that runs was started by a version that knew of no
# passwords.
elasticsearch_outdated() {
  pid_of elasticsearch >/dev/null && grep -qsx 'xpack.security.enabled: false' "$DATA_DIR/elasticsearch-config/elasticsearch.yml"
}

# elasticsearch_prepare writes the node's own configuration folder.
elasticsearch_prepare() {
  local config="$DATA_DIR/elasticsearch-config"
  mkdir -p "$config" "$DATA_DIR/elasticsearch"
  cp -R "$ELASTICSEARCH_HOME/config/." "$config/"
  cat "$ROOT/docker/elasticsearch/elasticsearch.yml" - >"$config/elasticsearch.yml" <<YAML
cluster.name: xunke-$INSTANCE
node.name: xunke-$INSTANCE
network.host: 127.0.0.1
http.port: $ELASTICSEARCH_PORT
transport.port: 0
path.data: $DATA_DIR/elasticsearch
path.logs: $LOG_DIR
YAML
  # Garbage collection logs are of no use here and grow to gigabytes.
  sed -i '/^-Xlog:gc/d' "$config/jvm.options"
  elasticsearch_users "$config"
  own -R "$config" "$DATA_DIR/elasticsearch"
}

# elasticsearch_start starts the launcher in the background as the distribution's own script
# would (this one comes without it). The launcher starts the server, waits until it is up,
# and leaves; the server writes its pid itself.
elasticsearch_start() {
  local heap="${XUNKE_ELASTICSEARCH_HEAP:-1g}" java
  java=$(find_java) || die 'no usable Java: Elasticsearch needs version 17 or newer with the module jdk.attach' \
    'apt-get install openjdk-17-jre-headless'
  rm -f "$DATA_DIR/elasticsearch.pid" "$PIDS_DIR/elasticsearch.pid"
  export ES_JAVA_OPTS="-Xms$heap -Xmx$heap" ES_HOME="$ELASTICSEARCH_HOME" ES_TMPDIR="$TEMP_DIR"
  export ES_PATH_CONF="$DATA_DIR/elasticsearch-config" JAVA_HOME="${java%/bin/java}" LIBFFI_TMPDIR="$TEMP_DIR"
  cd "$ELASTICSEARCH_HOME" || return 1
  detach elasticsearch-launcher "$LOG_DIR/elasticsearch.out" "$java" -Xms4m -Xmx64m -XX:+UseSerialGC \
    -Dcli.name=server -Dcli.script=./bin/elasticsearch -Dcli.libs=lib/tools/server-cli \
    "-Des.path.home=$ELASTICSEARCH_HOME" "-Des.path.conf=$ES_PATH_CONF" -Des.distribution.type=tar \
    -cp 'lib/*:lib/cli-launcher/*' org.elasticsearch.launcher.CliToolLauncher \
    --daemonize --pidfile "$DATA_DIR/elasticsearch.pid"
}

# elasticsearch_adopt takes over the pid that the server wrote.
elasticsearch_adopt() {
  pid_of elasticsearch >/dev/null && return 0
  local pid
  pid=$(tr -d '[:space:]' 2>/dev/null <"$DATA_DIR/elasticsearch.pid") || return 1
  [[ "$pid" =~ ^[0-9]+$ && "$(command_line "$pid")" == *"$INSTANCE_DIR"* ]] && remember elasticsearch "$pid"
}

elasticsearch_ready() {
  elasticsearch_adopt 2>/dev/null || true
  curl --silent --fail --noproxy '*' --max-time 5 --output /dev/null --config - \
    "$(elasticsearch_url)/_cluster/health?wait_for_status=yellow&timeout=3s" <<<"user = \"xunke:$ELASTICSEARCH_PASSWORD\""
}
