#!/bin/sh
# entrypoint.sh [COMMAND...]: run nginx, or COMMAND; `entrypoint.sh --render` prints the configuration.
# A value that differs from the image's own is taken from the environment; only /tmp is written to.
set -eu

render() {
    sed -e "s|\${PORT}|$PORT|g" -e "s|\${CONTENT_PATH}|$CONTENT_PATH|g" /etc/nginx/nginx.conf.template
}

if [ "${1:-}" = "--render" ]; then
    render
elif [ $# -gt 0 ]; then
    exec "$@"
elif [ -z "$(ls -A "$CONTENT_PATH")" ]; then
    # A site without content must not become healthy.
    echo "entrypoint: there is no content in $CONTENT_PATH" >&2
    exit 1
else
    render >/tmp/nginx.conf
    # The error log given here is the one nginx opens before it has read its configuration.
    exec nginx -e /dev/stderr -c /tmp/nginx.conf -g 'daemon off;'
fi
