#!/bin/sh
# Two copies of the tree in folders of different names and depths, built apart: sobes,
# sobes-draw and the bank must be the same to the bit. What git ignores is not copied. Says
# how it went and what differs.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
first=$work/one second=$work/another/folder/with/a/longer/name
for tree in "$first" "$second"; do
    mkdir -p "$tree"
    git ls-files -z --cached --others --exclude-standard | tar --null -T - -cf - | tar xf - -C "$tree"
    TZ=$([ "$tree" = "$first" ] && echo UTC0 || echo XXX-13) \
        make -s -j2 -C "$tree" B=build SAN= all >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
done
same=0 different=0
for f in sobes sobes-draw fonts.conf bank.db; do
    if cmp "$first/build/$f" "$second/build/$f"; then
        same=$((same + 1))
    else
        different=$((different + 1))
    fi
done
sha256sum "$first"/build/sobes "$first"/build/sobes-draw "$first"/build/bank.db |
    sed "s|$first/||"
echo "$same passed, $different failed"
[ $different = 0 ]
