{{- define "livestream-exporter.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 52 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 52 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- /* Names such as `on` or `123` are no strings without quotes. */ -}}
{{- define "livestream-exporter.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}

{{- define "livestream-exporter.labels" -}}
{{ include "livestream-exporter.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "livestream-exporter.serviceAccount" -}}
{{- .Values.serviceAccount.name | default (.Values.serviceAccount.create | ternary (include "livestream-exporter.name" .) "default") }}
{{- end }}

{{- /* The request of a probe; the argument is a list of the context and the path. */ -}}
{{- define "livestream-exporter.probe" -}}
{{- $probe := (index . 0).Values.probe -}}
{{- if eq $probe "tcp" }}tcpSocket: {port: metrics}{{ else }}httpGet: {path: {{ index . 1 }}, port: metrics, scheme: {{ upper $probe }}}{{ end }}
{{- end }}

{{- /* Links are lost if a tool copies the chart without them: then resources would be empty or absent. */ -}}
{{- define "livestream-exporter.missingFiles" -}}
{{- fail "the chart has no dashboards and no rules in files/, which are links: package it in a checkout with `helm package`, and install that archive" }}
{{- end }}
