# Everything that the scripts of this folder share, in order. Whoever sources it
# has set ROOT, the folder of the repository.
# shellcheck shell=bash

# shellcheck source=docker/local/lib/say.sh
source "$ROOT/docker/local/lib/say.sh"
# shellcheck source=docker/local/lib/paths.sh
source "$ROOT/docker/local/lib/paths.sh"
# shellcheck source=docker/local/lib/user.sh
source "$ROOT/docker/local/lib/user.sh"
# shellcheck source=docker/local/lib/process.sh
source "$ROOT/docker/local/lib/process.sh"
# shellcheck source=docker/local/lib/ports.sh
source "$ROOT/docker/local/lib/ports.sh"
# shellcheck source=docker/local/lib/packages.sh
source "$ROOT/docker/local/lib/packages.sh"
# shellcheck source=docker/local/lib/download.sh
source "$ROOT/docker/local/lib/download.sh"
# shellcheck source=docker/local/lib/secrets.sh
source "$ROOT/docker/local/lib/secrets.sh"
# shellcheck source=docker/local/lib/mysql.sh
source "$ROOT/docker/local/lib/mysql.sh"
# shellcheck source=docker/local/lib/elasticsearch.sh
source "$ROOT/docker/local/lib/elasticsearch.sh"
# shellcheck source=docker/local/lib/redis.sh
source "$ROOT/docker/local/lib/redis.sh"
# shellcheck source=docker/local/lib/config.sh
source "$ROOT/docker/local/lib/config.sh"
# shellcheck source=docker/local/lib/lifecycle.sh
source "$ROOT/docker/local/lib/lifecycle.sh"
# shellcheck source=docker/local/lib/golang.sh
source "$ROOT/docker/local/lib/golang.sh"
# shellcheck source=docker/local/lib/app.sh
source "$ROOT/docker/local/lib/app.sh"
