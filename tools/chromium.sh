#!/bin/sh
# Makes sure that the browser tests have their browser: installs it where that is allowed.
# CHROMIUM names another one, here and in the tests.
set -eu

chromium=${CHROMIUM:-/usr/bin/chromium}
[ -x "$chromium" ] && exit 0

if [ -n "${CHROMIUM:-}" ]; then
    echo "nightlatch: CHROMIUM is $CHROMIUM, and no program is there." >&2
    exit 1
fi

if ! command -v apt-get >/dev/null 2>&1; then
    echo "nightlatch: the browser tests need Chromium at $chromium; this system has no apt-get." >&2
    echo "  Install Chromium in this system's own way, and say where: make test CHROMIUM=/path/to/it" >&2
    exit 1
fi

if [ "$(id -u)" = 0 ]; then
    as_root=
elif sudo -n true >/dev/null 2>&1; then
    as_root="sudo -n"
else
    echo "nightlatch: the browser tests need Chromium at $chromium, and this user may not install it." >&2
    echo "  Run once as an administrator:  apt-get install chromium chromium-sandbox" >&2
    exit 1
fi

echo "nightlatch: installing Chromium with apt-get"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get -o DPkg::Lock::Timeout=300 -qq update
# Without chromium-sandbox it starts for an ordinary user only where the kernel lends namespaces.
$as_root apt-get -o DPkg::Lock::Timeout=300 -qq install --yes --no-install-recommends \
    chromium chromium-sandbox
[ -x "$chromium" ] || {
    echo "nightlatch: apt-get ended without error, and there is still no $chromium." >&2
    exit 1
}
