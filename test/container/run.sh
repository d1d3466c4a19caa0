#!/usr/bin/env bash
# Builds the image with buildah, runs it as its own user with a read-only root file system, and checks it:
#   - the user is a number, and not root
#   - the demo, and the daemon with a config and a state directory, become ready
#   - the health check of the image passes, and fails when nothing listens
#   - nothing outside /data is writable, and SIGTERM ends the process within 2 s with exit code 0
# Needs root, buildah and npm. Without a network to an image registry, it makes the base image itself, with debootstrap and
# the Node that npm has installed here. NODE_IMAGE=NAME uses that image instead.
set -euo pipefail
cd "$(dirname "$0")/../.."

for tool in buildah curl ip nsenter unshare; do
  command -v "$tool" >/dev/null || { echo "container: install $tool first" >&2; exit 1; }
done
[ "$(id -u)" = 0 ] || { echo "container: run this as root: it mounts the image" >&2; exit 1; }

work=$(mktemp -d)
# All images and containers of this run, so that it neither uses nor leaves others.
buildah() { command buildah --root "$work/images" --runroot "$work/run" --storage-driver vfs "$@"; }
daemon=
finish() {
  [ -z "$daemon" ] || kill -KILL "$daemon" 2>/dev/null || true
  umount --recursive "$work/images" 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT

fail() { echo "FAIL: $*" >&2; exit 1; }
passed() { echo "PASS: $*"; }

# A Debian with the Node of this checkout, like the official image node:24.21.0-bookworm-slim.
make_base() {
  command -v debootstrap >/dev/null || { echo "container: install debootstrap, or set NODE_IMAGE" >&2; exit 1; }
  local node=node_modules/node-linux-$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')/bin/node
  [ -x "$node" ] || { echo "container: run npm ci first" >&2; exit 1; }
  debootstrap --variant=minbase --include=ca-certificates bookworm "$work/rootfs" >"$work/debootstrap.log" 2>&1 ||
    { tail -5 "$work/debootstrap.log" >&2; exit 1; }
  rm -rf "$work"/rootfs/var/cache/apt/archives/*.deb "$work"/rootfs/var/lib/apt/lists/*
  install -m 755 "$node" "$work/rootfs/usr/local/bin/node"
  npm install --silent --global --prefix "$work/rootfs/usr/local" npm@11
  chroot "$work/rootfs" useradd --uid 1000 --create-home node
  local base
  base=$(buildah from scratch)
  buildah copy -q "$base" "$work/rootfs" / >/dev/null
  # A proxy that inspects TLS: npm needs its certificate during the build. It is not in the final stage.
  if [ -n "${NODE_EXTRA_CA_CERTS:-}" ]; then
    buildah copy -q "$base" "$NODE_EXTRA_CA_CERTS" /usr/local/share/extra-ca.pem >/dev/null
    buildah config --env NODE_EXTRA_CA_CERTS=/usr/local/share/extra-ca.pem "$base"
  fi
  buildah commit -q "$base" local/node >/dev/null
  rm -rf "$work/rootfs"
  buildah rm "$base" >/dev/null
}

if [ -z "${NODE_IMAGE:-}" ]; then
  echo "making a base image: no NODE_IMAGE is set"
  make_base
  NODE_IMAGE=local/node
fi
# The format of Docker, because that of OCI has no HEALTHCHECK.
buildah build -q --isolation chroot --format docker --build-arg NODE_IMAGE="$NODE_IMAGE" \
  --build-arg NPM_REGISTRY="$(npm config get registry)" --tag local/exporter . >"$work/build.log" 2>&1 ||
  { tail -20 "$work/build.log" >&2; fail "the image does not build"; }
container=$(buildah from local/exporter)
root=$(buildah mount "$container")
inspect() { buildah inspect --type image --format "$1" local/exporter; }

user=$(inspect '{{.Docker.Config.User}}')
[[ "$user" =~ ^[1-9][0-9]*:[1-9][0-9]*$ ]] || fail "the user of the image is '$user', not a number"
passed "the user is $user"

mkdir "$work/data"
chown "$user" "$work/data"

# Runs a command in the image as a container does: its user and environment, a read-only root file system, /data mounted,
# and a network of its own, so that the default port is free.
in_image() {
  local environment=()
  mapfile -t environment < <(inspect '{{range .Docker.Config.Env}}{{println .}}{{end}}' | sed '/^$/d')
  exec unshare --mount --net --propagation private bash -euc '
    root=$1 data=$2 user=$3; shift 3
    ip link set lo up
    mount --bind "$root" "$root"
    mount --bind "$data" "$root/data"
    mount --rbind /dev "$root/dev"
    mount -t proc proc "$root/proc"
    mount -t tmpfs tmpfs "$root/tmp"
    mount -o remount,bind,ro "$root"
    exec chroot --userspec="$user" --groups= "$root" /usr/bin/env -i "$@"
  ' bash "$root" "$work/data" "$user" "${environment[@]}" "$@"
}
get() { nsenter --target "$daemon" --net curl --silent --output /dev/null --write-out '%{http_code}' "http://127.0.0.1:10935$1"; }
# The HEALTHCHECK of the image, in the network of the running container.
healthy() {
  local command
  mapfile -t command < <(inspect '{{range .Docker.Config.Healthcheck.Test}}{{println .}}{{end}}' | sed '1d; /^$/d')
  nsenter --target "$daemon" --net --mount chroot --userspec="$user" --groups= "$root" \
    /usr/bin/env HEALTH_URL="$health_url" PATH=/usr/local/bin:/usr/bin:/bin "${command[@]}"
}

# check NAME ARGUMENT...: starts the image with these arguments, waits until it is ready, and stops it.
check() {
  local name=$1
  shift
  in_image STAT_KEY=not-a-real-key "${entrypoint[@]}" "$@" >"$work/$name.log" 2>&1 &
  daemon=$!
  for _ in $(seq 150); do
    kill -0 "$daemon" 2>/dev/null || { cat "$work/$name.log" >&2; fail "$name: the process has ended"; }
    [ "$(get /-/ready || true)" = 200 ] && break
    sleep 0.2
  done
  [ "$(get /-/ready)" = 200 ] || { tail -5 "$work/$name.log" >&2; fail "$name: not ready after 30 s"; }
  [ "$(get /metrics)" = 200 ] || fail "$name: no metrics"
  health_url=$(inspect '{{range .Docker.Config.Env}}{{println .}}{{end}}' | sed -n 's/^HEALTH_URL=//p')
  healthy || fail "$name: the health check fails"
  health_url=tcp://127.0.0.1:10935
  healthy || fail "$name: the health check of the connection fails"
  health_url=http://127.0.0.1:1/-/healthy
  ! healthy || fail "$name: the health check passes although nothing listens"
  [ "$(stat -c %u:%g "/proc/$daemon")" = "$user" ] || fail "$name: runs as $(stat -c %u:%g "/proc/$daemon")"
  ! nsenter --target "$daemon" --mount chroot --userspec="$user" "$root" /bin/sh -c 'touch /app/x /home/node/x' 2>/dev/null ||
    fail "$name: the root file system is writable"
  local begin status=0
  begin=$(date +%s%N)
  kill -TERM "$daemon"
  wait "$daemon" || status=$?
  daemon=
  local took=$((($(date +%s%N) - begin) / 1000000))
  [ "$status" = 0 ] || fail "$name: exit code $status after SIGTERM"
  [ "$took" -lt 2000 ] || fail "$name: ended $took ms after SIGTERM"
  passed "$name: ready, healthy, read-only, ended $took ms after SIGTERM"
}

mapfile -t entrypoint < <(inspect '{{range .Docker.Config.Entrypoint}}{{println .}}{{end}}' | sed '/^$/d')
mapfile -t arguments < <(inspect '{{range .Docker.Config.Cmd}}{{println .}}{{end}}' | sed '/^$/d')
cat >"$work/data/live.yaml" <<'YAML'
accounts:
  - {name: tencent, provider: tencent, statcgi: {app_id: 1, key_env: STAT_KEY, endpoint: "http://127.0.0.1:9/"}}
streams: [{account: tencent, stream: 1234_a}]
YAML
check demo "${arguments[@]}"
check daemon serve --config.file=/data/live.yaml --storage.path=/data
[ "$(stat -c %U:%a "$work/data/state.db" 2>/dev/null | sed 's/.*://')" = 600 ] || fail "no state in /data"
passed "the state is in /data"

size() { du -sm --exclude=./data "$1" | cut -f1; }
all=$(size "$root")
app=$(size "$root/app")
echo "size: $all MB, of which the program and its packages are $app MB; the rest is the base image"
