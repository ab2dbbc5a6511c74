# Tests at another time of day: what `make test-clock` and `make test-repeat` do.
# shellcheck shell=bash

# CLOCKS are the instants at which the tests begin, and the zone that is local then. The
# test binaries begin a few seconds before the end of a day, so that it ends meanwhile.
readonly CLOCKS='
after-midnight      2027-01-13T00:30:00Z UTC
before-eight        2027-01-13T07:59:56Z UTC
before-sixteen      2027-01-13T15:59:56Z UTC
end-of-month        2027-01-31T23:59:56Z UTC
leap-day            2028-02-29T23:59:56Z UTC
shanghai            2028-02-29T15:59:56Z Asia/Shanghai
shanghai-is-ahead   2027-12-31T23:59:56Z Asia/Shanghai
los-angeles         2027-02-01T07:59:56Z America/Los_Angeles
hour-that-is-not    2027-03-14T09:59:56Z America/Los_Angeles
'

# clock_stages prints the stages of the clocks in $CLOCK, of all where that is empty.
clock_stages() {
  local name
  for name in ${CLOCK:-$(awk 'NF { print $1 }' <<<"$CLOCKS")}; do
    [[ -n "$(clock_of "$name")" ]] || die "there is no clock $name" "these are: $(awk 'NF { printf "%s ", $1 }' <<<"$CLOCKS")"
    printf 'clock@%s:1900 ' "$name"
  done
}

# clock_of NAME prints its instant and zone.
clock_of() { awk -v name="$1" '$1 == name { print $2, $3 }' <<<"$CLOCKS"; }

# another_day prints a zone where it is another day than in UTC: that of the tests
# everywhere else, so that whatever mixes the two up fails at every hour.
another_day() { if (($(date -u +%-H) < 12)); then printf 'Etc/GMT+12'; else printf 'Etc/GMT-14'; fi; }

# make_clock FOLDER writes what go test takes to a folder: overlay.json, by which time.Now is
# as many seconds ahead as XUNKE_TEST_CLOCK_AHEAD says, in every package, and go.mod, with
# another go-mysql. Timers, durations and the bubbles of synctest are as they are.
# (libfaketime does not reach Go programs, which ask the kernel without the C library.)
make_clock() {
  local source
  source="$(go env GOROOT)/src/time/time.go"
  mkdir -p "$1"
  awk '
    /^import \($/ { print; print "\t\"syscall\""; next }
    /^func Now\(\) Time \{$/ { inside = 1 }
    { print }
    inside && /^\tsec, nsec, mono := runtimeNow\(\)$/ { print "\tif !runtimeIsBubbled() {\n\t\tsec += secondsAhead\n\t}"; changed++ }
    /^}$/ { inside = 0 }
    END {
      print "\nvar secondsAhead = readSecondsAhead()\n"
      print "func readSecondsAhead() int64 {\n\ttext, _ := syscall.Getenv(\"XUNKE_TEST_CLOCK_AHEAD\")\n\tn, _ := atoi(text)\n\treturn int64(n)\n}"
      exit changed != 1
    }' "$source" >"$1/time.go" || die "time.Now is not as expected in $source" 'see .ci/lib/clock.sh'
  printf '{"Replace": {"%s": "%s"}}\n' "$source" "$1/time.go" >"$1/overlay.json"
  make_driver "$1"
}

# make_driver FOLDER copies go-mysql to a folder without the clock of its own that it takes
# deadlines from: they would have passed already. What is in Go's cache of modules cannot be
# replaced by an overlay.
make_driver() {
  local module='github.com/go-mysql-org/go-mysql'
  cp -r "$(go list -m -f '{{.Dir}}' "$module")" "$1/go-mysql"
  chmod -R u+w "$1/go-mysql"
  [[ -s "$1/go-mysql/utils/now_unix.go" ]] || die "$module has no clock of its own any more" 'see .ci/lib/clock.sh'
  printf 'package utils\n\nimport "time"\n\nvar Now = time.Now\n' >"$1/go-mysql/utils/now_unix.go"
  cp go.mod go.sum "$1/"
  go mod edit -replace "$module=$1/go-mysql" "$1/go.mod"
}

# begin_clock has MySQL, which is about to start, follow the clock of the tests: what it
# calls NOW() and CURRENT_TIMESTAMP is compared with theirs. The clocks of Elasticsearch and
# Redis are left alone: they only order events and let keys and scrolls expire, and all of
# that counts from when it was asked for.
begin_clock() {
  local library
  make_clock "$RESULTS_DIR/clock"
  library=$(faketime_library) || {
    install_packages libfaketime
    library=$(faketime_library) || die 'there is no libfaketimeMT.so.1' 'install libfaketime: MySQL needs it to have another clock'
  }
  XUNKE_TEST_CLOCK_FILE="$XUNKE_CACHE/test-$$/clock"
  mkdir -p "$(dirname "$XUNKE_TEST_CLOCK_FILE")"
  printf '+0\n' >"$XUNKE_TEST_CLOCK_FILE"
  chmod 644 "$XUNKE_TEST_CLOCK_FILE"
  export XUNKE_TEST_CLOCK_FILE
  export XUNKE_MYSQL_ENV="LD_PRELOAD=$library FAKETIME_TIMESTAMP_FILE=$XUNKE_TEST_CLOCK_FILE FAKETIME_CACHE_DURATION=1 FAKETIME_DONT_FAKE_MONOTONIC=1"
}

# faketime_library prints the path of libfaketime for programs with threads.
faketime_library() {
  local path
  for path in /usr/lib/*/faketime/libfaketimeMT.so.1 /usr/lib*/faketime/libfaketimeMT.so.1; do
    [[ -e "$path" ]] || continue
    printf '%s' "$path"
    return 0
  done
  return 1
}

# check_clock NAME runs unit and integration tests with a clock, each package from its instant on.
check_clock() {
  local packages
  read -r XUNKE_TEST_CLOCK TZ <<<"$(clock_of "$1")"
  export XUNKE_TEST_CLOCK TZ
  mapfile -t packages < <(test_packages)
  go_tests_only "clock-$1" \
    -vet=off -count=1 -timeout 15m -modfile "$RESULTS_DIR/clock/go.mod" -overlay "$RESULTS_DIR/clock/overlay.json" -exec "$ROOT/.ci/at-clock" "${packages[@]}"
}

# check_repeat runs unit and integration tests several times while all processors are busy
# with something else.
check_repeat() {
  local packages hogs=() n
  mapfile -t packages < <(test_packages)
  for ((n = $(nproc); n > 0; n--)); do
    while :; do :; done &
    hogs+=($!)
  done
  # shellcheck disable=SC2064 # these, and not others
  trap "kill ${hogs[*]}" EXIT
  go_tests repeat -timeout 100m -count="${REPEAT:-5}" "${packages[@]}"
}
