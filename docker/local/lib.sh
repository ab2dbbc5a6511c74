# Everything that the scripts of this folder share. Whoever sources it has set ROOT, the
# folder of the repository.
# shellcheck shell=bash

source "$ROOT/docker/local/lib/base.sh"
source "$ROOT/docker/local/lib/process.sh"
source "$ROOT/docker/local/lib/ports.sh"
source "$ROOT/docker/local/lib/packages.sh"
source "$ROOT/docker/local/lib/download.sh"
source "$ROOT/docker/local/lib/mysql.sh"
source "$ROOT/docker/local/lib/elasticsearch.sh"
source "$ROOT/docker/local/lib/redis.sh"
source "$ROOT/docker/local/lib/lifecycle.sh"
