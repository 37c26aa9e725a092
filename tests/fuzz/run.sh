#!/bin/sh
# run.sh PROGRAM SECONDS: a bounded run of a libFuzzer target from its kept corpus. New
# inputs go to a scratch folder, so that the repository does not grow by itself.
set -eu
found=$(mktemp -d)
trap 'rm -rf "$found"' EXIT
target=$(basename "$1" | sed 's/^fuzz_//')
status=0
"$1" -max_total_time="$2" -max_len=65536 -timeout=10 -rss_limit_mb=2048 -verbosity=0 \
    -print_final_stats=1 -artifact_prefix="$found/" "$found" "tests/fuzz/corpus/$target" \
    >"$found/log" 2>&1 || status=$?
runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$found/log")
if [ $status != 0 ] || [ "${runs:-0}" -le 1000 ]; then
    tail -40 "$found/log"
    echo "${runs:-0} runs, exit $status"
    echo "0 passed, 1 failed"
    exit 1
fi
echo "$runs runs, no finding"
echo "1 passed, 0 failed"
