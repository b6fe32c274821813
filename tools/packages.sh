#!/bin/sh
# packages.sh FOLDER...: gets the npm packages that a folder of tests pins, into that folder.
# They are for tests only. Nothing of npm is needed to use nightlatch, and nothing of it is kept here.
set -eu

if ! command -v npm >/dev/null 2>&1; then
    if [ "$(id -u)" = 0 ]; then
        as_root=
    elif sudo -n true >/dev/null 2>&1; then
        as_root="sudo -n"
    else
        as_root=no
    fi
    if [ "$as_root" = no ] || ! command -v apt-get >/dev/null 2>&1; then
        echo "nightlatch: the tests need jQuery, Bootstrap 3 and TypeScript from npm, and there is no npm." >&2
        echo "  Debian, Ubuntu:  apt-get install npm" >&2
        echo "  elsewhere:       any Node.js brings it" >&2
        exit 1
    fi
    echo "nightlatch: installing npm with apt-get"
    export DEBIAN_FRONTEND=noninteractive
    $as_root apt-get -o DPkg::Lock::Timeout=300 -qq update
    $as_root apt-get -o DPkg::Lock::Timeout=300 -qq install --yes --no-install-recommends npm
fi

for folder in "$@"; do
    echo "nightlatch: installing $folder/package-lock.json"
    # The lock says versions and hashes; where they come from is this machine's own setting.
    npm ci --prefix "$folder" --ignore-scripts --no-audit --no-fund --loglevel error
done
