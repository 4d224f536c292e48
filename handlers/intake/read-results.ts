import { Effect, Result, Schema } from "effect";
import { ResultsQuery } from "#grid/api.ts";
import { AwsError, toAwsError } from "#grid/aws.ts";
import { BrokenRecord } from "#grid/errors.ts";
import type { JobRecord } from "#grid/job.ts";
import { ResultStore } from "#grid/result-store.ts";
import { jsonLines } from "./answer.ts";
import { badFields } from "./http-problem.ts";
import { type HttpRequest, queryOf } from "./load-balancer.ts";
import type { Principal } from "./principal.ts";
import { visibleJob } from "./read-job.ts";
import { nextLink, pageOf, type ResultsPage } from "./results-page.ts";

const DEFAULT_LIMIT = 1000;

const decodeQuery = Schema.decodeUnknownResult(Schema.toCodecStringTree(ResultsQuery), {
  errors: "all",
  onExcessProperty: "error",
});

/** One page of a job's rows. */
export const readResults = Effect.fn("readResults")(function* (
  request: HttpRequest,
  jobId: string,
  principal: Principal,
) {
  const decoded = decodeQuery(queryOf(request));
  if (Result.isFailure(decoded)) return yield* badFields(decoded.failure, ([name]) => String(name));
  const query = decoded.success;
  const { lines, next } = yield* readPage(yield* visibleJob(jobId, principal), query);
  return jsonLines(lines, next === undefined ? {} : { link: nextLink(next, query) });
});

const NOTHING: ResultsPage = { lines: [], next: undefined };

const readPage = Effect.fnUntraced(function* (
  job: JobRecord,
  { from = 0, limit = DEFAULT_LIMIT, failed = false }: ResultsQuery,
) {
  if (job.plan === undefined) return NOTHING;
  const results = yield* ResultStore;
  return yield* Effect.tryPromise({
    try: () => pageOf(results.rows(job, { from, failedOnly: failed }), limit),
    catch: (cause) =>
      cause instanceof AwsError || cause instanceof BrokenRecord ? cause : toAwsError("ResultStore.rows", cause),
  });
});
