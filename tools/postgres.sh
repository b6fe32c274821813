#!/bin/sh
# Makes sure that the tests have PostgreSQL's programs and a pooler: installs them where that is
# allowed. The tests start servers of their own from them, in temporary folders.
set -eu

missing() {
    packages=
    ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null 2>&1 ||
        packages="postgresql"
    PATH="$PATH:/usr/sbin" command -v pgbouncer >/dev/null 2>&1 || packages="$packages pgbouncer"
}

missing
[ -z "$packages" ] && exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    echo "nightlatch: the tests need initdb, postgres and pgbouncer; this system has no apt-get." >&2
    echo "  Install PostgreSQL and PgBouncer in this system's own way, with their programs on PATH." >&2
    exit 1
fi

if [ "$(id -u)" = 0 ]; then
    as_root=
elif sudo -n true >/dev/null 2>&1; then
    as_root="sudo -n"
else
    echo "nightlatch: the tests need PostgreSQL and PgBouncer, and this user may not install them." >&2
    echo "  Run once as an administrator:  apt-get install postgresql pgbouncer" >&2
    exit 1
fi

echo "nightlatch: installing$(printf ' %s' $packages) with apt-get"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get -o DPkg::Lock::Timeout=300 -qq update
# shellcheck disable=SC2086 - the names are separate words
$as_root apt-get -o DPkg::Lock::Timeout=300 -qq install --yes --no-install-recommends $packages
missing
[ -z "$packages" ] || {
    echo "nightlatch: apt-get ended without error, and there is still no $packages." >&2
    exit 1
}
