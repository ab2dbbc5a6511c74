# Passwords and keys of an instance: made once, kept in a file that only its
# owner reads, forgotten by `reset`.
# shellcheck shell=bash

# random_secret prints 40 hexadecimal digits.
random_secret() { od -An -N20 -tx1 /dev/urandom | tr -d ' \n'; }

# load_secrets reads the secrets, making them first where there are none.
load_secrets() {
  if [[ ! -s "$SECRETS_FILE" ]]; then
    (
      umask 077
      {
        printf 'APP_PASSWORD=%s\n' "$(random_secret)"
        printf 'REPLICATION_PASSWORD=%s\n' "$(random_secret)"
        printf 'CURSOR_SECRET=%s\n' "$(random_secret)"
      } >"$SECRETS_FILE.new"
    )
    mv "$SECRETS_FILE.new" "$SECRETS_FILE"
  fi
  # Those that were made by an earlier version lack what came later.
  if ! grep -q '^ADMIN_PASSWORD=' "$SECRETS_FILE"; then
    printf 'ADMIN_PASSWORD=%s\n' "$(random_secret)" >>"$SECRETS_FILE"
  fi
  # shellcheck disable=SC1090
  source "$SECRETS_FILE"
}
