#!/bin/sh
# Send every request of the collection to the service at $1; exit 1 where one test fails.
# The key goes through a file that only this user can read: arguments show in the list of processes.
set -eu
environment=$(mktemp)
trap 'rm -f "$environment"' EXIT
sed -e "s|http://127.0.0.1:5000|$1|" -e "/\"apiKey\"/{n;s|\"\"|\"${LOCKSTEP_API_KEY:-}\"|;}" \
    local.postman_environment.json >"$environment"
node_modules/.bin/newman run lockstep.postman_collection.json --environment "$environment" --timeout-request 10000 --color off
