# Where everything is kept: one cache folder, nothing outside it.
# shellcheck shell=bash

XUNKE_CACHE="${XDG_CACHE_HOME:-$HOME/.cache}/xunke"

# Unpacked servers, shared by all instances.
SERVERS_DIR="$XUNKE_CACHE/servers"

# Downloads on their way; empty when nothing is being fetched.
DOWNLOAD_DIR="$XUNKE_CACHE/download"

# Folders of the cache that are not instances.
readonly RESERVED_NAMES=' servers download tools '

# use_instance NAME points every path of the other files at one instance: a set
# of three servers with data, logs, sockets, pids and ports of its own.
use_instance() {
  INSTANCE="$1"
  [[ "$INSTANCE" =~ ^[a-z][a-z0-9-]{0,40}$ ]] ||
    die "instance name '$INSTANCE' is not usable" 'use small letters, digits and dashes, a letter first'
  [[ "$RESERVED_NAMES" != *" $INSTANCE "* ]] || die "instance name '$INSTANCE' is taken by the cache folder itself"
  INSTANCE_DIR="$XUNKE_CACHE/$INSTANCE"
  DATA_DIR="$INSTANCE_DIR/data"
  LOG_DIR="$INSTANCE_DIR/logs"
  PIDS_DIR="$INSTANCE_DIR/pids"
  RUN_DIR="$INSTANCE_DIR/run"
  TEMP_DIR="$INSTANCE_DIR/tmp"
  PORTS_FILE="$INSTANCE_DIR/ports.env"
  SECRETS_FILE="$INSTANCE_DIR/secrets.env"
  CONFIG_FILE="$INSTANCE_DIR/xunke.yaml"
}

# make_instance_folders creates the folders; data, logs and temporary files
# belong to the user the servers run as.
make_instance_folders() {
  mkdir -p "$INSTANCE_DIR" "$PIDS_DIR" "$RUN_DIR" "$DATA_DIR" "$LOG_DIR" "$TEMP_DIR"
  chmod 755 "$XUNKE_CACHE" "$INSTANCE_DIR" "$PIDS_DIR" "$RUN_DIR"
  chmod 750 "$DATA_DIR" "$LOG_DIR" "$TEMP_DIR"
  own "$DATA_DIR" "$LOG_DIR" "$TEMP_DIR"
}
