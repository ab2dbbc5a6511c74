# Debian packages that the local servers need, installed only where missing.
# shellcheck shell=bash

# In these scripts no pipe ends in a reader that stops early (grep -q, head): the
# writer would die of it, and with pipefail that is a failure, now and then.

# have_library NAME tells whether the dynamic linker knows a shared library.
have_library() {
  local known
  known=$(PATH="$PATH:/sbin" ldconfig -p)
  [[ "$known" == *"$1"* ]]
}

# java_of PATH... prints the first Java that Elasticsearch can use: version 17 or
# newer, with the module jdk.attach, which trimmed runtimes leave out.
java_of() {
  local java version
  for java in "$@"; do
    [[ -n "$java" && -x "$java" ]] || continue
    version=$("$java" -version 2>&1 | sed -n '1s/.*version "\([0-9]*\).*/\1/p')
    if ! [[ "$version" =~ ^[0-9]+$ ]] || ((version < 17)); then continue; fi
    [[ "$("$java" --list-modules 2>/dev/null)" == *jdk.attach* ]] || continue
    readlink -f "$java"
    return 0
  done
  return 1
}

find_java() { java_of "${JAVA_HOME:+$JAVA_HOME/bin/java}" "$(command -v java || true)" /usr/lib/jvm/java-{17,21}-openjdk-*/bin/java; }

# candidate PACKAGE... prints the first package that Debian offers here.
candidate() {
  local package
  for package in "$@"; do
    if [[ "$(apt-cache policy "$package" 2>/dev/null)" == *'Candidate: '[!\(]* ]]; then
      printf '%s' "$package"
      return 0
    fi
  done
  printf '%s' "$1"
}

# refresh_package_list brings Debian's list of packages up to date.
refresh_package_list() {
  say 'refreshing the list of Debian packages'
  as_root apt-get update -qq >"$XUNKE_CACHE/apt.log" 2>&1 </dev/null || last_lines "$XUNKE_CACHE/apt.log" 5
}

# install_packages PACKAGE... installs Debian packages without their suggestions.
# A first failure may only mean that the list of packages is older than the
# archive, so it tries once more with a fresh one.
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
# Redis: Debian's redis-server package starts a service of its own on 6379, which
# nobody asked for. The program itself sits in redis-tools, under the name
# redis-check-rdb (one file, told apart by its name), so that is what we install.
ensure_packages() {
  local missing=()
  command -v curl >/dev/null || missing+=(curl ca-certificates)
  command -v ps >/dev/null || missing+=(procps)
  command -v ss >/dev/null || missing+=(iproute2)
  command -v setpriv >/dev/null || missing+=(util-linux)
  find_java >/dev/null || missing+=(java)
  have_library libaio.so.1 || missing+=(libaio)
  have_library libnuma.so.1 || missing+=(libnuma1)
  command -v redis-server >/dev/null || command -v redis-check-rdb >/dev/null || missing+=(redis-tools)
  if ! have_servers; then
    command -v unzip >/dev/null || missing+=(unzip)
    command -v mvn >/dev/null || missing+=(maven)
  fi
  if ((${#missing[@]} == 0)); then return 0; fi
  if command -v apt-get >/dev/null && ! apt-cache show maven >/dev/null 2>&1; then refresh_package_list; fi
  local index
  for index in "${!missing[@]}"; do
    case "${missing[$index]}" in
      java) missing[index]=$(candidate openjdk-17-jre-headless openjdk-21-jre-headless) ;;
      libaio) missing[index]=$(candidate libaio1 libaio1t64) ;;
    esac
  done
  install_packages "${missing[@]}"
}
