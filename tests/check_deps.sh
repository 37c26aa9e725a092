#!/bin/sh
# deploy/deps.sh against the code: every header and every program that the tree uses must
# come from a package that deps.sh names, or from one that those bring along.
set -eu
cd "$(dirname "$0")/.."
bad=0
wanted=$(deploy/deps.sh --list test)

# need NAME PACKAGE: NAME is used by the code, PACKAGE provides it.
need() {
    printf '%s\n' "$wanted" | grep -qxF "$2" || { echo "deps.sh lacks $2 (for $1)"; bad=1; }
}
# used PATTERN: something in the tree beside the two lists names it.
used() {
    grep -qE "$1" $(git ls-files | grep -vE '^(deploy/deps\.sh|tests/check_deps\.sh|.*\.md)$')
}
# may_need PATTERN NAME PACKAGE: it is used if and only if deps.sh names its package.
may_need() {
    if used "$1"; then
        need "$2" "$3"
    elif printf '%s\n' "$wanted" | grep -qxF "$3"; then
        echo "deps.sh names $3, and nothing uses $2"
        bad=1
    fi
}

headers=$(grep -hoE '^#include <[a-z0-9_/]+\.h>' bot/*.c bot/*/*.[ch] db/*.[ch] \
    content/compiler/*.[ch] tests/*.[ch] tests/*/*.[ch] tests/*/*/*.[ch] | sort -u | sed 's/.*<\(.*\)>/\1/')
for h in $headers; do
    case $h in
    uv.h) need $h libuv1-dev ;;
    curl/*) need $h libcurl4-openssl-dev ;;
    cjson/*) need $h libcjson-dev ;;
    sqlite3.h) need $h libsqlite3-dev ;;
    glib.h) need $h libglib2.0-dev ;;
    yaml.h) need $h libyaml-dev ;;
    md4c.h) need $h libmd4c-dev ;;
    microhttpd.h) need $h libmicrohttpd-dev ;;
    cmocka.h) need $h libcmocka-dev ;;
    cairo.h | pango/*) need $h libpango1.0-dev; need $h libcairo2-dev ;;
    png.h) need $h libpng-dev ;;
    sys/* | net/* | netinet/* | arpa/* | linux/*) ;;
    */*) echo "check_deps: who provides <$h>?"; bad=1 ;;
    *) [ -e "/usr/include/$h" ] || gcc -E -x c -include "$h" /dev/null >/dev/null 2>&1 ||
        { echo "check_deps: who provides <$h>?"; bad=1; } ;;
    esac
done
# What sobes-draw opens and links is needed where nothing is built.
wanted=$(deploy/deps.sh --list run)
fonts=$(grep -oE '[A-Za-z-]+\.ttf' bot/draw/fonts.conf)
[ -n "$fonts" ] || { echo "check_deps: bot/draw/fonts.conf names no font"; bad=1; }
for f in $fonts; do
    case $f in
    DejaVuSans.ttf | DejaVuSans-Bold.ttf) need $f fonts-dejavu-core ;;
    NotoColorEmoji.ttf) need $f fonts-noto-color-emoji ;;
    *) echo "check_deps: who provides $f?"; bad=1 ;;
    esac
done
need 'drawing' libcairo2
need 'text in drawings' libpangocairo-1.0-0
need 'PNG' libpng16-16
need 'health' libmicrohttpd12
wanted=$(deploy/deps.sh --list test)

may_need '\bstunnel4?\b' stunnel stunnel4
may_need 'libfaketime' libfaketime libfaketime
may_need '"openssl"' openssl openssl
may_need '"tinyproxy"' tinyproxy tinyproxy-bin
may_need '"microsocks"' microsocks microsocks
may_need '"nft"' nft nftables
may_need '"ip", "link"' ip iproute2
may_need '\bstrace\b' strace strace
may_need '"systemd-analyze"' systemd-analyze systemd
may_need 'bin/initdb' PostgreSQL postgresql
may_need 'playwright-core' chromium chromium
may_need 'npm ci' npm npm
may_need '#!/usr/bin/env node|"node"' node nodejs
may_need 'clang-format' clang-format clang-format
may_need 'CC=clang' clang clang
may_need '"valgrind"' valgrind valgrind
may_need 'fsanitize=fuzzer' libFuzzer libclang-rt-14-dev
need 'this script' git
may_need '^import yaml' yaml python3-yaml
may_need 'django\.setup|from django' django python3-django
may_need 'rest_framework' rest_framework python3-djangorestframework
need 'the interpreter of the tests' python3
need 'https' ca-certificates
need 'time zones' tzdata
[ $bad = 0 ] && echo "check_deps: deps.sh names what the code uses"
exit $bad
