{{- define "alaas.name" -}}
{{- if contains "alaas" .Release.Name -}}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{- else -}}{{ printf "%s-alaas" .Release.Name | trunc 50 | trimSuffix "-" }}{{- end -}}
{{- end -}}

{{- define "alaas.labels" -}}
app.kubernetes.io/name: alaas
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "alaas.serviceAccount" -}}
{{- .Values.serviceAccount.name | default (.Values.serviceAccount.create | ternary (include "alaas.name" .) "default") -}}
{{- end -}}

{{- /* The pod of a part. Takes a dict: root, part, replaced: what is of its own. */ -}}
{{- define "alaas.pod" -}}
{{- $root := .root -}}
metadata:
  labels:
    app.kubernetes.io/name: alaas
    app.kubernetes.io/instance: {{ $root.Release.Name }}
    app.kubernetes.io/component: {{ .part }}
  annotations:
    # Pods begin anew when what they are told changes.
    checksum/config: {{ include (print $root.Template.BasePath "/configmap.yaml") $root | sha256sum }}
    checksum/secret: {{ include (print $root.Template.BasePath "/secret.yaml") $root | sha256sum }}
spec:
  serviceAccountName: {{ include "alaas.serviceAccount" $root }}
  automountServiceAccountToken: false
  # Else the address of a service called alaas arrives as ALAAS_…, which would be read as settings.
  enableServiceLinks: false
  terminationGracePeriodSeconds: 30
  securityContext:
    runAsNonRoot: true
    runAsUser: 10001
    runAsGroup: 10001
    fsGroup: 10001
    seccompProfile:
      type: RuntimeDefault
  {{- with $root.Values.image.pullSecrets }}
  imagePullSecrets:
    {{- range . }}
    - name: {{ . }}
    {{- end }}
  {{- end }}
  containers:
    - name: {{ .part }}
      image: "{{ $root.Values.image.repository }}:{{ $root.Values.image.tag | default $root.Chart.AppVersion }}"
      imagePullPolicy: {{ $root.Values.image.pullPolicy }}
      {{- toYaml .own | nindent 6 }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities:
          drop: ["ALL"]
      env:
        - name: ALAAS_STORE_URL
          valueFrom:
            secretKeyRef:
              name: {{ $root.Values.store.existingSecret | default (printf "%s-store" (include "alaas.name" $root)) }}
              key: {{ $root.Values.store.key }}
        {{- if eq .part "server" }}
        - name: ALAAS_SERVER_HOST
          value: "0.0.0.0"
        - name: ALAAS_SERVER_PORT
          value: "8081"
        # Workers do the jobs, so that answers do not wait for them.
        - name: ALAAS_SERVER_JOBS
          value: "{{ ternary 1 0 (and (eq (int $root.Values.worker.replicas) 0) (not $root.Values.worker.autoscaling.enabled)) }}"
        {{- end }}
        {{- range $name, $value := $root.Values.env }}
        - name: {{ $name }}
          value: {{ $value | quote }}
        {{- end }}
      {{- with $root.Values.envFromSecrets }}
      envFrom:
        {{- range . }}
        - secretRef:
            name: {{ . }}
        {{- end }}
      {{- end }}
      volumeMounts:
        - {name: config, mountPath: /etc/alaas, readOnly: true}
        - {name: scratch, mountPath: /var/lib/alaas}
        - {name: temporary, mountPath: /tmp}
        {{- if $root.Values.models.persistence.enabled }}
        - {name: models, mountPath: /var/lib/alaas/cache/alaas/models}
        {{- end }}
  volumes:
    - name: config
      configMap:
        name: {{ include "alaas.name" $root }}
    - name: scratch
      emptyDir:
        sizeLimit: {{ $root.Values.scratch.size }}
    - name: temporary
      emptyDir: {}
    {{- if $root.Values.models.persistence.enabled }}
    - name: models
      persistentVolumeClaim:
        claimName: {{ $root.Values.models.persistence.existingClaim | default (printf "%s-models" (include "alaas.name" $root)) }}
    {{- end }}
  {{- with $root.Values.nodeSelector }}
  nodeSelector: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $root.Values.tolerations }}
  tolerations: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $root.Values.affinity }}
  affinity: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}

{{- /* The head of a Deployment and its selector. Takes a dict: root, part. */ -}}
{{- define "alaas.deployment" -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "alaas.name" .root }}-{{ .part }}
  labels:
    {{- include "alaas.labels" .root | nindent 4 }}
    app.kubernetes.io/component: {{ .part }}
{{- end -}}

{{- define "alaas.selector" -}}
app.kubernetes.io/name: alaas
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end -}}

{{- /* Takes a dict: root, part. */ -}}
{{- define "alaas.autoscaler" -}}
{{- $scaling := (index .root.Values .part).autoscaling -}}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {{ include "alaas.name" .root }}-{{ .part }}
  labels:
    {{- include "alaas.labels" .root | nindent 4 }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {{ include "alaas.name" .root }}-{{ .part }}
  minReplicas: {{ $scaling.minReplicas }}
  maxReplicas: {{ $scaling.maxReplicas }}
  metrics:
    - type: Resource
      resource:
        name: cpu
        target:
          type: Utilization
          averageUtilization: {{ $scaling.targetCPUUtilizationPercentage }}
{{- end -}}
