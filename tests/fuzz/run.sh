#!/bin/sh
# run.sh PROGRAM SECONDS [LEAST]: a bounded run of a libFuzzer target from its kept corpus.
# New inputs go to a scratch folder, so that the repository does not grow by itself; what
# broke is kept in $FOUND, when that is given. Fewer runs than LEAST prove nothing.
set -eu
least=${3:-1000}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/new"
found=${FOUND:-$scratch}
mkdir -p "$found"
target=$(basename "$1" | sed 's/^fuzz_//')
status=0
"$1" -max_total_time="$2" -max_len=65536 -timeout=30 -rss_limit_mb=2048 -verbosity=1 \
    -print_final_stats=1 -artifact_prefix="$found/$target-" "$scratch/new" \
    "tests/fuzz/corpus/$target" >"$scratch/log" 2>&1 || status=$?
runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$scratch/log")
if [ $status != 0 ] || [ "${runs:-0}" -lt "$least" ]; then
    tail -40 "$scratch/log"
    echo "${runs:-0} runs, exit $status"
    echo "0 passed, 1 failed"
    exit 1
fi
reached=$(sed -n 's/.*DONE .* cov: \([0-9]*\) .*/\1/p' "$scratch/log")
echo "$runs runs, ${reached:-?} places reached, no finding"
echo "1 passed, 0 failed"
