/** Names that several parts must agree on: queues, environment variables, places in an image, keys in the bucket. */

export const PRIORITIES = ["high", "normal", "low"] as const;
export type Priority = (typeof PRIORITIES)[number];

/** The queue that holds a pool's packs of one priority. */
export const taskQueueName = (grid: string, pool: string, priority: Priority) => `${grid}-${pool}-${priority}`;

/** `bulk`: jobs of several chunks, large batches and a window of a second. `fast`: the others, no window. */
export const COMPLETION_LANES = ["bulk", "fast"] as const;
export type CompletionLane = (typeof COMPLETION_LANES)[number];

export const completionQueueName = (grid: string, lane: CompletionLane) => `${grid}-completions-${lane}`;

/** The DynamoDB table of jobs and chunks. */
export const ledgerName = (grid: string) => `${grid}-ledger`;

/** The bucket of inputs, tasks and results. Bucket names are global: account and region make this one the grid's own. */
export const bucketName = (grid: string, account: string, region: string) => `${grid}-${account}-${region}`;

/** Environment variables of Lambdas and containers. Each process lists those it reads in its own settings. */
export const ENV = {
  /** Name of the grid: the prefix of its queues. */
  grid: "BURSTGRID_GRID",
  /** DynamoDB table of jobs and chunks. */
  ledger: "BURSTGRID_LEDGER",
  /** S3 bucket of inputs, tasks and results. */
  bucket: "BURSTGRID_BUCKET",
  /** EventBridge bus of the grid. */
  bus: "BURSTGRID_BUS",
  /** Of the intake: whose access tokens it takes; `none` lets everybody in, empty nobody. */
  intakeIssuer: "BURSTGRID_INTAKE_ISSUER",
  /** Of the intake: what a token must have in `aud`. */
  intakeAudience: "BURSTGRID_INTAKE_AUDIENCE",
  /** Of the intake: the claim that names the applications a caller may use. */
  intakeApplicationsClaim: "BURSTGRID_INTAKE_APPLICATIONS_CLAIM",
  /** The pool that a worker serves. */
  pool: "BURSTGRID_POOL",
  /** Tasks that a worker runs at a time. */
  slots: "BURSTGRID_SLOTS",
  /** Mount point of the shared file system. */
  sharedFolder: "BURSTGRID_SHARED_FOLDER",
  /** Of a master: `split`, `index` or `merge`. */
  phase: "BURSTGRID_PHASE",
  /** Of a master: the job. */
  jobId: "BURSTGRID_JOB_ID",
  /** Of a master: the callback token of the state that started it. */
  taskToken: "BURSTGRID_TASK_TOKEN",
  /** Of the launcher: the EKS cluster, the URL of its API server, and its certificate authority, PEM in Base64. */
  cluster: "BURSTGRID_CLUSTER",
  clusterEndpoint: "BURSTGRID_CLUSTER_ENDPOINT",
  clusterCertificateAuthority: "BURSTGRID_CLUSTER_CERTIFICATE_AUTHORITY",
  /** Of a pod: its uid. */
  podUid: "BURSTGRID_POD_UID",
} as const;

/** In an image: bundles and `grid.json` lie here; user files and the working folder of user code in FILES_FOLDER. */
export const IMAGE_FOLDER = "/app";
export const FILES_FOLDER = "/app/files";

/** Written at synth into every Lambda's code and every image, beside the bundle: a GridDefinition. */
export const DEFINITION_FILE = "grid.json";

/** Kubernetes namespace of masters and workers. */
export const NAMESPACE = "grid";
/** Service account of masters; each pool's workers have one of their own. */
export const MASTER_SERVICE_ACCOUNT = "grid-master";
/** PersistentVolumeClaim of the shared file system, and where it is mounted. */
export const SHARED_CLAIM = "grid-shared";
export const SHARED_MOUNT = "/fsx";

/** Keys of one job in the bucket. The layout of results is a public surface: see docs/results.md. */
export const jobKeys = {
  prefix: (jobId: string) => `jobs/${jobId}/`,
  input: (jobId: string) => `jobs/${jobId}/input.json`,
  inlineTasks: (jobId: string) => `jobs/${jobId}/inline/tasks.jsonl`,
  inlineChunks: (jobId: string) => `jobs/${jobId}/inline/chunks.jsonl`,
  tasks: (jobId: string, podUid: string) => `jobs/${jobId}/split/${podUid}/tasks.jsonl`,
  chunks: (jobId: string, podUid: string) => `jobs/${jobId}/split/${podUid}/chunks.jsonl`,
  roundChunks: (jobId: string, round: number) => `jobs/${jobId}/rounds/${round}/chunks.jsonl`,
  mapRuns: (jobId: string) => `jobs/${jobId}/map-runs`,
  segment: (jobId: string, segment: string) => `jobs/${jobId}/results/${segment}.jsonl`,
  output: (jobId: string, index: number, attemptId: string) => `jobs/${jobId}/outputs/${index}-${attemptId}.json`,
  manifest: (jobId: string) => `jobs/${jobId}/results.json`,
  failed: (jobId: string, redrive: number) => `jobs/${jobId}/failed-${redrive}.jsonl`,
  result: (jobId: string, podUid: string) => `jobs/${jobId}/result/${podUid}`,
} as const;
