#!/usr/bin/env bash
# Publish events to Presently, each confirmed: one JSON object a line, such as
# {"document": ["article", "42"], "type": "comment.added", "data": {"text": "nice"}}
#
# Over the HTTP API, which answers once the broker has the event on disk: PRESENTLY_URL and
# PRESENTLY_API_KEY. (amqp-publish cannot wait for a confirm.)
set -euo pipefail

# The CloudEvent of a line. jq's @uri leaves . ! ~ * ' ( ) as they are; of these ~ may stay.
event='
def word: @uri | gsub("(?<c>[.!*\u0027()])"; {".":"%2E","!":"%21","*":"%2A","\u0027":"%27","(":"%28",")":"%29"}[.c]);
def document_id: map(word) | if last == "~" then .[-1] = "%7E" else . end | join(".");
(.document | if type == "array" then document_id else . end) as $subject
| {specversion: "1.0", id: $id, source: "/recipes/shell"} + del(.document) + {subject: $subject}'

while IFS= read -r line; do
    id=$(cat /proc/sys/kernel/random/uuid)
    body=$(jq -c --arg id "$id" "$event" <<<"$line")
    printf %s "$body" | curl --fail-with-body --silent --show-error --max-time 10 \
        --retry 3 --retry-connrefused \
        --header "Authorization: Bearer $PRESENTLY_API_KEY" \
        --header 'Content-Type: application/cloudevents+json' \
        --data-binary @- "$PRESENTLY_URL/v1/events" | jq -r '.ids[]'
done
