#!/bin/sh
# Makes sure that the browser tests have their browser: installs it where that is allowed.
set -eu

chromium=/usr/bin/chromium
[ -x "$chromium" ] && exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    echo "nightlatch: the browser tests need Chromium at $chromium; this system has no apt-get." >&2
    echo "  Install Chromium with the system's package manager and link it to $chromium." >&2
    exit 1
fi

if [ "$(id -u)" = 0 ]; then
    as_root=
elif sudo -n true >/dev/null 2>&1; then
    as_root="sudo -n"
else
    echo "nightlatch: the browser tests need Chromium at $chromium, and this user may not install it." >&2
    echo "  Run once as an administrator:  apt-get install chromium" >&2
    exit 1
fi

echo "nightlatch: installing Chromium with apt-get"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get -o DPkg::Lock::Timeout=300 -qq update
$as_root apt-get -o DPkg::Lock::Timeout=300 -qq install --yes --no-install-recommends chromium
[ -x "$chromium" ] || {
    echo "nightlatch: apt-get ended without error, and there is still no $chromium." >&2
    exit 1
}
