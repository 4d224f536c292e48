import { readFile } from "node:fs/promises";
import { Readable } from "node:stream";
import { Effect } from "effect";
import { jobKeys, type Priority } from "#grid/names.ts";
import { CliError, EXIT } from "./errors.ts";
import { showProgress } from "./follow.ts";
import { describeStatus, type JobStatus } from "./job-status.ts";
import { putRequest } from "./put-request.ts";
import { type JobRequestDetail, newJobId, parseTags, placement, requireJobId, requireJson } from "./request.ts";
import { openLedger, openObjects } from "./services.ts";
import { reach, type TargetOptions } from "./target.ts";
import { readTasks, taskPieces, tasksFileBytes } from "./tasks-file.ts";

export interface RequestOptions {
  /** JSON text, or `@FILE`. */
  readonly input?: string;
  /** A file of JSONL. */
  readonly tasks?: string;
  readonly jobId?: string;
  readonly priority?: Priority;
  readonly tag?: readonly string[];
}

export interface SubmitOptions extends RequestOptions, TargetOptions {
  readonly wait?: boolean;
  readonly json?: boolean;
}

/** Puts one event on the bus. Returns the exit code. */
export async function submit(application: string, options: SubmitOptions): Promise<number> {
  const request = await prepare(application, options);
  const { bus } = await reach(options);
  const detail = await upload(request);
  const eventId = await putRequest(bus, detail);
  const { jobId } = detail;
  if (!options.json) process.stdout.write(`${jobId}\n`);
  const ended = options.wait ? await showProgress(await openLedger(), jobId, process.stderr) : undefined;
  if (options.json) process.stdout.write(`${JSON.stringify({ jobId, eventId, ...(ended && { status: ended }) })}\n`);
  return ended === undefined ? EXIT.ok : exitCodeOf(ended);
}

function exitCodeOf(ended: JobStatus): number {
  process.stderr.write(describeStatus(ended, Date.now()));
  return ended.state === "SUCCEEDED" ? EXIT.ok : EXIT.failed;
}

interface PreparedRequest {
  readonly detail: JobRequestDetail;
  /** JSON text. */
  readonly input: string | undefined;
  readonly tasksFile: string | undefined;
}

/** Everything that can be wrong with the arguments is found here, before anything is sent. */
export async function prepare(application: string, options: RequestOptions): Promise<PreparedRequest> {
  const jobId =
    options.jobId === undefined
      ? requireJobId(newJobId(application, new Date()), "the application's name makes the job id")
      : requireJobId(options.jobId, "--job-id");
  const tags = parseTags(options.tag ?? []);
  const input = options.input === undefined ? undefined : await readInput(options.input);
  if (options.tasks !== undefined) await tasksFileBytes(options.tasks);
  return {
    detail: {
      application,
      jobId,
      ...(options.priority !== undefined && { priority: options.priority }),
      ...(options.tag !== undefined && { tags }),
    },
    input,
    tasksFile: options.tasks,
  };
}

async function readInput(given: string): Promise<string> {
  if (!given.startsWith("@")) {
    requireJson(given, "--input");
    return given;
  }
  const path = given.slice(1);
  const text = await readFile(path, "utf8").catch((cause: Error) => {
    throw new CliError(`--input ${given}: ${cause.message}`);
  });
  requireJson(text, `--input ${given}`);
  return text;
}

/** The whole detail: what is small inside it, what is large put into the grid's bucket first and named by its URI. */
async function upload({ detail, input, tasksFile }: PreparedRequest): Promise<JobRequestDetail> {
  const inline = placement({
    input: Buffer.byteLength(input ?? ""),
    tasks: tasksFile === undefined ? 0 : await tasksFileBytes(tasksFile),
  });
  return {
    ...detail,
    ...(input !== undefined &&
      (inline.input
        ? { input: JSON.parse(input) }
        : { inputUri: await uploaded(detail.jobId, "input.json", Readable.from([input])) })),
    ...(tasksFile !== undefined &&
      (inline.tasks
        ? { tasks: await readTasks(tasksFile) }
        : { tasksUri: await uploaded(detail.jobId, "tasks.jsonl", taskPieces(tasksFile)) })),
  };
}

async function uploaded(jobId: string, name: string, pieces: AsyncIterable<string>): Promise<string> {
  const objects = await openObjects();
  const key = `${jobKeys.prefix(jobId)}upload/${name}`;
  await Effect.runPromise(objects.upload(key, pieces));
  return objects.uri(key);
}
