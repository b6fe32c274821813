#!/bin/sh
# browsers.sh NAME...: makes sure that the browser tests have their browsers (chromium, firefox,
# webkit) and what starts them: installs what is missing where that is allowed, or says how.
# CHROMIUM, FIREFOX, WEBKIT and WEBKIT_DRIVER name others, here and in the tests.
set -eu

missing=
packages=

# need PROGRAM PACKAGES: notes what is not there.
need() {
    command -v "$1" >/dev/null 2>&1 && return
    missing="$missing $1"
    packages="$packages $2"
}

look() {
    missing=
    packages=
    for name in $names; do
        case $name in
        # Without chromium-sandbox it starts for an ordinary user only where the kernel lends
        # namespaces.
        chromium) need "${CHROMIUM:-/usr/bin/chromium}" "chromium chromium-sandbox" ;;
        firefox) need "${FIREFOX:-/usr/bin/firefox-esr}" firefox-esr ;;
        webkit)
            need "${WEBKIT_DRIVER:-/usr/bin/WebKitWebDriver}" webkit2gtk-driver
            mini=$(echo /usr/lib/*/webkit2gtk-4.1/MiniBrowser)
            need "${WEBKIT:-${mini%% *}}" webkit2gtk-driver
            need Xvfb xvfb
            # WebKit keeps no Secure cookie without HTTPS, and HTTPS needs a certificate.
            need openssl openssl
            ;;
        *)
            echo "nightlatch: tools/browsers.sh knows chromium, firefox and webkit, not $name." >&2
            exit 2
            ;;
        esac
    done
}

names=$*
look
[ -z "$missing" ] && exit 0

own="CHROMIUM, FIREFOX, WEBKIT or WEBKIT_DRIVER"
for program in "${CHROMIUM:-}" "${FIREFOX:-}" "${WEBKIT:-}" "${WEBKIT_DRIVER:-}"; do
    if [ -n "$program" ] && ! command -v "$program" >/dev/null 2>&1; then
        echo "nightlatch: $own names $program, and no program is there." >&2
        exit 1
    fi
done

if ! command -v apt-get >/dev/null 2>&1; then
    echo "nightlatch: the browser tests need$missing; this system has no apt-get." >&2
    echo "  Install them in this system's own way, and say where: make test FIREFOX=/path/to/it" >&2
    echo "  ($own)" >&2
    exit 1
fi

if [ "$(id -u)" = 0 ]; then
    as_root=
elif sudo -n true >/dev/null 2>&1; then
    as_root="sudo -n"
else
    echo "nightlatch: the browser tests need$missing, and this user may not install them." >&2
    echo "  Run once as an administrator:  apt-get install$packages" >&2
    exit 1
fi

echo "nightlatch: installing$packages with apt-get"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get -o DPkg::Lock::Timeout=300 -qq update
# Unquoted: it is a list.
$as_root apt-get -o DPkg::Lock::Timeout=300 -qq install --yes --no-install-recommends $packages
look
[ -z "$missing" ] || {
    echo "nightlatch: apt-get ended without error, and these are still missing:$missing" >&2
    exit 1
}
