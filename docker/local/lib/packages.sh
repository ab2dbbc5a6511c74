# What this machine has to have: Debian packages, installed only where they are missing, and Go.
# shellcheck shell=bash

# In these scripts no pipe ends in a reader that stops early (grep -q, head): the writer
# would die of it, and with pipefail that is a failure, now and then.

# have_library NAME tells whether the dynamic linker knows a shared library.
have_library() {
  local known
  known=$(PATH="$PATH:/sbin" ldconfig -p)
  [[ "$known" == *"$1"* ]]
}

# find_java prints the first Java that Elasticsearch can use: version 17 or newer, with the
# module jdk.attach, which trimmed runtimes leave out.
find_java() {
  local java version
  for java in "${JAVA_HOME:+$JAVA_HOME/bin/java}" "$(command -v java || true)" /usr/lib/jvm/java-{17,21}-openjdk-*/bin/java; do
    [[ -n "$java" && -x "$java" ]] || continue
    version=$("$java" -version 2>&1 | sed -n '1s/.*version "\([0-9]*\).*/\1/p')
    if ((${version:-0} >= 17)) && [[ "$("$java" --list-modules 2>/dev/null)" == *jdk.attach* ]]; then
      readlink -f "$java"
      return 0
    fi
  done
  return 1
}

# candidate PACKAGE... prints the first package that Debian offers here.
candidate() {
  local package
  for package in "$@" "$1"; do
    if [[ "$(apt-cache policy "$package" 2>/dev/null)" == *'Candidate: '[!\(]* ]]; then break; fi
  done
  printf '%s' "$package"
}

# refresh_package_list brings Debian's list of packages up to date.
refresh_package_list() {
  say 'refreshing the list of Debian packages'
  as_root apt-get update -qq >"$XUNKE_CACHE/apt.log" 2>&1 </dev/null || last_lines "$XUNKE_CACHE/apt.log" 5
}

# install_packages PACKAGE... installs Debian packages without their suggestions. A first
# failure may only mean that the list of packages is older than the archive, so it tries
# once more with a fresh one.
install_packages() {
  local attempt
  command -v apt-get >/dev/null ||
    die "these packages are missing, and there is no apt-get here to install them: $*" \
      'install what they hold by your own means, or use Docker'
  for attempt in 1 2; do
    say "installing Debian packages: $*"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
      -o DPkg::Lock::Timeout=300 "$@" >"$XUNKE_CACHE/apt.log" 2>&1 </dev/null && return 0
    ((attempt > 1)) || refresh_package_list
  done
  last_lines "$XUNKE_CACHE/apt.log" 5
  die "could not install: $*" 'look at the lines above; then run the same command again'
}

# ensure_packages installs whatever is missing for the three servers.
#
# Redis: Debian's redis-server package starts a service of its own on 6379, which nobody
# asked for. The program itself sits in redis-tools, under the name redis-check-rdb (one
# file, told apart by its name), so that is what we install.
ensure_packages() {
  local missing=()
  command -v curl >/dev/null || missing+=(curl ca-certificates)
  command -v ps >/dev/null || missing+=(procps)
  command -v ss >/dev/null || missing+=(iproute2)
  command -v setpriv >/dev/null || missing+=(util-linux)
  have_library libnuma.so.1 || missing+=(libnuma1)
  command -v redis-server >/dev/null || command -v redis-check-rdb >/dev/null || missing+=(redis-tools)
  have_servers || command -v unzip >/dev/null || missing+=(unzip)
  have_servers || command -v mvn >/dev/null || missing+=(maven)
  if find_java >/dev/null && have_library libaio.so.1 && ((${#missing[@]} == 0)); then return 0; fi
  if command -v apt-get >/dev/null && ! apt-cache show maven >/dev/null 2>&1; then refresh_package_list; fi
  find_java >/dev/null || missing+=("$(candidate openjdk-17-jre-headless openjdk-21-jre-headless)")
  have_library libaio.so.1 || missing+=("$(candidate libaio1 libaio1t64)")
  install_packages "${missing[@]}"
}

# ensure_go puts a Go into PATH that go.mod accepts: the one that is there, or one in the
# usual folders. From 1.21 on each of them fetches the version that go.mod names by itself.
ensure_go() {
  local wanted folder path="$PATH"
  wanted=$(sed -n 's/^go //p' "$ROOT/go.mod")
  for folder in '' /usr/local/go/bin /usr/lib/go-1.*/bin; do
    PATH="${folder:+$folder:}$path"
    command -v go >/dev/null || continue
    if (cd "$ROOT" && go list -m >/dev/null 2>&1); then return 0; fi
    say "$(command -v go) is $(GOTOOLCHAIN=local go env GOVERSION 2>/dev/null); letting it fetch Go $wanted"
    export GOTOOLCHAIN=auto
    if (cd "$ROOT" && go list -m >/dev/null 2>&1); then return 0; fi
  done
  die "Go $wanted or newer is needed to build, and there is none here" \
    'install any Go from 1.21 on, which fetches that version by itself; Debian has it:' \
    'apt-get install golang-go                       (Debian 13)' \
    'apt-get install -t bookworm-backports golang-go (Debian 12, with its backports)' \
    "or unpack Go $wanted for Linux, from go.dev/dl, into /usr/local/go; then run the same command again"
}
