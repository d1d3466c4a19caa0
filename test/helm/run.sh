#!/usr/bin/env bash
# Renders the Helm chart with a real helm for several values, decodes each resource strictly with the Go types of Kubernetes
# and of the Prometheus operator (an unknown or misspelled field is an error), and checks the rendered config and rules with
# `check-config` and promtool. deploy/kubernetes/livestream-exporter.yaml must be the output for the values beside it; --write
# writes it. Needs Go, promtool and a Go module proxy; builds helm unless it is on the PATH, which takes
# some minutes. HELM_VERSION=v3.22.0 builds that version instead of the newest 4.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
chart=$root/deploy/helm/livestream-exporter
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "FAIL: $*" >&2; exit 1; }
passed() { echo "PASS: $*"; }
for tool in go promtool; do command -v "$tool" >/dev/null || fail "install $tool first"; done

if command -v helm >/dev/null; then helm=helm; else
  version=${HELM_VERSION:-v4.3.2}
  echo "building helm $version"
  GOBIN=$work go install "helm.sh/helm/${version%%.*}/cmd/helm@$version" 2>"$work/build.log" ||
    { tail -5 "$work/build.log" >&2; fail "helm does not build"; }
  helm=$work/helm
fi
export HELM_CACHE_HOME=$work/cache HELM_CONFIG_HOME=$work/config HELM_DATA_HOME=$work/share
passed "helm $("$helm" version --short)"

mkdir "$work/decode"
cat >"$work/decode/main.go" <<'GO'
// Decodes the YAML documents of standard input strictly, prints kind and name of each.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/yaml"
	kubernetes "k8s.io/client-go/kubernetes/scheme"
)

func main() {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{kubernetes.AddToScheme, monitoring.AddToScheme} {
		if err := add(scheme); err != nil {
			panic(err)
		}
	}
	decoder := serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDeserializer()
	documents := yaml.NewYAMLReader(bufio.NewReader(os.Stdin))
	status := 0
	for {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			os.Exit(status)
		}
		object, kind, err := decoder.Decode(document, nil, nil)
		if runtime.IsMissingKind(err) {
			continue // only comments
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			status = 1
			continue
		}
		accessor, _ := meta.Accessor(object)
		fmt.Printf("%s/%s\n", kind.Kind, accessor.GetName())
	}
}
GO
(
  cd "$work/decode"
  go mod init decode && go mod tidy && go build -o ../decoder .
) >"$work/build.log" 2>&1 || { tail -5 "$work/build.log" >&2; fail "the decoder does not build"; }

echo 'apiVersion: v1
kind: Service
metadata: {name: x}
spec: {prots: []}' | "$work/decoder" >/dev/null 2>&1 && fail "the decoder accepts a misspelled field"

"$helm" lint --quiet --set demo=true "$chart" 2>"$work/error" || { cat "$work/error" >&2; fail "helm lint"; }
passed "helm lint"

# expect_error TEXT FLAG...: rendering must fail with this text.
expect_error() {
  local text=$1
  shift
  "$helm" template x "$chart" "$@" >/dev/null 2>"$work/error" && fail "rendered with $*"
  grep -q "$text" "$work/error" || { cat "$work/error" >&2; fail "no '$text' with $*"; }
}
expect_error 'set `config`'
expect_error persistance --set demo=true --set persistance.enabled=false
expect_error interval --set demo=true --set serviceMonitor.interval=often
expect_error scrape-interval=30s --set demo=true --set prometheusRule.enabled=true \
  --set serviceMonitor.enabled=true --set serviceMonitor.interval=30s
passed "unusable values are errors"

# Some tools copy a chart without its links.
linked=$chart
chart=$work/unlinked
cp -r "$linked" "$chart"
rm "$chart"/files/*
expect_error 'helm package' --set demo=true --set prometheusRule.enabled=true
expect_error 'helm package' --set demo=true --set dashboards.enabled=true
chart=$linked
"$helm" package --destination "$work" "$chart" >/dev/null 2>&1 || fail "helm package"
tar xzOf "$work"/livestream-exporter-*.tgz livestream-exporter/files/livestream.rules.yml |
  cmp - "$root/config/rules/livestream.rules.yml" || fail "the package contains no rules"
passed "a chart without its linked files is an error, and a package contains them"

# render NAME VALUES: renders and decodes.
render() {
  printf '%s\n' "$2" >"$work/$1.values.yaml"
  "$helm" template "${3:-x}" "$chart" --values "$work/$1.values.yaml" >"$work/$1.yaml" 2>"$work/error" ||
    { cat "$work/error" >&2; fail "$1: helm template"; }
  "$work/decoder" <"$work/$1.yaml" >"$work/$1.kinds" || fail "$1: the rendered resources are not valid"
  passed "$1: $(tr '\n' ' ' <"$work/$1.kinds")"
}
render demo 'demo: true'
render all '
config:
  accounts:
    - {name: tencent, provider: tencent, api3: {secret_id_env: ID, secret_key_file: /secrets/KEY}}
  domains:
    - {account: tencent, domain: push.example.com, app_names: [live], discover: true}
secret: keys
env: [{name: HTTPS_PROXY, value: "http://proxy:3128"}]
extraArgs: [--log.format=json, --web.config.file=/vault/web.yml]
extraVolumes: [{name: vault, csi: {driver: secrets-store.csi.k8s.io, readOnly: true}}]
extraVolumeMounts: [{name: vault, mountPath: /vault, readOnly: true}]
probe: https
podSecurityContext: {runAsUser: null, runAsGroup: null, fsGroup: null}
imagePullSecrets: [{name: pull}]
serviceAccount: {annotations: {example.com/role: reader}}
persistence: {storageClass: fast, size: 10Gi}
podAnnotations: {a: b}
podLabels: {team: video}
nodeSelector: {kubernetes.io/arch: amd64}
tolerations: [{key: video, operator: Exists}]
affinity: {nodeAffinity: {}}
priorityClassName: high
serviceMonitor:
  enabled: true
  labels: {release: prometheus}
  endpoint: {scheme: https, tlsConfig: {insecureSkipVerify: true}, relabelings: [{targetLabel: cluster, replacement: a}]}
prometheusRule: {enabled: true, labels: {release: prometheus}}
dashboards: {enabled: true, annotations: {folder: Live}}
networkPolicy: {enabled: true, from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: monitoring}}}]}
podDisruptionBudget: {enabled: true}'
[ "$(grep -cE 'targetLabel: (instance|cluster)' "$work/all.yaml")" = 2 ] || fail "the ServiceMonitor does not name the instance by its pod, or drops own relabelings"
! grep -qE 'runAsUser|runAsGroup|fsGroup:' "$work/all.yaml" || fail "null does not remove a user or group"
[ "$(grep -c 'scheme: HTTPS' "$work/all.yaml")" = 3 ] || fail "not all probes use TLS"
render emptydir '{demo: true, probe: tcp, persistence: {enabled: false}, networkPolicy: {enabled: true}, serviceAccount: {create: false}}'
plain=$root/deploy/kubernetes
render quoted '{demo: true, serviceAccount: {name: "123"}, priorityClassName: "1e3", networkPolicy: {enabled: true}, podDisruptionBudget: {enabled: true}, serviceMonitor: {enabled: true}}' on
render plain "$(cat "$plain/values.yaml")" livestream-exporter
{
  echo '# Kubernetes resources, for clusters without Helm: kubectl apply -f FILE. Change the config and the image first, and'
  echo '# create the Secret livestream-keys. After a change of the config: kubectl rollout restart statefulset/livestream-exporter.'
  echo '# This file is generated from the chart with values.yaml, by test/helm/run.sh --write.'
  # Without the checksum of the config, which nobody updates there.
  sed -e '/^# Source/d' -e '/managed-by: Helm/d' -e '/helm.sh\/chart:/d' \
    -e '/^ *annotations:$/,/checksum\/config:/d' "$work/plain.yaml"
} >"$work/generated.yaml"
[ "${1:-}" != --write ] || cp "$work/generated.yaml" "$plain/livestream-exporter.yaml"
diff "$work/generated.yaml" "$plain/livestream-exporter.yaml" || fail "run test/helm/run.sh --write"
passed "deploy/kubernetes is the output of the chart"
for kind in ConfigMap StatefulSet Service ServiceAccount ServiceMonitor PrometheusRule NetworkPolicy PodDisruptionBudget; do
  grep -q "^$kind/" "$work/all.kinds" || fail "no $kind"
done

cd "$root"
PATH=$root/node_modules/.bin:$PATH
# part FILE KIND NAME SCRIPT: a value of a rendered resource.
part() {
  node --input-type=module --eval '
    import { readFileSync } from "node:fs";
    import { parseAllDocuments } from "yaml";
    const [file, kind, name, path] = process.argv.slice(1);
    const found = parseAllDocuments(readFileSync(file, "utf8")).map((document) => document.toJS())
      .find((resource) => resource?.kind === kind && resource.metadata.name === name);
    console.log(path === "groups" ? JSON.stringify({ groups: found.spec.groups }) : found.data[path]);
  ' "$work/$1.yaml" "$2" "$3" "$4"
}
part all ConfigMap x-livestream-exporter livestream-exporter.yaml >"$work/config.yaml"
ID=x node src/launch.js check-config "$work/config.yaml" >"$work/checked" 2>&1 || { cat "$work/checked" >&2; fail "check-config"; }
passed "check-config accepts the rendered config"
part all PrometheusRule x-livestream-exporter groups >"$work/rules.yaml"
promtool check rules "$work/rules.yaml" >"$work/checked" || { cat "$work/checked" >&2; fail "promtool check rules"; }
passed "promtool accepts the rendered rules:$(sed -n 's/.*SUCCESS://p' "$work/checked")"
