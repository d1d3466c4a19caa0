#!/usr/bin/env bash
# Packs the program as npm does for a release, installs the archive in an empty directory, and runs it there with npx:
# its version, the check of the shipped config, and the demo until it serves metrics. Needs npm and a package registry. The
# Node that runs npm may be older than the program needs: on Linux with glibc, the package installs its own.
set -euo pipefail
cd "$(dirname "$0")/../.."

work=$(mktemp -d)
demo=
finish() {
  if [ -n "$demo" ]; then
    kill -TERM -- "-$demo" 2>/dev/null || true
    # The shell reports here that the demo was terminated.
    wait "$demo" 2>/dev/null || true
  fi
  rm -rf "$work"
}
trap finish EXIT
fail() { echo "FAIL: $*" >&2; exit 1; }
passed() { echo "PASS: $*"; }

# quiet COMMAND...: runs a command, and prints its output only if it fails.
quiet() { "$@" >"$work/log" 2>&1 || { tail -20 "$work/log" >&2; fail "$*"; }; }

quiet npm pack --pack-destination "$work"
archive=$(echo "$work"/*.tgz)
passed "packed: $(du -k "$archive" | cut -f1) kB"
sources=$(tar tzf "$archive" | grep -E '\.ts$' | grep -vE '\.d\.ts$' || true)
[ -z "$sources" ] || fail "the archive contains sources that cannot run there: $sources"

mkdir "$work/empty"
cd "$work/empty"
quiet npm init --yes
quiet npm install "$archive"
passed "installed: $(du -sm node_modules | cut -f1) MB"

npx livestream-exporter --version | grep -qE '^livestream-exporter [0-9.]+ \(node v[0-9.]+\)$' || fail "no version"
npx livestream-exporter check-config node_modules/livestream-exporter/config/livestream-exporter.yaml 2>/dev/null |
  grep -q accounts || fail "the shipped config is not accepted"
passed "$(npx livestream-exporter --version)"

# Without -q: grep would end early, and curl would fail while it writes.
has_frame_rate() { curl --silent "$url" | grep '^livestream_push_fps{' >/dev/null; }

set -m
npx livestream-exporter demo --web.listen-address=127.0.0.1:0 >demo.log 2>&1 &
demo=$!
url=
for _ in $(seq 150); do
  kill -0 "$demo" 2>/dev/null || { cat demo.log >&2; fail "the demo has ended"; }
  url=$(sed -nE 's#^ *(http://127\.0\.0\.1:[0-9]+/metrics) .*#\1#p' demo.log)
  [ -n "$url" ] && has_frame_rate && break
  sleep 0.2
done
has_frame_rate || fail "no frame rate after 30 s"
passed "npx livestream-exporter demo serves metrics"
