# What each stage does.
# shellcheck shell=bash

check_format() {
  local unformatted
  unformatted=$(gofmt -l .)
  [[ -z "$unformatted" ]] || die 'these files are not formatted:' "$unformatted" 'make fmt'
}

check_vet() { go vet ./...; }

check_lint() {
  local program
  program=$(golangci_lint)
  "$program" run --allow-parallel-runners ./...
}

# check_scripts checks the scripts that are run, and follows what they source.
check_scripts() {
  local program
  program=$(shellcheck_program)
  "$program" --external-sources .ci/run .ci/test.sh .ci/hostile.sh .ci/at-clock docker/*.sh docker/local/servers.sh docker/mysql/*.sh
}

# check_docker checks what cannot be built here; no engine is needed for it.
check_docker() {
  local program
  program=$(hadolint)
  "$program" docker/Dockerfile
  cd docker/composetest
  go vet ./...
  go_tests compose ./...
}

# test_packages prints the packages that have tests, but for those whose tests drive the
# binary: these have stages of their own.
test_packages() {
  go list -f '{{if or .TestGoFiles .XTestGoFiles}}{{.ImportPath}}{{end}}' ./... | sed '/^$/d; /\/test\/\(e2e\|chaos\)/d' | sort
}

# needs_servers prints those of them whose tests use the real servers.
needs_servers() {
  comm -12 <(test_packages) <(go list -f '{{$p := .ImportPath}}{{range .TestImports}}{{$p}} {{.}}{{"\n"}}{{end}}{{range .XTestImports}}{{$p}} {{.}}{{"\n"}}{{end}}' ./... |
    sed -n 's|^\(.*\) github.com/xunke/xunke/internal/testenv$|\1|p' | sort -u)
}

# go_tests NAME ARGUMENTS... runs go test with the race detector, where it is another day
# than in UTC.
go_tests() {
  local name="$1"
  shift
  TZ=$(another_day) go_tests_only "$name" -race -count=1 "$@"
}

# go_tests_only NAME ARGUMENTS... runs go test, keeps its events for the count, and fails
# on a skipped test: what cannot run is not tested.
go_tests_only() {
  local name="$1" program events="$RESULTS_DIR/$1.json" skipped
  shift
  program=$(gotestsum)
  "$program" --format pkgname-and-test-fails --hide-summary=skipped --jsonfile "$events" -- "$@"
  read -r _ _ skipped <<<"$(results_of "$events")"
  if ((skipped > 0)); then
    sed -n 's/.*"Action":"skip".*"Package":"\([^"]*\)","Test":"\([^"]*\)".*/  \1 \2/p' "$events" >&2
    die "$skipped tests were skipped; a test that cannot run must fail"
  fi
}

check_unit() {
  local packages
  mapfile -t packages < <(comm -23 <(test_packages) <(needs_servers))
  go_tests unit -timeout 10m "${packages[@]}"
}

check_integration() {
  local packages
  mapfile -t packages < <(needs_servers)
  go_tests integration -timeout 15m "${packages[@]}"
}

# check_tests is unit and integration in one, so that packages of both kinds run side by side.
check_tests() {
  local packages
  mapfile -t packages < <(test_packages)
  go_tests tests -timeout 24m "${packages[@]}"
}

# check_e2e drives a binary built with the race detector.
check_e2e() {
  export XUNKE_TEST_BINARY="$RESULTS_DIR/xunke"
  go build -race -o "$XUNKE_TEST_BINARY" ./cmd/xunke
  go_tests e2e -timeout 30m ./test/e2e/...
}

# What only tests use is left out of the figures of coverage.
readonly NOT_COVERED='/internal/testenv/\|/test/\|/bench/'

# print_coverage WHAT prints the share of statements in coverage.out that ran.
print_coverage() { go tool cover -func="$ROOT/coverage.out" | sed -n "s/^total:.*\t/coverage of all packages by $1: /p"; }

# check_cover is tests and e2e once more with counters, which make both slower: of packages,
# and of a binary whose processes write them down when they end in order.
check_cover() {
  local packages
  mapfile -t packages < <(test_packages)
  go_tests cover -timeout 40m -coverpkg=./... -coverprofile="$RESULTS_DIR/coverage.out" "${packages[@]}"
  grep -v "$NOT_COVERED" "$RESULTS_DIR/coverage.out" >"$ROOT/coverage.out"
  print_coverage 'unit and integration tests'
  export XUNKE_TEST_BINARY="$RESULTS_DIR/xunke" GOCOVERDIR="$RESULTS_DIR/counters"
  mkdir -p "$GOCOVERDIR"
  go build -race -cover -coverpkg=./... -o "$XUNKE_TEST_BINARY" ./cmd/xunke
  go_tests cover-e2e -timeout 30m ./test/e2e/...
  go tool covdata textfmt -i="$GOCOVERDIR" -o "$RESULTS_DIR/e2e.out"
  grep -v -e '^mode:' -e "$NOT_COVERED" "$RESULTS_DIR/e2e.out" >>"$ROOT/coverage.out"
  print_coverage 'unit, integration and end-to-end tests'
}

# check_chaos has each sort of fault happen once. It kills the servers, so nothing else may
# use them meanwhile.
check_chaos() {
  build_for_chaos
  go_tests chaos -timeout 28m -run '^(TestDirected|TestEvents|TestFaults|TestHistory|TestHealing|TestFailover|TestServersKilled|TestMutantsFit|TestMutantsAreDocumented|TestEdits)$' ./test/chaos/...
}

# check_chaos_long has faults happen at random for as long as $FOR says, in the order of
# $SEED where it is set.
check_chaos_long() {
  build_for_chaos
  XUNKE_CHAOS_FOR="${FOR:-30m}" XUNKE_TEST_SEED="${SEED:-}" go test -count=1 -v -timeout 4h -run '^(TestRandom|TestEventsAtRandom|TestFailoverAtRandom)$' ./test/chaos
}

# check_chaos_mutants sees that the tests notice a program without one of its safeguards.
check_chaos_mutants() { go test -count=1 -v -timeout 90m -run '^TestMutantsAreCaught$' ./test/chaos/mutants; }

# build_for_chaos builds without the race detector, which the other tests have: memory is
# measured.
build_for_chaos() {
  export XUNKE_TEST_BINARY="$RESULTS_DIR/xunke-chaos"
  go build -o "$XUNKE_TEST_BINARY" ./cmd/xunke
}

check_fuzz() {
  local file package target
  git grep -l --untracked '^func Fuzz' -- '*_test.go' | while read -r file; do
    package="./$(dirname "$file")"
    sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$file" | while read -r target; do
      go test -run '^$' -fuzz "^$target\$" -fuzztime "${FUZZTIME:-20s}" "$package"
    done
  done
}

# check_bench measures with what is asked for in $BENCH: flags and parts of ./bench.
check_bench() {
  local asked
  read -ra asked <<<"${BENCH:-}"
  go run ./bench "${asked[@]}"
}

check_microbench() { go test -run '^$' -bench . -benchmem -benchtime "${BENCHTIME:-1s}" ./...; }

# check_deps tells which modules that are linked, or that tests use, are behind their latest
# release. That is no failure: whether to follow is decided by reading what changed. What
# is, is a module with a known vulnerability in what is called.
check_deps() {
  local modules lines behind unknown
  modules=$(go list -test -deps -f '{{with .Module}}{{if not .Main}}{{.Path}}{{end}}{{end}}' ./... | sort -u)
  # shellcheck disable=SC2086 # one argument a module
  lines=$(go list -e -m -u -f '{{with .Error}}unknown {{$.Path}} {{$.Version}}{{else}}{{with .Update}}behind {{$.Path}} {{$.Version}} {{.Version}} {{if $.Indirect}}indirect{{else}}direct{{end}}{{end}}{{end}}' $modules 2>/dev/null || true)
  behind=$(sed -n 's/^behind //p' <<<"$lines")
  unknown=$(sed -n 's/^unknown //p' <<<"$lines")
  say "$(wc -l <<<"$modules") modules; behind their latest release: $(grep -c . <<<"$behind" || true); not known to the module proxy: $(grep -c . <<<"$unknown" || true)"
  [[ -z "$behind" ]] || awk '{ printf "  %-8s %-48s %s -> %s\n", $4, $1, $2, $3 }' <<<"$behind" | sort >&2
  [[ -z "$unknown" ]] || awk '{ printf "  unknown  %-48s %s\n", $1, $2 }' <<<"$unknown" >&2
  check_vuln
}

# check_vuln looks for known vulnerabilities in what is called. Where the database is not
# within reach it says so: that is no mistake in the code.
check_vuln() {
  local program status=0
  program=$(govulncheck)
  timeout 300 "$program" ./... >"$RESULTS_DIR/vuln.txt" 2>&1 || status=$?
  if ((status != 0 && status != 3)) && grep -qiE 'vuln\.go\.dev|fetching vulnerabilities|no such host|dial tcp|HTTP GET|timeout' "$RESULTS_DIR/vuln.txt" || ((status == 124)); then
    say 'NOT CHECKED for known vulnerabilities: the Go vulnerability database is not within reach'
    last_lines "$RESULTS_DIR/vuln.txt" 3
    return 0
  fi
  cat "$RESULTS_DIR/vuln.txt" >&2
  return "$status"
}
