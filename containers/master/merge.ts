import type { Writable } from "node:stream";
import { Effect } from "effect";
import { BrokenRecord } from "#grid/errors.ts";
import { Ledger } from "#grid/ledger.ts";
import { jobKeys } from "#grid/names.ts";
import type { ResultLine } from "#grid/result-rows.ts";
import { ResultStore } from "#grid/result-store.ts";
import { TaskStore } from "#grid/task-store.ts";
import type { Command } from "../command.ts";
import { startUserCommand } from "./user-command.ts";
import { failureOf, thrownBy } from "./user-failure.ts";
import { loadFunction } from "./user-module.ts";
import { Watched } from "./watched.ts";
import type { Work } from "./work.ts";

/** Runs the application's merge over the results in task order, and claims what it made as the job's result. */
export const merge = Effect.fn("merge")(function* (work: Work) {
  const { job, application, settings, log } = work;
  const program = application.merge;
  if (program === undefined) {
    return yield* new BrokenRecord({
      message: `job ${job.jobId} is to be merged, but ${application.name} has no merge`,
    });
  }
  const rows = new Watched((yield* ResultStore).rows(job, { resolve: true }));
  const made = new Counted(
    program.kind === "module" ? moduleResult(program.module, rows, work) : commandResult(program.command, rows, work),
  );
  const source = new Watched(made);
  const key = jobKeys.result(job.jobId, settings.podUid);
  const store = yield* TaskStore;
  // What user code throws when its results break off is not its own failure: rows are blamed before it.
  yield* store.upload(key, source).pipe(source.blamed, rows.blamed);
  const merged = yield* (yield* Ledger).claimMerge(job.jobId, { key, bytes: made.bytes });
  log.info("the result is written", merged);
});

/** Counts the bytes that go by. */
class Counted implements AsyncIterable<Uint8Array> {
  readonly #all: AsyncIterable<Uint8Array>;
  bytes = 0;

  constructor(all: AsyncIterable<Uint8Array>) {
    this.#all = all;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for await (const piece of this.#all) {
      this.bytes += piece.length;
      yield piece;
    }
  }
}

async function* moduleResult(
  module: string,
  rows: AsyncIterable<ResultLine>,
  { appFolder, application, context }: Work,
): AsyncGenerator<Buffer> {
  const what = `merge of ${application.name}`;
  const run = await loadFunction(appFolder, module, "merge");
  let json: string | undefined;
  try {
    json = JSON.stringify(await run(parsed(rows), context));
  } catch (cause) {
    throw thrownBy(what, cause);
  }
  yield Buffer.from(json ?? "null");
}

async function* parsed(rows: AsyncIterable<ResultLine>): AsyncGenerator<unknown> {
  for await (const { line } of rows) yield JSON.parse(line);
}

async function* commandResult(
  command: readonly string[],
  rows: AsyncIterable<ResultLine>,
  work: Work,
): AsyncGenerator<Uint8Array> {
  const what = `merge of ${work.application.name}: ${command.join(" ")}`;
  const child = startUserCommand(command, work);
  const fed = feed(child, rows);
  try {
    yield* child.stdout as AsyncIterable<Uint8Array>;
  } finally {
    if (!child.stdout.readableEnded) child.kill();
  }
  await fed;
  const failed = failureOf(what, await child.ended);
  if (failed !== undefined) throw failed;
}

/** Writes rows no faster than the command reads them, until it has all or wants no more. Rows that break off end the command. */
async function feed({ stdin, kill }: Command, rows: AsyncIterable<ResultLine>): Promise<void> {
  try {
    for await (const { line } of rows) {
      if (stdin.destroyed) return;
      if (!stdin.write(`${line}\n`)) await drained(stdin);
    }
    stdin.end();
  } catch {
    // `rows` is watched: it keeps why it broke off.
    kill();
  }
}

/** Resolves when a stream takes more, or will never. */
const drained = (stream: Writable) =>
  new Promise<void>((resolve) => {
    if (stream.destroyed) return resolve();
    const done = () => {
      stream.off("drain", done).off("close", done);
      resolve();
    };
    stream.on("drain", done).on("close", done);
  });
