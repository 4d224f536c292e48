import { Effect, Option } from "effect";
import { type AwsError, toAwsError } from "#grid/aws.ts";
import { chunkSizeOf } from "#grid/chunk-size.ts";
import { BrokenRecord } from "#grid/errors.ts";
import { Ledger } from "#grid/ledger.ts";
import { jobKeys } from "#grid/names.ts";
import { TaskStore } from "#grid/task-store.ts";
import { givenObject } from "./given-object.ts";
import { linesOfBytes, linesOfValues, type TaskLines } from "./task-lines.ts";
import { startUserCommand } from "./user-command.ts";
import { failureOf, thrownBy, UserFailure } from "./user-failure.ts";
import { loadFunction } from "./user-module.ts";
import type { Work } from "./work.ts";
import { writeTasks } from "./write-tasks.ts";

/** Runs the application's split and claims its tasks as the job's. */
export const split = Effect.fn("split")(function* (work: Work) {
  const { job, application } = work;
  const program = application.split;
  if (program === undefined) {
    return yield* new BrokenRecord({
      message: `job ${job.jobId} is to be split, but ${application.name} has no split`,
    });
  }
  const store = yield* TaskStore;
  const input = yield* givenObject(job.inputUri, store.getInput(job.inputUri));
  const lines =
    program.kind === "module" ? moduleLines(program.module, input, work) : commandLines(program.command, input, work);
  yield* claimTasks(lines, work);
});

/** Copies and indexes the tasks that the job brought. */
export const index = Effect.fn("index")(function* (work: Work) {
  const { jobId, tasksUri } = work.job;
  if (tasksUri === undefined) {
    return yield* new BrokenRecord({ message: `job ${jobId} is to be indexed, but brought no tasks` });
  }
  const store = yield* TaskStore;
  const bytes = yield* givenObject(tasksUri, store.openTasks(tasksUri));
  yield* claimTasks(objectLines(tasksUri, bytes), work);
});

const claimTasks = Effect.fnUntraced(function* (lines: TaskLines, { job, settings, application, context, log }: Work) {
  const ledger = yield* Ledger;
  const measured = Option.getOrUndefined(yield* ledger.taskSeconds(application.name));
  const plan = yield* writeTasks(untilAborted(lines, context.signal), {
    tasksKey: jobKeys.tasks(job.jobId, settings.podUid),
    chunksKey: jobKeys.chunks(job.jobId, settings.podUid),
    chunkSize: chunkSizeOf(application, measured),
  });
  const { tasksKey, total, chunks } = yield* ledger.claimPlan(job.jobId, plan);
  log.info("tasks are written", { tasks: total, chunks, tasksKey });
});

async function* untilAborted(lines: TaskLines, signal: AbortSignal): TaskLines {
  for await (const batch of lines) {
    signal.throwIfAborted();
    yield batch;
  }
}

async function* moduleLines(module: string, input: string, { appFolder, context }: Work): AsyncGenerator<string[]> {
  const what = `split of ${context.application}`;
  const run = await loadFunction(appFolder, module, "split");
  try {
    const produced = await run(JSON.parse(input), context);
    if (!isIterable(produced)) {
      throw new UserFailure(`${what} returned ${typeof produced}: expected an iterable or async iterable of tasks`);
    }
    yield* linesOfValues(produced);
  } catch (cause) {
    throw thrownBy(what, cause);
  }
}

const isIterable = (value: unknown): value is AsyncIterable<unknown> | Iterable<unknown> =>
  typeof value === "object" && value !== null && (Symbol.asyncIterator in value || Symbol.iterator in value);

async function* commandLines(command: readonly string[], input: string, work: Work): AsyncGenerator<string[]> {
  const what = `split of ${work.application.name}: ${command.join(" ")}`;
  const child = startUserCommand(command, work);
  const failure = async () => failureOf(what, await child.ended);
  try {
    child.stdin.end(input);
    yield* linesOfBytes(child.stdout);
  } catch (cause) {
    // A command that failed may have left half a line behind: why it failed says more.
    const failed = child.stdout.readableEnded ? await failure() : undefined;
    throw failed ?? cause;
  } finally {
    if (!child.stdout.readableEnded) child.kill();
  }
  const failed = await failure();
  if (failed !== undefined) throw failed;
}

async function* objectLines(uri: string, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string[]> {
  try {
    yield* linesOfBytes(bytes);
  } catch (cause) {
    throw cause instanceof UserFailure ? new UserFailure(`${uri}: ${cause.message}`, { cause }) : readFailure(cause);
  }
}

const readFailure = (cause: unknown): AwsError => toAwsError("S3.GetObject", cause);
