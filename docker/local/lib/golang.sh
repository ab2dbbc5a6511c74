# Go, in a version that go.mod accepts.
# shellcheck shell=bash

# go_builds tells whether the go in PATH accepts the module.
go_builds() { command -v go >/dev/null && (cd "$ROOT" && go list -m >/dev/null 2>&1); }

# ensure_go puts a usable go into PATH: the one that is there; else one in the
# usual folders; else Debian's own, from its backports. An older Go fetches the
# version that go.mod names by itself.
ensure_go() {
  local wanted
  go_builds && return 0
  wanted=$(sed -n 's/^go //p' "$ROOT/go.mod")
  local usual=(/usr/local/go/bin /usr/lib/go-1.*/bin)
  PATH="$PATH:$(IFS=: && printf '%s' "${usual[*]}")"
  go_builds && return 0
  export GOTOOLCHAIN=auto
  if command -v go >/dev/null; then
    say "$(go env GOVERSION 2>/dev/null || echo 'this Go') is older than $wanted; letting it fetch that version"
    go_builds && return 0
  fi
  install_backported_go
  PATH="$(find /usr/lib -maxdepth 1 -name 'go-1.*' | sort -V | tail -n 1)/bin:$PATH"
  go_builds || die "Go $wanted or newer is needed to build, and could not be installed" \
    'unpack a Go distribution into /usr/local/go, then run the same command again'
}

# install_backported_go installs the newest Go of Debian's backports, without
# adding that archive to the system's own list.
install_backported_go() {
  local codename list="$XUNKE_CACHE/apt/backports.list" options package site
  codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
  command -v apt-get >/dev/null && [[ -n "$codename" ]] || return 0
  mkdir -p "$XUNKE_CACHE/apt/lists/partial"
  chmod -R a+rX "$XUNKE_CACHE/apt"
  # The archive is the one that this system gets its own packages from.
  # shellcheck disable=SC2016 # apt-get expands it
  site=$(apt-get indextargets --format '$(SITE)' "Codename: $codename" 'Created-By: Packages' | head -n 1)
  [[ -n "$site" ]] || return 0
  echo "deb $site $codename-backports main" >"$list"
  options=(-o "Dir::Etc::SourceList=$list" -o "Dir::State::Lists=$XUNKE_CACHE/apt/lists" -o APT::Sandbox::User=root)
  say "installing Go from Debian's backports"
  as_root apt-get "${options[@]}" update -qq >"$XUNKE_CACHE/apt.log" 2>&1 || true
  package=$(apt-cache "${options[@]}" search '^golang-1\.[0-9]*-go$' | cut -d ' ' -f 1 | sort -V | tail -n 1)
  if [[ -n "$package" ]]; then
    as_root env DEBIAN_FRONTEND=noninteractive apt-get "${options[@]}" install -y -qq --no-install-recommends "$package" >>"$XUNKE_CACHE/apt.log" 2>&1 </dev/null || true
  fi
  rm -rf "$XUNKE_CACHE/apt"
}
