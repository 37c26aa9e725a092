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
uses() {
    grep -qE "$1" $(git ls-files 2>/dev/null || find . -type f -not -path './build*/*')
}

headers=$(grep -hoE '^#include <[a-z0-9_/]+\.h>' bot/*.c bot/*/*.[ch] db/*.[ch] \
    content/compiler/*.[ch] tests/*.[ch] tests/*/*.[ch] | sort -u | sed 's/.*<\(.*\)>/\1/')
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
    sys/* | net/* | netinet/* | arpa/* | linux/*) ;;
    */*) echo "check_deps: who provides <$h>?"; bad=1 ;;
    *) [ -e "/usr/include/$h" ] || gcc -E -x c -include "$h" /dev/null >/dev/null 2>&1 ||
        { echo "check_deps: who provides <$h>?"; bad=1; } ;;
    esac
done
uses '\bstunnel4?\b' && need stunnel stunnel4
uses 'FAKETIME' && need libfaketime libfaketime
uses '\bstrace\b' && need strace strace
uses 'openssl' && need openssl openssl
uses 'clang' && need clang clang
uses 'import (yaml|django)|from (yaml|django)' && need python3-yaml python3-yaml
need run_blocks.py python3-django
need run_blocks.py python3-djangorestframework
[ $bad = 0 ] && echo "check_deps: deps.sh names what the code uses"
exit $bad
