#!/bin/sh
# Makes sure that the tests of the Redis store have a server program: installs it where that is
# allowed. REDIS_SERVER names another one, such as valkey-server, here and in the tests.
set -eu

server=${REDIS_SERVER:-/usr/bin/redis-server}
[ -x "$server" ] && exit 0

if [ -n "${REDIS_SERVER:-}" ]; then
    echo "nightlatch: REDIS_SERVER is $REDIS_SERVER, and no program is there." >&2
    exit 1
fi

if ! command -v apt-get >/dev/null 2>&1; then
    echo "nightlatch: the tests of the Redis store need $server; this system has no apt-get." >&2
    echo "  Install Redis 7 or Valkey in this system's own way, and say where:" >&2
    echo "  make test REDIS_SERVER=/path/to/redis-server" >&2
    exit 1
fi

if [ "$(id -u)" = 0 ]; then
    as_root=
elif sudo -n true >/dev/null 2>&1; then
    as_root="sudo -n"
else
    echo "nightlatch: the tests of the Redis store need $server, and this user may not install it." >&2
    echo "  Run once as an administrator:  apt-get install redis-server" >&2
    exit 1
fi

echo "nightlatch: installing redis-server with apt-get"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get -o DPkg::Lock::Timeout=300 -qq update
$as_root apt-get -o DPkg::Lock::Timeout=300 -qq install --yes --no-install-recommends redis-server
# Debian starts what it installs. The tests start servers of their own, on other ports.
if [ -d /run/systemd/system ]; then
    $as_root systemctl disable --quiet --now redis-server.service || true
fi
[ -x "$server" ] || {
    echo "nightlatch: apt-get ended without error, and there is still no $server." >&2
    exit 1
}
