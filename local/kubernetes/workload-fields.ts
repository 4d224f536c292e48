import { digits, ignored, list, type Of, object, oneOf, text, textMap, wholeNumber } from "./fields.ts";
import { podTemplate } from "./pod-fields.ts";

const ONE_POD = "a Job runs one pod at a time here";

const exitCodes = object(
  { operator: oneOf(["In", "NotIn"], "the operators of Kubernetes"), values: list(wholeNumber(), { minimum: 1 }) },
  { containerName: text },
);

const failureRule = object(
  { action: oneOf(["FailJob", "Ignore", "Count"], "FailIndex is for indexed Jobs") },
  { onExitCodes: exitCodes, onPodConditions: ignored("no node is drained and no pod evicted here") },
);

export const jobSpec = object(
  { template: podTemplate("Never", "a failed pod is followed by a new one, with its own uid") },
  {
    backoffLimit: wholeNumber(),
    activeDeadlineSeconds: wholeNumber(1),
    ttlSecondsAfterFinished: wholeNumber(),
    podFailurePolicy: object({ rules: list(failureRule) }, {}),
    completions: oneOf([1], ONE_POD),
    parallelism: oneOf([1], ONE_POD),
    completionMode: oneOf(["NonIndexed"], ONE_POD),
    suspend: oneOf([false], "a Job starts when it is created"),
    podReplacementPolicy: oneOf(["Failed", "TerminatingOrFailed"], "a pod is replaced when it is gone"),
  },
);

export const deploymentSpec = object(
  {
    selector: object({ matchLabels: textMap }, {}),
    template: podTemplate("Always", "a pod of a Deployment is replaced whenever it ends"),
  },
  {
    replicas: wholeNumber(),
    strategy: ignored("pods of an old template are replaced at once"),
    minReadySeconds: ignored("a pod is ready when it runs"),
    revisionHistoryLimit: ignored("no history is kept"),
    progressDeadlineSeconds: ignored("a pod starts at once"),
    paused: oneOf([false], "a Deployment acts on its template at once"),
  },
);

const sqsTrigger = object(
  {
    type: oneOf(["aws-sqs-queue"], "the trigger the grid uses"),
    metadata: object(
      { queueURL: text },
      {
        awsRegion: text,
        queueLength: digits(1),
        activationQueueLength: digits(0),
        scaleOnInFlight: oneOf(["true"], "the depth of a queue includes what is in flight"),
      },
    ),
  },
  {
    name: ignored("a name for logs"),
    metricType: oneOf(["AverageValue"], "replicas follow messages per replica"),
    authenticationRef: ignored("queues are in this process"),
  },
);

export const scaledObjectSpec = object(
  {
    scaleTargetRef: object(
      { name: text },
      {
        kind: oneOf(["Deployment"], "what can be scaled here"),
        apiVersion: oneOf(["apps/v1"], "what can be scaled here"),
      },
    ),
    triggers: list(sqsTrigger, { minimum: 1 }),
  },
  {
    minReplicaCount: wholeNumber(),
    maxReplicaCount: wholeNumber(1),
    cooldownPeriod: wholeNumber(),
    pollingInterval: ignored("queues are looked at several times a second"),
    fallback: ignored("queues are in this process and always tell their depth"),
    advanced: object(
      {},
      {
        horizontalPodAutoscalerConfig: ignored("replicas are set by a rule of the local grid, not by an autoscaler"),
        restoreToOriginalReplicaCount: oneOf([false], "a Deployment keeps the replicas it last had"),
      },
    ),
  },
);

export type JobSpec = Of<typeof jobSpec>;
export type DeploymentSpec = Of<typeof deploymentSpec>;
export type ScaledObjectSpec = Of<typeof scaledObjectSpec>;
