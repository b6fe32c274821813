#!/bin/sh
# Prints the first Python on this machine that is new enough, or says what to install.
set -eu

for name in ${PYTHON:-} python3 python3.11 python3.12 python3.13 python3.14; do
    # Running it is the only sure test: version managers leave names behind that start nothing.
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
        command -v "$name"
        exit 0
    fi
done

cat >&2 <<'TEXT'
nightlatch: no Python 3.11 or newer was found.
  Debian, Ubuntu:  apt install python3 python3-venv
  elsewhere:       install Python 3.11 or newer, or name one: make PYTHON=/path/to/python3
TEXT
exit 1
