#!/bin/sh
# The walls of the house: which folder may include which, and which library. Prints every
# include that crosses a wall; exit 1 when there is one. README, "The tour", says why.
set -eu
cd "$(dirname "$0")/.."
bad=0

# check FILES ALLOWED-OWN ALLOWED-LIBRARY: both extended regular expressions.
check() {
    files=$(ls $1 2>/dev/null || true)
    [ -n "$files" ] || { echo "check_layers: no files match $1"; bad=1; return; }
    own=$(grep -HnE '^#include "' $files | grep -vE "\"($2)\"" || true)
    lib=$(grep -HnE '^#include <' $files |
        grep -E '<(uv|curl|cjson|sqlite3|glib|microhttpd|yaml|md4c|cairo|pango|png|fontconfig)' |
        grep -vE "<($3)" || true)
    for found in "$own" "$lib"; do
        [ -z "$found" ] || { printf '%s\n' "$found" | sed 's/$/   <- crosses a wall/'; bad=1; }
    done
}

none='nothing-of-the-kind'
json=$(ls bot/base/*.[ch] | grep -vE 'json\.c|tz\.c|fold\.c')
check "$json" 'bot/base/.*' $none
check 'bot/base/json.c' 'bot/base/.*' 'cjson'
check 'bot/base/tz.c bot/base/fold.c' 'bot/base/.*' 'glib'
check 'bot/study/*.[ch]' 'bot/(base|study)/.*' $none
check 'bot/telegram/*.[ch]' 'bot/(base|telegram)/.*' $none
check 'db/db.c db/open.c db/attach.c db/backup.c' '(bot/base|db)/.*' 'sqlite3'
check "$(ls db/*.[ch] | grep -vE 'db/(db|open|attach|backup)\.c')" '(bot/base|db)/.*' $none
check 'bot/talk/*.[ch]' '(bot/(base|study|telegram|talk)|db)/.*|words\.h' $none
check "$(ls bot/net/*.[ch] | grep -vE 'net/(http|payload|trouble|sockets|resolve|picture|loop|backups|health)\.[ch]')" \
    '(bot/(base|telegram|net)|db)/.*|bot/talk/(turn|outcome)\.h|version\.h' $none
check 'bot/net/health.[ch]' '(bot/(base|net)|db)/.*' 'uv|microhttpd'
check "$(ls bot/net/*.[ch] | grep -E 'net/(http|payload|trouble|sockets)\.[ch]')" \
    'bot/(base|telegram|net)/.*|bot/talk/(turn|outcome)\.h' 'uv|curl'
check "$(ls bot/net/*.[ch] | grep -E 'net/(resolve|picture|loop|backups)\.[ch]')" \
    'bot/(base|telegram|net)/.*|bot/talk/(turn|outcome)\.h|db/.*' 'uv|curl'
check 'bot/draw/*.[ch]' 'bot/(base|draw)/.*' 'cairo|pango|png'
check 'tests/local/rules/*.[ch]' '(bot/base|tests/local/rules)/.*' $none
check 'content/compiler/*.[ch]' 'bot/base/.*|db/db\.h|content/compiler/.*' 'yaml|md4c'

# SQL lives in db/ (and the bank compiler's INSERTs); time, environment and randomness come
# in as arguments below net/.
sql=$(grep -nE '"(SELECT|INSERT|UPDATE|DELETE) ' bot/*/*.[ch] bot/*.c || true)
clock=$(grep -nE '\b(time|clock_gettime|gettimeofday|getenv|rand|random|getrandom)\(' \
    bot/study/*.[ch] bot/telegram/*.[ch] bot/talk/*.[ch] db/*.[ch] || true)
for found in "$sql" "$clock"; do
    [ -z "$found" ] || { printf '%s\n' "$found" | sed 's/$/   <- does not belong here/'; bad=1; }
done
names=$(ls bot/*/*.[ch] db/*.[ch] content/compiler/*.[ch] |
    grep -E '/(util|utils|common|helper|helpers|manager|misc)\.' || true)
[ -z "$names" ] || { echo "$names: a name that says nothing"; bad=1; }
[ $bad = 0 ] && echo "check_layers: every include keeps to its walls"
exit $bad
