#!/bin/sh
# Finds which Debian packages Sobes lacks and installs them with apt, as root or with sudo.
#   deploy/deps.sh run     what the built bot needs on a server
#   deploy/deps.sh build   what building and running it needs (the default)
#   deploy/deps.sh try     that, and what trying it without a token needs
#   deploy/deps.sh test    that, and what `make test` needs
#   deploy/deps.sh --list [run|build|try|test]   only names the packages, one a line
# Says what it does; does nothing when nothing is missing.
set -eu

run='ca-certificates tzdata libuv1 libcurl4 libcjson1 libsqlite3-0 libglib2.0-0 libmicrohttpd12
libcairo2 libpangocairo-1.0-0 libpng16-16 fonts-dejavu-core fonts-noto-color-emoji'
build='gcc libc6-dev make pkg-config libuv1-dev libcurl4-openssl-dev libcjson-dev
libsqlite3-dev libglib2.0-dev libmicrohttpd-dev libyaml-dev libmd4c-dev
libcairo2-dev libpango1.0-dev libpng-dev'
try='libfaketime'
test='clang clang-format libclang-rt-14-dev libcmocka-dev python3 python3-yaml python3-django
python3-djangorestframework stunnel4 openssl tinyproxy-bin microsocks
iproute2 nftables git strace valgrind systemd postgresql nodejs npm chromium'

list=no
if [ "${1:-}" = --list ]; then
    list=yes
    shift
fi
case "${1:-build}" in
run) wanted="$run" ;;
build) wanted="$run $build" ;;
try) wanted="$run $build $try" ;;
test) wanted="$run $build $try $test" ;;
*)
    echo "usage: deploy/deps.sh [--list] [run|build|try|test]" >&2
    exit 64
    ;;
esac
if [ "$list" = yes ]; then
    printf '%s\n' $wanted
    exit 0
fi

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    echo "deps: this is not Debian; install by hand what stands for:" $wanted >&2
    exit 0
fi
missing=
for p in $wanted; do
    case $p in # a Node from elsewhere brings both and keeps Debian's out
    nodejs) ! command -v node >/dev/null || continue ;;
    npm) ! command -v npm >/dev/null || continue ;;
    esac
    case "$(dpkg-query -W -f '${Status}' "$p" 2>/dev/null || true)" in
    *' installed') ;;
    *) missing="$missing $p" ;;
    esac
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "deps: missing:$missing" >&2
        echo "deps: there is no sudo here; as root run: apt-get install$missing" >&2
        exit 1
    fi
    as_root=sudo
fi
echo "deps: installing$missing"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -q
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing
