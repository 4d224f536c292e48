import type { Context } from "aws-lambda";
import type { Chunk } from "#grid/chunk.ts";
import { ChunkIndex } from "#grid/chunk-index.ts";
import { encodeSection } from "#grid/completion.ts";
import type { JobRecord } from "#grid/job.ts";
import { toRanges } from "#grid/ranges.ts";
import { errorRow, outputRow } from "#grid/result-row.ts";
import { chunkLine } from "#grid/task-store.ts";
import type { DispatchInput, StateJob } from "#state-machines/payloads.ts";
import { jobRecord, type Parts } from "./parts.ts";

export const context = {} as Context;

/** A job of `total` tasks in chunks of `size` that was split: task n is the line `{"n":<n>}`. */
export async function splitJob(
  parts: Parts,
  total: number,
  size: number,
  changes: Partial<JobRecord>,
): Promise<Chunk[]> {
  const job = jobRecord(changes);
  const lines = Array.from({ length: total }, (_, n) => `{"n":${n}}\n`);
  const index = new ChunkIndex(size);
  const chunks = [...lines.map((line) => index.add(line.length)), index.end()].filter((chunk) => chunk !== undefined);
  const tasksKey = tasksKeyOf(job.jobId);
  const chunksKey = `jobs/${job.jobId}/split/pod/chunks.jsonl`;
  await parts.run(parts.objects.put(tasksKey, lines.join("")));
  await parts.run(parts.objects.put(chunksKey, chunks.map(chunkLine).join("")));
  await parts.run(parts.ledger.recordJob(job));
  await parts.run(parts.ledger.claimPlan(job.jobId, { tasksKey, chunksKey, chunks: chunks.length, total, round: 0 }));
  return chunks;
}

const tasksKeyOf = (jobId: string) => `jobs/${jobId}/split/pod/tasks.jsonl`;

export const stateJob = (jobId: string, application = "squares"): StateJob => ({
  next: "prepare",
  jobId,
  application,
  pool: "general",
  priority: "normal",
  phase: "split",
  deadlineSeconds: 3600,
  maxConcurrency: 100,
  failFast: false,
});

/** An hour from now. */
export const later = () => Date.now() + 3_600_000;

export const dispatchInput = (
  jobId: string,
  chunk: Chunk,
  token: string,
  { application = "squares", ...changes }: Partial<DispatchInput> & { readonly application?: string } = {},
): DispatchInput => ({
  job: stateJob(jobId, application),
  chunk,
  tasksKey: tasksKeyOf(jobId),
  lane: "bulk",
  epoch: 0,
  deadline: later(),
  token,
  ...changes,
});

/** What a worker reports of a chunk: `ok` tasks gave ten times their index, `failed` ones threw. */
export function section(
  job: string,
  chunk: string,
  ok: readonly number[],
  failed: readonly number[] = [],
  application = "squares",
): string {
  const rows = [
    ...ok.map((index) => outputRow(index, `${index * 10}`)),
    ...failed.map((index) => errorRow(index, { type: "TypeError", message: `no ${index}` }, 3)),
  ];
  const header = {
    job,
    application,
    chunk,
    epoch: 0,
    ok: toRanges(ok),
    failed: toRanges(failed),
    milliseconds: 2 * rows.length,
  };
  return encodeSection(header, rows.join(""));
}

/** A batch of a completion queue; the messages are named m0, m1 … */
export const batch = (...bodies: string[]) => ({
  Records: bodies.map((body, n) => ({ messageId: `m${n}`, body, eventSource: "aws:sqs" })),
});
