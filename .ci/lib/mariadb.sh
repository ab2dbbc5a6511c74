# A real MariaDB, for the test that every command refuses it.
# shellcheck shell=bash

# mariadb_home prints the folder of an unpacked MariaDB server, fetching it first where
# it is not there yet. Its package is not installed: it conflicts with the packages of a
# MySQL server that a developer may have. Archives keep the newest build only, so there
# is no version to pin; apt checks what it fetches by the archive's signature.
mariadb_home() {
  local folder="$TOOLS_DIR/mariadb" partial lock
  mkdir -p "$TOOLS_DIR"
  exec {lock}>"$TOOLS_DIR/mariadb.lock"
  flock "$lock"
  if [[ ! -d "$folder" ]]; then
    say 'fetching MariaDB (once)'
    partial=$(mktemp -d "$TOOLS_DIR/.partial.XXXXXX")
    download_mariadb "$partial"
    dpkg-deb -x "$partial"/*.deb "$partial"
    rm -f "$partial"/*.deb
    chmod 755 "$partial"
    mv "$partial" "$folder"
  fi
  ensure_libraries "$folder/usr/sbin/mariadbd"
  exec {lock}>&-
  printf '%s' "$folder"
}

# download_mariadb FOLDER fetches the package of the server itself, once more with a
# fresh list of packages where the list may be older than the archive.
download_mariadb() {
  local attempt
  command -v apt-get >/dev/null || die 'there is no apt-get here to fetch MariaDB with' \
    'the test that MariaDB is refused needs one: set XUNKE_TEST_MARIADB_HOME to a folder with usr/sbin/mariadbd'
  for attempt in 1 2; do
    (cd "$1" && apt-get download -qq "$(candidate mariadb-server-core mariadb-server-core-10.6)") >"$TOOLS_DIR/mariadb.log" 2>&1 </dev/null && break
    if ((attempt > 1)); then
      last_lines "$TOOLS_DIR/mariadb.log" 5
      die 'could not fetch MariaDB' "is Debian's archive within reach?"
    fi
    refresh_package_list
  done
  rm -f "$TOOLS_DIR/mariadb.log"
}

# ensure_libraries PROGRAM installs the shared libraries of it that the dynamic linker
# does not find.
ensure_libraries() {
  local library missing=()
  while read -r library; do
    case "$library" in
      libaio.so.*) missing+=("$(candidate libaio1 libaio1t64)") ;;
      libnuma.so.*) missing+=(libnuma1) ;;
      libpcre2-8.so.*) missing+=(libpcre2-8-0) ;;
      libssl.so.* | libcrypto.so.*) missing+=("$(candidate libssl3 libssl3t64)") ;;
      libsystemd.so.*) missing+=(libsystemd0) ;;
      liburing.so.*) missing+=(liburing2) ;;
      *) die "$1 needs $library" 'install the package that has it' ;;
    esac
  done < <(ldd "$1" | sed -n 's/^[[:space:]]*\([^ ]*\) => not found$/\1/p')
  if ((${#missing[@]} > 0)); then install_packages "${missing[@]}"; fi
}
