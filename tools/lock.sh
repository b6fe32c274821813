#!/bin/sh
# Writes requirements/*.txt from pyproject.toml: every version, every published file's hash, no address.
# Versions already in a lock stay unless UPGRADE=1 is given.
set -eu

venv=.venv-lock
python=$(sh tools/find_python.sh)
if [ ! -x "$venv/bin/uv" ]; then
    "$python" -m venv --clear "$venv"
    "$venv/bin/python" -m pip install --quiet --require-hashes --requirement requirements/lock.txt
fi

# --universal: one file serves every platform and every Python from 3.11 on.
compile() {
    output=$1
    shift
    "$venv/bin/uv" pip compile pyproject.toml "$@" ${UPGRADE:+--upgrade} \
        --universal --python-version 3.11 --generate-hashes \
        --no-config --no-emit-index-url --no-emit-find-links --no-annotate --no-header --quiet \
        --output-file "requirements/$output.txt"
}

compile lock --group lock
compile test --extra login --extra speed --extra postgres --extra redis --group bank --group build --group test
# The smaller locks follow the larger one, so that nobody runs what was not tested.
compile run --extra login --extra speed --extra postgres --extra redis --group bank --group build --constraint requirements/test.txt
compile flask --extra login --constraint requirements/test.txt
