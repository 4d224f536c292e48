import { Effect } from "effect";
import type { StoredRow, TaskError } from "#grid/completion.ts";
import type { ApplicationDefinition } from "#grid/definition.ts";
import { DeadlineExceeded, TasksFailed, TasksLost } from "#grid/errors.ts";
import type { JobRecord } from "#grid/job.ts";
import { inPieces } from "#grid/lines.ts";
import { jobKeys } from "#grid/names.ts";
import { Objects } from "#grid/objects.ts";
import type { ResultLine } from "#grid/result-rows.ts";
import { ResultStore } from "#grid/result-store.ts";
import { FRUITLESS_ROUNDS } from "#grid/settlement.ts";
import { toleranceText } from "#grid/tolerance.ts";

/** How many failed tasks an error names, and how much of what each says; all of them are in the list. */
const NAMED = 3;
const NAMED_CHARACTERS = 300;

export interface FailedCounts {
  readonly total: number;
  readonly failed: number;
  readonly unfinished: number;
}

/** Writes the list of failed tasks; returns the error that names the first of them and where the list lies. */
export const tasksFailed = Effect.fn("tasksFailed")(function* (
  job: JobRecord,
  { total, failed }: FailedCounts,
  redriveCount: number,
  tolerate: ApplicationDefinition["tolerate"],
) {
  const objects = yield* Objects;
  const results = yield* ResultStore;
  const key = jobKeys.failed(job.jobId, redriveCount);
  const named: string[] = [];
  yield* objects.upload(key, inPieces(namingFirst(results.rows(job, { failedOnly: true }), named)));
  return new TasksFailed({
    message: [
      `${failed} of ${total} tasks of job ${job.jobId} failed, ${toleranceText(tolerate)}.`,
      `${named.join("; ")}${failed > named.length ? "; …" : ""}.`,
      `All that failed: ${objects.uri(key)}. Redrive the execution to run them again.`,
    ].join(" "),
  });
});

/** The rows' lines; says of the first in `named` what they are. */
async function* namingFirst(rows: AsyncIterable<ResultLine>, named: string[]): AsyncGenerator<string> {
  for await (const { line } of rows) {
    if (named.length < NAMED) named.push(inWords(line));
    yield line;
  }
}

/** A row's error in a few words. */
function inWords(line: string): string {
  const row = JSON.parse(line) as StoredRow;
  const { type, message }: TaskError = "error" in row ? row.error : { type: "none", message: "" };
  const text = `${type}: ${message}`;
  return `task ${row.index}: ${text.length > NAMED_CHARACTERS ? `${text.slice(0, NAMED_CHARACTERS)}…` : text}`;
}

export const deadlineExceeded = ({ jobId, deadlineSeconds }: JobRecord, { total, unfinished }: FailedCounts) =>
  new DeadlineExceeded({
    message:
      `job ${jobId} had ${deadlineSeconds} seconds, and ${unfinished} of its ${total} tasks have no outcome. ` +
      "Redrive the execution to go on with those, with as much time again.",
  });

export const tasksLost = ({ jobId }: JobRecord, { total, unfinished }: FailedCounts) =>
  new TasksLost({
    message:
      `${unfinished} of the ${total} tasks of job ${jobId} were sent ${FRUITLESS_ROUNDS} times more, and none of them came to an outcome. ` +
      "Look for workers of its pool that do not start, then redrive the execution.",
  });
