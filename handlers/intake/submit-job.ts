import { randomUUID } from "node:crypto";
import { Effect, Option } from "effect";
import { GridBus } from "#grid/bus.ts";
import { Definition } from "#grid/definition-file.ts";
import { DETAIL_TYPES, type JobRequest } from "#grid/events.ts";
import { jobIdOf } from "#grid/job.ts";
import { Ledger } from "#grid/ledger.ts";
import { jobKeys } from "#grid/names.ts";
import { Objects } from "#grid/objects.ts";
import { checkRequest } from "../accept/check-request.ts";
import { json } from "./answer.ts";
import { badField, HttpProblem } from "./http-problem.ts";
import { jobOf } from "./job-body.ts";
import type { HttpRequest } from "./load-balancer.ts";
import { mayUse, type Principal } from "./principal.ts";

/** Publishes the event that asks for a job, unless the application has a job of that id. */
export const submitJob = Effect.fn("submitJob")(function* (request: HttpRequest, principal: Principal) {
  const wanted = jobOf(request);
  if (wanted instanceof HttpProblem) return yield* wanted;
  const { application } = wanted;
  if (!mayUse(principal, application)) {
    return yield* new HttpProblem({ status: 403, detail: `the token does not permit the application ${application}` });
  }
  const jobId = jobIdOf(application, randomUUID(), wanted.jobId);
  const job = { ...wanted, jobId };
  yield* checkJob(job, principal);

  const ledger = yield* Ledger;
  const existing = yield* ledger.getJob(jobId);
  if (Option.isSome(existing)) {
    if (existing.value.application === application) return submitted(200, jobId);
    return yield* new HttpProblem({ status: 409, detail: `another application has a job ${jobId}: choose another id` });
  }
  const bus = yield* GridBus;
  yield* bus.publish(DETAIL_TYPES.requested, job);
  yield* Effect.logInfo("submitted", { job: jobId, application });
  return submitted(202, jobId);
});

/** The URI is relative to the request's own, whatever stands before it. */
const submitted = (status: 200 | 202, jobId: string) => json(status, { jobId }, { location: `jobs/${jobId}` });

/** What Accept would refuse later. An input in S3 is left to it: it may be large, and only Accept may be let read it. */
const checkJob = Effect.fnUntraced(function* (job: JobRequest & { readonly jobId: string }, principal: Principal) {
  const { applications } = yield* Definition;
  const definition = applications[job.application];
  if (definition === undefined) {
    const known = Object.keys(applications).filter((name) => mayUse(principal, name));
    return yield* badField(
      "#/application",
      `there is no application "${job.application}" (yours: ${known.join(", ")})`,
    );
  }
  yield* ownObjects(job);
  if (job.inputUri !== undefined) return;
  yield* checkRequest({ definition, job }).pipe(
    Effect.catchTag("Grid.BadRequest", ({ message }) => new HttpProblem({ status: 400, detail: message })),
  );
});

/** In the grid's own bucket a job may only name what was put there for it: the grid can read every application's objects. */
const ownObjects = Effect.fnUntraced(function* (job: JobRequest & { readonly jobId: string }) {
  const objects = yield* Objects;
  const own = objects.uri(jobKeys.prefix(job.jobId));
  for (const field of ["inputUri", "tasksUri"] as const) {
    const uri = job[field];
    if (uri === undefined || !uri.startsWith(objects.uri("")) || uri.startsWith(own)) continue;
    return yield* badField(`#/${field}`, `expected an object of another bucket, or one below ${own}`);
  }
});
