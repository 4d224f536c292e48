import { Effect, Option } from "effect";
import { GridBus } from "#grid/bus.ts";
import { chunkSizeOf, maxConcurrencyOf } from "#grid/chunk-size.ts";
import { Definition } from "#grid/definition-file.ts";
import { BadRequest } from "#grid/errors.ts";
import { DETAIL_TYPES } from "#grid/events.ts";
import type { JobRecord } from "#grid/job.ts";
import { Ledger } from "#grid/ledger.ts";
import { Objects } from "#grid/objects.ts";
import { TaskStore } from "#grid/task-store.ts";
import type { AcceptInput, Duplicate, StateJob } from "#state-machines/payloads.ts";
import { isServable, type ServableRequest, type WantedJob, wantedJobs } from "../job-request.ts";
import { recordApplicationMetrics } from "../metrics.ts";
import { type Brought, checkRequest } from "./check-request.ts";
import { chunksOf, inlinePlan } from "./inline-plan.ts";
import { recordOf } from "./record.ts";

/**
 * Records the job that an event asks for, once, and readies it for the states that follow. An event that was delivered before is answered
 * as a duplicate. A request that cannot be served is recorded too, so that its failure can be published, and then fails with BadRequest.
 */
export const acceptEvent = Effect.fn("acceptEvent")(function* (input: AcceptInput) {
  const taken = yield* takeJob(input);
  if ("next" in taken) {
    yield* Effect.logInfo("delivered before", taken);
    return taken;
  }
  const { wanted, record } = taken;
  return yield* startJob(wanted, record).pipe(Effect.annotateLogs({ job: record.jobId }));
});

/** The first job wanted that no other execution has; when others have them all, the duplicate. */
const takeJob = Effect.fnUntraced(function* (input: AcceptInput) {
  const ledger = yield* Ledger;
  const objects = yield* Objects;
  const definition = yield* Definition;
  let duplicate: typeof Duplicate.Type | undefined;
  for (const wanted of wantedJobs(input.event, definition)) {
    const record = recordOf(wanted, input, objects.uri);
    const result = yield* ledger.recordJob(record);
    if (result.recorded) return { wanted, record };
    const { jobId, executionArn } = result.existing;
    duplicate ??= { next: "duplicate", jobId, executionArn };
  }
  return duplicate!;
});

const startJob = Effect.fnUntraced(function* ({ jobId, request }: WantedJob, record: JobRecord) {
  if (!isServable(request)) {
    yield* Effect.logWarning("refused", { problem: request.problem });
    return yield* new BadRequest({ message: `job ${jobId}: ${request.problem}` });
  }
  const brought = yield* checkRequest(request).pipe(
    Effect.catchTag("Grid.BadRequest", ({ message }) => new BadRequest({ message: `job ${jobId}: ${message}` })),
  );
  const job = yield* ready(request, record, brought);
  const bus = yield* GridBus;
  const { application, executionArn, tags, submittedAt, startedAt } = record;
  yield* bus.publish(DETAIL_TYPES.started, {
    jobId,
    application,
    executionArn,
    tags,
    submittedAt,
    startedAt: startedAt ?? submittedAt,
  });
  yield* Effect.logInfo("accepted", { application, next: job.next, phase: job.phase });
  yield* recordApplicationMetrics(application, jobId, { jobsAccepted: [1] });
  return job;
});

/** Stores what the job brought. A few inline tasks need no master: their plan is claimed here. */
const ready = Effect.fnUntraced(function* (
  { definition, job }: ServableRequest,
  { jobId, priority, deadlineSeconds }: JobRecord,
  { input, tasks: lines }: Brought,
) {
  const ledger = yield* Ledger;
  const tasks = yield* TaskStore;
  const { pools } = yield* Definition;
  const chunkSize = chunkSizeOf(definition, Option.getOrUndefined(yield* ledger.taskSeconds(definition.name)));
  if (input !== undefined) yield* tasks.putInput(jobId, input);
  if (lines !== undefined) {
    const chunks = chunksOf(lines, chunkSize);
    yield* tasks.putInlineTasks(jobId, lines, chunks);
    yield* ledger.claimPlan(jobId, inlinePlan(jobId, chunks, lines.length));
  }
  const bringsTasks = lines !== undefined || job.tasksUri !== undefined;
  return {
    next: lines === undefined ? "prepare" : "ready",
    jobId,
    application: definition.name,
    pool: definition.pool,
    priority,
    phase: bringsTasks ? "index" : "split",
    deadlineSeconds,
    maxConcurrency: maxConcurrencyOf(definition, pools[definition.pool]!, chunkSize),
    failFast: definition.failFast,
  } satisfies StateJob;
});
