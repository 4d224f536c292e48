import { Schema } from "effect";
import { JobRequest } from "./events.ts";
import { JOB_STATES, JobError, JobId, type JobRecord } from "./job.ts";
import { PRIORITIES } from "./names.ts";

/** What the intake serves over HTTP: the operations, what they take and what they answer. The OpenAPI document is made from this. */

export const MEDIA_TYPES = {
  json: "application/json",
  jsonLines: "application/jsonl",
  problem: "application/problem+json",
} as const;
type MediaType = (typeof MEDIA_TYPES)[keyof typeof MEDIA_TYPES];

/** Most bytes of a request's body: with the envelope of an event, an execution takes 256 KiB. */
export const MAX_REQUEST_BYTES = 192 * 1024;

const Submitted = Schema.Struct({ jobId: JobId });

/** A job as its owner sees it. What is not known yet is null. */
export const JobView = Schema.Struct({
  jobId: Schema.String,
  application: Schema.String,
  state: Schema.Literals(JOB_STATES),
  priority: Schema.Literals(PRIORITIES),
  tasks: Schema.Struct({
    total: Schema.NullOr(Schema.Int),
    succeeded: Schema.Int,
    failed: Schema.Int,
  }).annotate({ description: "How many tasks the job has, once it is split, and how many have ended which way" }),
  tags: Schema.Record(Schema.String, Schema.String),
  submittedAt: Schema.String.annotate({ description: "ISO 8601" }),
  startedAt: Schema.NullOr(Schema.String),
  finishedAt: Schema.NullOr(Schema.String),
  resultUri: Schema.NullOr(Schema.String).annotate({
    description: "S3 URI of what the merge made, or of the manifest of the results; of a job that succeeded",
  }),
  error: Schema.NullOr(JobError),
});
export type JobView = typeof JobView.Type;

export const viewOf = (job: JobRecord): JobView => ({
  jobId: job.jobId,
  application: job.application,
  state: job.state,
  priority: job.priority,
  tasks: { total: job.plan?.total ?? null, succeeded: job.succeeded, failed: job.failed },
  tags: job.tags,
  submittedAt: job.submittedAt,
  startedAt: job.startedAt ?? null,
  finishedAt: job.finishedAt ?? null,
  resultUri: job.resultUri ?? null,
  error: job.error ?? null,
});

const ResultRow = Schema.Union([
  Schema.Struct({ index: Schema.Int, output: Schema.Json }),
  Schema.Struct({ index: Schema.Int, outputUri: Schema.String, bytes: Schema.Int }),
  Schema.Struct({ index: Schema.Int, error: JobError, attempts: Schema.Int }),
]).annotate({ description: "A task's output, the S3 URI of one of more than 256 KiB, or its error" });

export const ResultsQuery = Schema.Struct({
  from: Schema.optionalKey(
    Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)).annotate({
      description: "The first task index wanted. Default 0. The header `link` of an answer has the one to go on with.",
    }),
  ),
  limit: Schema.optionalKey(
    Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 10_000 })).annotate({
      description: "Rows in an answer at most; there may be fewer, for an answer has 1 MB at most. Default 1,000.",
    }),
  ),
  failed: Schema.optionalKey(
    Schema.Boolean.annotate({ description: "true: only the rows of tasks that failed. Default false." }),
  ),
});
export type ResultsQuery = typeof ResultsQuery.Type;

export const FieldProblem = Schema.Struct({
  pointer: Schema.String.annotate({ description: "JSON Pointer of the field, or the name of a header or parameter" }),
  detail: Schema.String,
});
export type FieldProblem = typeof FieldProblem.Type;

/** RFC 9457. */
export const Problem = Schema.Struct({
  type: Schema.String,
  title: Schema.String,
  status: Schema.Int,
  detail: Schema.String,
  errors: Schema.optionalKey(Schema.Array(FieldProblem)),
});

/** The Schemas that the OpenAPI document names. */
export const COMPONENTS = { JobRequest, Submitted, JobView, ResultRow, Problem } as const;
export type Component = keyof typeof COMPONENTS;

export interface Operation {
  readonly method: "GET" | "POST";
  /** With the job's id as `{jobId}`. */
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  /** False: anybody may ask. */
  readonly authenticated: boolean;
  readonly body?: Component;
  readonly query?: { readonly fields: Readonly<Record<string, Schema.Top>> };
  /** Optional request headers: what each is for. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly answers: Readonly<Record<number, Answer>>;
  /** Statuses that come as a problem, besides those that any operation may answer. */
  readonly problems: readonly ProblemStatus[];
}

interface Answer {
  readonly description: string;
  readonly mediaType?: MediaType;
  /** Of the body, or for JSON lines of each line. */
  readonly schema?: Component;
  /** Response headers: what each says. */
  readonly headers?: Readonly<Record<string, string>>;
}

const PROBLEM_STATUSES = [400, 401, 403, 404, 405, 409, 413, 415, 500, 501, 503] as const;
export const ProblemStatus = Schema.Literals(PROBLEM_STATUSES);
export type ProblemStatus = typeof ProblemStatus.Type;

/** When each problem is answered. */
export const PROBLEMS = {
  400: ["Bad Request", "Something in the request does not fit; `errors` names it"],
  401: ["Unauthorized", "No bearer token, or one that is not valid here"],
  403: ["Forbidden", "The token does not permit the application"],
  404: ["Not Found", "There is no such job, or the token does not permit its application"],
  405: ["Method Not Allowed", "The path has other methods; `allow` names them"],
  409: ["Conflict", "Another application has a job of that id"],
  413: ["Content Too Large", "The body has more bytes than a request may have"],
  415: ["Unsupported Media Type", "The body is not application/json"],
  500: ["Internal Server Error", "The grid's records are not as it wrote them"],
  501: ["Not Implemented", "This version of the grid does not serve the request"],
  503: ["Service Unavailable", "The grid's storage or the issuer of tokens did not answer; try again"],
} as const satisfies Record<ProblemStatus, readonly [title: string, when: string]>;

const jobAnswer = (status: 200 | 202, description: string): Record<number, Answer> => ({
  [status]: { description, mediaType: MEDIA_TYPES.json, schema: "Submitted", headers: { location: "URI of the job" } },
});

const unserved = (verb: string): Omit<Operation, "path"> => ({
  method: "POST",
  summary: `${verb} a job`,
  description: "Not served by this version of the grid: answered with 501.",
  authenticated: true,
  answers: {},
  problems: [404, 501],
});

export const OPERATIONS = {
  submitJob: {
    method: "POST",
    path: "/jobs",
    summary: "Submit a job",
    description:
      "Publishes the event `Grid Job Requested`. A job id makes a repeated request harmless: the first one counts. " +
      "The job can be read once the grid has taken the event, mostly within a second or two.",
    authenticated: true,
    body: "JobRequest",
    headers: { "idempotency-key": "The job's id, in place of the body's `jobId`" },
    answers: {
      ...jobAnswer(202, "The request is on the grid's bus"),
      ...jobAnswer(200, "The application has a job of that id already; nothing was published"),
    },
    problems: [400, 403, 409, 413, 415],
  },
  getJob: {
    method: "GET",
    path: "/jobs/{jobId}",
    summary: "A job's state",
    authenticated: true,
    answers: { 200: { description: "The job", mediaType: MEDIA_TYPES.json, schema: "JobView" } },
    problems: [404],
  },
  getResults: {
    method: "GET",
    path: "/jobs/{jobId}/results",
    summary: "A job's results, a line a task, in task order",
    description:
      "Of a job that still runs: the results so far; tasks that end later may come before those already read.",
    authenticated: true,
    query: ResultsQuery,
    answers: {
      200: {
        description: "A page of rows; empty when there are none",
        mediaType: MEDIA_TYPES.jsonLines,
        schema: "ResultRow",
        headers: { link: 'The next page, `<?from=…>; rel="next"`; absent on the last one' },
      },
    },
    problems: [400, 404],
  },
  cancelJob: { ...unserved("Cancel"), path: "/jobs/{jobId}/cancel" },
  retryJob: { ...unserved("Retry"), path: "/jobs/{jobId}/retry" },
  getDocument: {
    method: "GET",
    path: "/openapi.json",
    summary: "This document",
    authenticated: false,
    answers: { 200: { description: "OpenAPI 3.1", mediaType: MEDIA_TYPES.json } },
    problems: [],
  },
} as const satisfies Record<string, Operation>;
export type OperationId = keyof typeof OPERATIONS;
