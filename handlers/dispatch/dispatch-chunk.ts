import { Clock, Effect, Option } from "effect";
import { type Chunk, indexesOf, parseChunkId } from "#grid/chunk.ts";
import { knownTaskSeconds, slotsOf } from "#grid/chunk-size.ts";
import type { ApplicationDefinition } from "#grid/definition.ts";
import { Definition } from "#grid/definition-file.ts";
import { BrokenRecord } from "#grid/errors.ts";
import type { JobRecord } from "#grid/job.ts";
import { type ChunkRecord, isDone } from "#grid/ledger/chunk-record.ts";
import { Ledger } from "#grid/ledger.ts";
import { encodePack } from "#grid/message.ts";
import { taskQueueName } from "#grid/names.ts";
import { hasOutcome, isFull } from "#grid/outcomes.ts";
import { type IndexedTask, type Packing, packTasks } from "#grid/packing.ts";
import { Queues } from "#grid/queues.ts";
import { inRanges, toRanges } from "#grid/ranges.ts";
import { TaskStore } from "#grid/task-store.ts";
import type { DispatchInput } from "#state-machines/payloads.ts";
import { answerChunk } from "../chunk-answer.ts";

/**
 * Sends every task of a chunk that has no outcome yet, so that a retry, a redrive or a sweep re-sends only what is missing. Of a chunk that
 * needs nothing any more it ends the waiting state at once. Returns how many tasks it sent.
 */
export const dispatchChunk = Effect.fn("dispatchChunk")(function* (input: DispatchInput) {
  const { job, chunk, epoch, lane, token } = input;
  const ledger = yield* Ledger;
  const now = yield* Clock.currentTimeMillis;
  const record = yield* ledger.openChunk(job.jobId, chunk, { token, epoch, lane, now: new Date(now) });
  const ended = yield* endedRecord(record);
  if (ended !== undefined) {
    yield* answerChunk(job.application, ended, token);
    yield* Effect.logInfo("nothing to send", { state: ended.state });
    return 0;
  }
  if (now >= input.deadline) {
    yield* Effect.logWarning("not sent: the job's time is over", { deadline: input.deadline });
    return 0;
  }
  const tasks = yield* tasksToSend(input, record);
  yield* sendPacks(input, packTasks(tasks, yield* packingOf(input)));
  return tasks.length;
});

/** The record of a chunk that needs no more work: it has all outcomes, or its tasks went into the next round. */
const endedRecord = Effect.fnUntraced(function* (record: ChunkRecord) {
  if (isDone(record) || record.state === "frozen") return record;
  const { jobId, chunk, outcomes } = record;
  if (!isFull(outcomes, chunk.count)) return undefined;
  const ledger = yield* Ledger;
  return Option.getOrUndefined(yield* ledger.fillChunk(jobId, chunk.chunk, outcomes));
});

const tasksToSend = Effect.fnUntraced(function* ({ chunk, tasksKey }: DispatchInput, { outcomes }: ChunkRecord) {
  const store = yield* TaskStore;
  const lines = yield* store.readTasks(tasksKey, chunk);
  const tasks: IndexedTask[] = [];
  for (const index of inRanges(indexesOf(chunk))) {
    if (hasOutcome(outcomes, index)) continue;
    const line = lines[index - chunk.first];
    if (line === undefined) {
      return yield* new BrokenRecord({
        message: `chunk ${chunk.chunk}: there is no line of task ${index} in bytes ${chunk.start} to ${chunk.end} of ${tasksKey}`,
      });
    }
    tasks.push({ index, line });
  }
  return tasks;
});

const packingOf = Effect.fnUntraced(function* ({ job, chunk }: DispatchInput) {
  const ledger = yield* Ledger;
  const { applications, pools } = yield* Definition;
  const application = applications[job.application];
  const pool = pools[job.pool];
  if (application === undefined || pool === undefined) {
    return yield* new BrokenRecord({
      message: `job ${job.jobId}: there is no application ${job.application} with a pool ${job.pool} in this grid any more`,
    });
  }
  const measured = Option.getOrUndefined(yield* ledger.taskSeconds(job.application));
  const record = Option.getOrUndefined(yield* ledger.getJob(job.jobId));
  return packing(application, slotsOf(pool), measured, record === undefined ? 0 : tasksBehind(chunk, record));
});

const packing = (
  application: ApplicationDefinition,
  slots: number,
  measured: number | undefined,
  behind: number,
): Packing => ({
  targetSeconds: application.pack.targetSeconds,
  maxTasks: application.pack.maxTasks,
  taskSeconds: knownTaskSeconds(application, measured),
  slots,
  tasksBehind: behind,
});

/** Tasks of a chunk's round that come after it. A further round is as if its other chunks all came after. */
function tasksBehind(chunk: Chunk, { plan, rounds }: Pick<JobRecord, "plan" | "rounds">): number {
  const { round } = parseChunkId(chunk.chunk);
  if (round === 0) return Math.max(0, (plan?.total ?? 0) - chunk.first - chunk.count);
  return ((rounds[round - 1]?.chunks ?? 1) - 1) * chunk.count;
}

const sendPacks = Effect.fnUntraced(function* (
  { job, chunk, epoch, lane, deadline }: DispatchInput,
  packs: readonly (readonly IndexedTask[])[],
) {
  const queues = yield* Queues;
  const grid = yield* Definition;
  const header = {
    v: 1,
    job: job.jobId,
    application: job.application,
    chunk: chunk.chunk,
    epoch,
    attempt: 1,
    lane,
    priority: job.priority,
    deadline,
  } as const;
  const messages = packs.map((pack) => ({
    body: encodePack(
      { ...header, indexes: toRanges(pack.map(({ index }) => index)) },
      pack.map(({ line }) => line),
    ),
  }));
  yield* queues.sendAll(taskQueueName(grid.name, job.pool, job.priority), messages);
  yield* Effect.logInfo("sent", { messages: messages.length });
});
