#!/bin/sh
# environment.sh LOCK: fills .venv with exactly what requirements/LOCK.txt pins, and this package.
set -eu

lock="requirements/$1.txt"
venv=.venv
python=$(sh tools/find_python.sh)

if ! "$venv/bin/python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
    echo "nightlatch: creating $venv with $("$python" --version)"
    # Debian's Python without python3-venv cannot put pip into an environment;
    # the pip beside that Python can fill one from outside.
    "$python" -m venv --clear "$venv" >/dev/null 2>&1 ||
        "$python" -m venv --clear --without-pip "$venv"
fi

# A user-wide "install to my home folder" setting is an error inside an environment.
export PIP_USER=0 PIP_DISABLE_PIP_VERSION_CHECK=1

if "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    pip() { "$venv/bin/python" -m pip "$@"; }
elif "$python" -m pip --python "$venv/bin/python" --version >/dev/null 2>&1; then
    pip() { "$python" -m pip --python "$venv/bin/python" "$@"; }
else
    cat >&2 <<TEXT
nightlatch: $python has neither ensurepip nor a pip of version 22.3 or newer.
  Debian, Ubuntu:  apt install python3-venv
  elsewhere:       $python -m ensurepip --upgrade
TEXT
    exit 1
fi

echo "nightlatch: installing $lock into $venv"
pip install --quiet --require-hashes --requirement "$lock"
# No isolation: the backend is the pinned one from the lock, not the newest one of the day.
pip install --quiet --no-deps --no-build-isolation --editable .
