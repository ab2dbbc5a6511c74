#!/usr/bin/env bash
# What `make test-hostile` does: tools that others attack sites with, against a running one
# (XUNKE_URL; without it `make up` is asked for one). They write to it: consultations, events.
set -uo pipefail

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
# shellcheck source=docker/local/lib.sh
source "$ROOT/docker/local/lib.sh"

readonly SCHEMATHESIS_VERSION=4.32.5 SQLMAP_VERSION=1.10.10 WAPITI_VERSION=3.2.3
readonly URL="${XUNKE_URL:-http://127.0.0.1:8080}"
VENV="$XUNKE_CACHE/tools/hostile"
OUT=$(mktemp -d)
FAILED=0

ready() { curl --silent --fail --output /dev/null --max-time 10 "$URL/readyz"; }

# get PROGRAM PACKAGE VERSION installs a tool once; without it the reason is printed, and the
# check has failed: what could not be tried has not held.
get() {
  [[ -x "$VENV/bin/$1" ]] && "$VENV/bin/pip" show "$2" 2>/dev/null | grep -qx "Version: $3" && return 0
  say "getting $2 $3 (once)"
  { [[ -d "$VENV" ]] || python3 -m venv "$VENV"; } >"$OUT/pip.log" 2>&1 &&
    "$VENV/bin/pip" install --quiet --disable-pip-version-check "$2==$3" >>"$OUT/pip.log" 2>&1 && return 0
  say "$2 $3 cannot be had: $(tail -n 1 "$OUT/pip.log")"
  FAILED=1
  return 1
}

# report NAME STATUS says how a tool did, with the end of what it wrote where it found something.
report() {
  if (($2 == 0)); then
    say "$1: nothing found"
  else
    tail -n 40 "$OUT/$1.log"
    say "$1: found something, or did not end (see above)"
    FAILED=1
  fi
}

# by_description sends what the API's own description allows, and what it does not.
by_description() {
  get st schemathesis "$SCHEMATHESIS_VERSION" || return
  (cd "$OUT" && timeout 900 "$VENV/bin/st" run "$URL/openapi.json" --max-examples 25 --seed "${SEED:-7}" \
    --phases examples,coverage,fuzzing) >"$OUT/schemathesis.log" 2>&1
  report schemathesis $?
}

# by_sql tries to get SQL through the parameters that reach a database.
by_sql() {
  local target status=0
  get sqlmap sqlmap "$SQLMAP_VERSION" || return
  for target in '/api/v1/search?q=a&tag=b&city=c' '/api/v1/courses?category=a&org_id=1' '/api/v1/suggest?q=a' '/?q=a&category=b'; do
    timeout 600 "$VENV/bin/sqlmap" -u "$URL$target" --batch --technique BEU --flush-session --disable-coloring \
      --output-dir "$OUT/sqlmap" >"$OUT/one.log" 2>&1 || status=1
    grep -q 'identified the following injection point\|is vulnerable' "$OUT/one.log" && status=1
    cat "$OUT/one.log" >>"$OUT/sqlmap.log"
  done
  report sqlmap "$status"
}

# by_pages follows links and forms and attacks what it finds.
by_pages() {
  local status=0
  get wapiti wapiti3 "$WAPITI_VERSION" || return
  timeout 900 "$VENV/bin/wapiti" -u "$URL/" --flush-session --store-session "$OUT/wapiti" --store-config "$OUT/wapiti" \
    --max-scan-time 60 --max-attack-time 30 --no-bugreport -m sql,xss,file,crlf,redirect -f json -o "$OUT/wapiti.json" >"$OUT/wapiti.log" 2>&1 || status=1
  python3 - "$OUT/wapiti.json" >>"$OUT/wapiti.log" 2>&1 <<'PYTHON' || status=1
import json, sys
found = {kind: each for kind, each in json.load(open(sys.argv[1]))["vulnerabilities"].items() if each}
for kind, each in found.items():
    for one in each:
        print(kind, one["method"], one["path"], one["info"])
sys.exit(bool(found))
PYTHON
  report wapiti "$status"
}

mkdir -p "$XUNKE_CACHE/tools"
if ! ready; then
  [[ -z "${XUNKE_URL:-}" ]] || die "$URL is not ready" 'start the site, or leave XUNKE_URL out'
  "$ROOT/docker/stack.sh" up >&2 || die 'the site does not start'
fi
by_description
by_sql
by_pages
rm -rf "$OUT"
exit "$FAILED"
