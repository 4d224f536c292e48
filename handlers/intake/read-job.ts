import { Effect, Option, Schema } from "effect";
import { JobView, viewOf } from "#grid/api.ts";
import { JobId } from "#grid/job.ts";
import { Ledger } from "#grid/ledger.ts";
import { json } from "./answer.ts";
import { HttpProblem } from "./http-problem.ts";
import { mayUse, type Principal } from "./principal.ts";

const isJobId = Schema.is(JobId);

/** A job of an application that the caller may use. Others are answered as if they were not there. */
export const visibleJob = Effect.fnUntraced(function* (jobId: string, principal: Principal) {
  const ledger = yield* Ledger;
  const job = isJobId(jobId) ? Option.getOrUndefined(yield* ledger.getJob(jobId)) : undefined;
  if (job !== undefined && mayUse(principal, job.application)) return job;
  return yield* new HttpProblem({
    status: 404,
    detail: `there is no job ${jobId} that the token permits; one that was just submitted is there within seconds`,
  });
});

const encodeView = Schema.encodeSync(JobView);

export const readJob = Effect.fn("readJob")(function* (jobId: string, principal: Principal) {
  return json(200, encodeView(viewOf(yield* visibleJob(jobId, principal))));
});
