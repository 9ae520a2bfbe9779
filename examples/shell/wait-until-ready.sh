#!/usr/bin/env bash
# Waits until a web node has an active worker: wait-until-ready.sh http://localhost:9999 [SECONDS]
for ((left = ${2:-60}; left > 0; left--)); do
  state=$(curl -sS --max-time 5 -w '\n%{http_code}' "$1/v2/health/ready" 2>&1)
  [ "${state##*$'\n'}" = 200 ] && exec printf '%s\n' "${state%$'\n'*}"
  sleep 1
done
printf 'Not ready: %s\n' "$state" >&2
exit 1
