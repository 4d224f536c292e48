import { ignored, list, type Of, object, oneOf, type Shape, text, wholeNumber } from "./fields.ts";
import { templateMetadata } from "./metadata-fields.ts";

const ONE_NODE = "every pod runs on this machine";
const OWN_USER = "pods are processes of the user who started the grid";
const OWN_LIMITS = "the machine's own limits hold";
const NO_IMAGES = "images are folders of this machine";
const NO_KUBELET = "a pod that hangs is left for you to look at";
const HOST_NETWORK = "pods share this machine's network";
const A_FOLDER = "a volume is a plain folder of this machine";
const BY_LOG = "the log of the pod tells";

const fieldRef: Shape<{ readonly fieldPath: string }> = object(
  {
    fieldPath: oneOf(
      [
        "metadata.name",
        "metadata.namespace",
        "metadata.uid",
        "spec.nodeName",
        "spec.serviceAccountName",
        "status.podIP",
      ],
      "the fields a pod has here",
    ),
  },
  { apiVersion: oneOf(["v1"], "the version of a pod") },
);

const environmentVariable = object({ name: text }, { value: text, valueFrom: object({ fieldRef }, {}) });

const volumeMount = object(
  { name: text, mountPath: text },
  { subPath: text, readOnly: ignored(A_FOLDER), recursiveReadOnly: ignored(A_FOLDER) },
);

const container = object(
  { name: text, image: text, command: list(text, { minimum: 1 }) },
  {
    args: list(text),
    workingDir: text,
    env: list(environmentVariable),
    volumeMounts: list(volumeMount),
    imagePullPolicy: ignored(NO_IMAGES),
    resources: ignored(OWN_LIMITS),
    ports: ignored(HOST_NETWORK),
    securityContext: ignored(OWN_USER),
    livenessProbe: ignored(NO_KUBELET),
    readinessProbe: ignored("no Service sends to pods here"),
    startupProbe: ignored(NO_KUBELET),
    terminationMessagePath: ignored(BY_LOG),
    terminationMessagePolicy: ignored(BY_LOG),
  },
);

const volume = object(
  { name: text },
  {
    emptyDir: object({}, { medium: ignored(A_FOLDER), sizeLimit: ignored(OWN_LIMITS) }),
    persistentVolumeClaim: object({ claimName: text }, { readOnly: ignored(A_FOLDER) }),
  },
);

const podSpecFields = {
  volumes: list(volume),
  terminationGracePeriodSeconds: wholeNumber(),
  serviceAccountName: text,
  serviceAccount: ignored("the old name of serviceAccountName"),
  automountServiceAccountToken: ignored("pods get their credentials from the environment"),
  securityContext: ignored(OWN_USER),
  nodeSelector: ignored(ONE_NODE),
  nodeName: ignored(ONE_NODE),
  affinity: ignored(ONE_NODE),
  tolerations: ignored(ONE_NODE),
  topologySpreadConstraints: ignored(ONE_NODE),
  schedulerName: ignored(ONE_NODE),
  priorityClassName: ignored("no pod waits for room here"),
  priority: ignored("no pod waits for room here"),
  preemptionPolicy: ignored("no pod waits for room here"),
  imagePullSecrets: ignored(NO_IMAGES),
  dnsPolicy: ignored(HOST_NETWORK),
  dnsConfig: ignored(HOST_NETWORK),
  enableServiceLinks: ignored("there are no Services here"),
  hostNetwork: ignored(HOST_NETWORK),
  shareProcessNamespace: ignored("pods share this machine's processes"),
};

/** A pod template whose pods have this restart policy. */
export function podTemplate(restartPolicy: "Never" | "Always", because: string) {
  const policy = oneOf([restartPolicy], because);
  const containers = list(container, { minimum: 1, maximum: 1 });
  const spec =
    restartPolicy === "Always"
      ? object({ containers }, { ...podSpecFields, restartPolicy: policy })
      : object({ containers, restartPolicy: policy }, podSpecFields);
  return object({ spec }, { metadata: templateMetadata });
}

export type ContainerSpec = Of<typeof container>;
type PodTemplate = Of<ReturnType<typeof podTemplate>>;
export type PodSpec = PodTemplate["spec"];
