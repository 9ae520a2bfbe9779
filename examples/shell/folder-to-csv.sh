#!/usr/bin/env bash
# Classifies a folder of pictures with curl and jq: folder-to-csv.sh http://localhost:9999 FOLDER > result.csv
echo "file,label,probability"
for path in "$2"/*; do
  [ -f "$path" ] || continue
  answer=$(curl -sS --data-binary "@$path" -H 'Content-Type: application/octet-stream' "$1/api/classify?top=1")
  # A proxy's page is no JSON.
  jq -e . >/dev/null 2>&1 <<<"$answer" || answer=$(jq -n --arg page "${answer:-no answer}" '{detail: $page}')
  jq -er --arg file "${path##*/}" '.predictions // empty | .[0] | [$file, .label, .probability] | @csv' <<<"$answer" ||
    jq -r --arg file "${path##*/}" '"\($file): \(.detail)"' <<<"$answer" >&2
done
