import { Effect } from "effect";
import { BadRequest } from "#grid/errors.ts";
import { jsonCheck } from "#grid/json-schema.ts";
import { TaskStore } from "#grid/task-store.ts";
import type { ServableRequest } from "../job-request.ts";

/** What a job brings, ready to be stored. */
export interface Brought {
  /** JSON text; none for a job without input, or whose input lies in S3 already. */
  readonly input: string | undefined;
  /** JSON texts; none for a job that is split, or whose tasks lie in S3 already. */
  readonly tasks: readonly string[] | undefined;
}

/** An execution takes 256 KiB of input, envelope and escapes included; inline tasks and input together get half of it. */
const INLINE_BYTES = 128 * 1024;

/** Looks at everything in a request that can be wrong. Fails with BadRequest, which says what was expected and what came. */
export const checkRequest = Effect.fn("checkRequest")(function* ({ definition, job }: ServableRequest) {
  const brought: Brought = {
    input: job.input === undefined ? undefined : JSON.stringify(job.input),
    tasks: job.tasks?.map((task) => JSON.stringify(task)),
  };
  const bytes = [brought.input ?? "", ...(brought.tasks ?? [])].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  if (bytes > INLINE_BYTES) {
    return yield* refuse(
      `input and tasks together may have ${INLINE_BYTES} bytes in an event, these have ${bytes}: put them in S3 and send inputUri or tasksUri`,
    );
  }
  const bringsTasks = job.tasks !== undefined || job.tasksUri !== undefined;
  if (definition.split === undefined && !bringsTasks) {
    return yield* refuse(
      `the application ${definition.name} has no split, so a job must bring its tasks: expected tasks or tasksUri`,
    );
  }
  yield* checkInput({ definition, job }, bringsTasks);
  return brought;
});

/** A job that brings its tasks needs no input, but one that it sends must fit. */
const checkInput = Effect.fnUntraced(function* ({ definition, job }: ServableRequest, bringsTasks: boolean) {
  if (definition.input === undefined) return;
  if (bringsTasks && job.input === undefined && job.inputUri === undefined) return;
  const check = yield* Effect.try({
    try: () => jsonCheck(definition.input!),
    catch: (cause) => badRequest(`the application's input schema cannot be used: ${String(cause)}`),
  });
  const problems = check(job.inputUri === undefined ? (job.input ?? null) : yield* readInput(job.inputUri));
  if (problems.length > 0) {
    return yield* refuse(`the input does not fit the application ${definition.name}: ${problems.join("; ")}`);
  }
});

const readInput = Effect.fnUntraced(function* (uri: string) {
  const tasks = yield* TaskStore;
  const text = yield* tasks.getInput(uri).pipe(
    Effect.catchIf(
      ({ code }) => UNREADABLE.includes(code),
      ({ code }) => refuse(`inputUri ${uri} cannot be read: ${code}`),
    ),
  );
  return yield* Effect.try({
    try: (): unknown => JSON.parse(text),
    catch: (cause) => badRequest(`inputUri ${uri} holds no JSON: ${String(cause)}`),
  });
});

/** What S3 answers when trying again would not help. */
const UNREADABLE = ["NoSuchKey", "NoSuchBucket", "AccessDenied", "PermanentRedirect"];

const badRequest = (message: string) => new BadRequest({ message });
const refuse = (message: string) => Effect.fail(badRequest(message));
