#!/bin/sh
# Build Dockerfile.web, run it as a dyno would, and run the parity suite against it.
# usage: tests/dyno.sh path/to/lockstep
set -eu

lockstep=$1
key=$("$lockstep" keys new dyno 2>/dev/null | sed -n 's/^key *//p')
digest=$(printf %s "$key" | sha256sum | cut -d ' ' -f 1)
export LOCKSTEP_API_KEY="$key"

if docker info >/dev/null 2>&1; then
    docker build --file Dockerfile.web --tag lockstep-web .
    container=$(docker run --detach --memory 512m --user 12345 --read-only --tmpfs /tmp --publish 127.0.0.1:5055:5055 \
        --env PORT=5055 --env LOCKSTEP_API_KEYS="dyno:$digest" lockstep-web)
    trap 'docker rm --force "$container" >/dev/null' EXIT
    "$lockstep" parity http://127.0.0.1:5055
    docker stop --time 30 "$container" >/dev/null
    test "$(docker inspect --format '{{.State.ExitCode}}' "$container")" = 0
elif [ -n "${HEROKU_LOCAL:-}" ]; then
    "$HEROKU_LOCAL" --read-only --path /ready --idle-check 91 --release "lockstep verify" --env LOCKSTEP_API_KEYS="dyno:$digest" -- \
        sh -c "'$lockstep' parity \"\$BASE_URL\""
else
    echo "make dyno needs a running Docker engine, or HEROKU_LOCAL=path/to/heroku-local" >&2
    exit 2
fi
