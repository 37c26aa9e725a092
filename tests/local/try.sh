#!/bin/sh
# Sobes without a token: a local Telegram with its chat page, and the bot in it.
#   tests/local/try.sh BUILD     BUILD holds sobes, bank.db and local_telegram
# Everything is kept in data/local: the chat, played time, the bot's database, its log.
# Ctrl-C, or the end of either, stops both: the bot first.
set -u

if [ $# != 1 ] || ! build=$(cd "$1" && pwd); then
    echo 'usage: tests/local/try.sh BUILD' >&2
    exit 64
fi
root=$(cd "$(dirname "$0")/../.." && pwd) || exit 74
home=$root/data/local
umask 077
mkdir -p "$home" && cd "$home" || exit 74

if [ ! -s token ]; then
    echo "5550001:$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')" >token || exit 74
fi
token=$(cat token)

# The bot lives in played time; without libfaketime it lives in this machine's.
faketime=
for f in /usr/lib/*/faketime/libfaketime.so.1; do
    [ -e "$f" ] && faketime=$f
done
[ -n "$faketime" ] ||
    echo 'try: no libfaketime here (apt install libfaketime): the time bar will not move the bot' >&2

server='' bot='' stop='' code=0
said=$(mktemp -d) || exit 74 # what the server says; another try.sh has its own
trap 'rm -rf "$said"' EXIT
trap 'stop=yes' INT TERM HUP

alive() {
    kill -0 "$1" 2>/dev/null
}

# A signal ends this at once, which sleep alone would not.
rest() {
    sleep "$1" &
    wait $!
}

# Port $1. Gives 0 and the address when it listens, else what the server ended with.
serve() {
    : >"$said/out"
    "$build/local_telegram" --port "$1" --token "$token" --keep "$home" \
        --clock "$home/clock" >"$said/out" 2>"$said/err" &
    server=$!
    until address=$(sed -n 's/^listening on //p' "$said/out") && [ -n "$address" ]; do
        if ! alive "$server"; then
            wait "$server"
            return
        fi
        [ -z "$stop" ] || break
        rest 0.05
    done
    return 0
}

# Its own session: Ctrl-C in the terminal is ours to pass on, once.
start_bot() {
    set -- LOG_LEVEL="${LOG_LEVEL:-info}" BOT_TOKEN="$token" API_URL="$address" \
        DB_PATH="$home/sobes.db" BACKUP_DIR="$home/backup" BANK_PATH="$build/bank.db" \
        HEALTH_ADDR="${HEALTH_ADDR:-off}"
    [ -z "$faketime" ] || set -- "$@" LD_PRELOAD="$faketime" \
        FAKETIME_TIMESTAMP_FILE="$home/clock" FAKETIME_DONT_FAKE_MONOTONIC=1 \
        DONT_FAKE_MONOTONIC=1 FAKETIME_NO_CACHE=1
    setsid env -i PATH=/usr/bin:/bin "$@" "$build/sobes" >bot.log 2>&1 &
    bot=$!
}

# Ends a child of ours, and gives its exit code.
end() {
    alive "$1" && kill -TERM "$1"
    while :; do
        wait "$1"
        ended=$?
        alive "$1" || return "$ended" # else a second Ctrl-C only ended the waiting
    done
}

serve 8081 || code=$?
if [ "$code" = 74 ]; then # somebody else has that port, most likely
    code=0
    serve 0 || code=$?
fi
if [ "$code" = 75 ]; then
    echo "Sobes is already running: $(cat address)"
    echo "Собес уже запущен: $(cat address)"
    exit 0
fi
cat "$said/err" >&2
[ "$code" = 0 ] || exit "$code"

if [ -z "$stop" ]; then
    echo "$address" >address
    start_bot
    cat <<-WORDS
	Sobes is running: open $address in a browser.
	Ctrl-C stops it; the chat stays in data/local (rm -r data/local begins anew).
	Собес запущен: откройте $address в браузере.
	Ctrl-C остановит его; переписка останется в data/local (rm -r data/local — начать заново).
	WORDS
fi
while [ -z "$stop" ] && alive "$bot" && alive "$server"; do
    rest 1
done

if [ -z "$stop" ]; then
    code=1
    if alive "$bot"; then
        echo 'try: the local Telegram has ended by itself:' >&2
        tail -n 5 "$said/err" >&2
    else
        echo 'try: the bot has ended by itself; the end of data/local/bot.log:' >&2
        tail -n 10 bot.log >&2
    fi
fi
[ -z "$bot" ] || end "$bot" || bot_code=$?
end "$server" || code=$?
case ${bot_code:-0} in
0 | 143) ;; # 143: our signal came before it listened for one
*) code=$bot_code ;;
esac
exit "$code"
