#!/bin/sh
# `make deb`: BUILD/sobes_VERSION_ARCH.deb, made by dpkg-deb of what `make install` lays down.
#   deploy/deb.sh BUILD
# The version and every date in it are those of the last commit: the same commit gives the
# same package. Its maintainer is who made that commit, or DEBFULLNAME and DEBEMAIL.
set -eu
umask 022
build=$1
cd "$(dirname "$0")/.."
last() { TZ=UTC0 git log -1 --abbrev=8 --date=format-local:%Y%m%d.%H%M%S --format="$1"; }
version=${VERSION:-0.$(last '%cd+g%h')}
who="${DEBFULLNAME:-$(last %cn)} <${DEBEMAIL:-$(last %ce)}>"
SOURCE_DATE_EPOCH=$(last %ct)
export SOURCE_DATE_EPOCH
arch=$(dpkg --print-architecture)
root=$build/deb
rm -rf "$root" "$build"/sobes_*.deb
make -s --no-print-directory B="$build" DESTDIR="$(realpath -m "$root")" PREFIX=/usr \
    UNITDIR=/lib/systemd/system install
strip --strip-all --remove-section=.comment --remove-section=.note "$root"/usr/bin/*
gzip -9n "$root"/usr/share/doc/sobes/README.md
{
    printf 'sobes (%s) stable; urgency=medium\n\n' "$version"
    git log -20 --format='  * %s' | cut -c1-79
    printf '\n -- %s  %s\n' "$who" "$(date -uRd "@$SOURCE_DATE_EPOCH")"
} | gzip -9n >"$root"/usr/share/doc/sobes/changelog.gz
install -d -m 755 "$root/DEBIAN"
install -d -m 700 "$root/etc/sobes"
install -m 600 deploy/env "$root/etc/sobes/env"
install -m 755 deploy/deb/postinst deploy/deb/prerm deploy/deb/postrm "$root/DEBIAN"
echo /etc/sobes/env >"$root/DEBIAN/conffiles"

needs=$(deploy/deps.sh --list run | paste -sd, | sed 's/,/, /g')
cat >"$root/DEBIAN/control" <<EOF
Package: sobes
Version: $version
Architecture: $arch
Maintainer: $who
Section: net
Priority: optional
Installed-Size: $(du -sk --apparent-size --exclude=DEBIAN "$root" | cut -f1)
Depends: libc6 (>= 2.36), $needs
Description: Telegram bot for people who prepare for an interview
 Each morning it sends a few real interview questions, shows the answer on a
 tap, takes a self-rating and brings a question back when it is about to be
 forgotten. In groups it runs quiz battles. It speaks Russian and English and
 keeps everything in one SQLite file.
EOF
(cd "$root" && find . -type f ! -path './DEBIAN/*' -printf '%P\0' | sort -z | xargs -0 md5sum) \
    >"$root/DEBIAN/md5sums"
deb=$build/sobes_${version}_$arch.deb
dpkg-deb --root-owner-group -Zxz --build "$root" "$deb"
