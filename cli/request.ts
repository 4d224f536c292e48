import { randomBytes } from "node:crypto";
import { Schema } from "effect";
import { JobId } from "#grid/job.ts";
import type { Priority } from "#grid/names.ts";
import { UsageError } from "./errors.ts";

/** Most bytes that a request may carry as input and tasks together (grid/events.ts): the rest goes through S3. */
export const INLINE_LIMIT = 128 * 1024;

/** Detail of `Grid Job Requested` as the CLI writes it: a job id always, so that an event put twice is still one job. */
export interface JobRequestDetail {
  readonly application: string;
  readonly jobId: string;
  readonly input?: unknown;
  readonly inputUri?: string;
  readonly tasks?: readonly unknown[];
  readonly tasksUri?: string;
  readonly priority?: Priority;
  readonly tags?: Readonly<Record<string, string>>;
}

/** An id for a job without one: readable, in order of submission, and by 40 random bits its own. */
export function newJobId(application: string, now: Date, random = randomBytes(5).toString("hex")): string {
  const [date, time] = now.toISOString().replace(/[-:]/g, "").split(/[T.]/);
  return `${application}-${date}-${time}-${random}`;
}

export function requireJobId(jobId: string, what: string): string {
  if (Schema.is(JobId)(jobId)) return jobId;
  throw new UsageError(
    `${what} "${jobId}": expected 1 to 128 letters, digits, dots, hyphens and underscores, a letter or digit first`,
  );
}

/** `k=v` of each --tag. */
export function parseTags(tags: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    tags.map((tag) => {
      const equals = tag.indexOf("=");
      if (equals < 1) throw new UsageError(`--tag "${tag}": expected name=value`);
      return [tag.slice(0, equals), tag.slice(equals + 1)];
    }),
  );
}

/** JSON text as it was given; where from is said in the error. */
export function requireJson(text: string, source: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UsageError(`${source}: not JSON: ${(cause as Error).message}`);
  }
}

/** Which of the two go inside the event: all that fits, the tasks leaving it first. */
export function placement(bytes: { readonly input: number; readonly tasks: number }): {
  input: boolean;
  tasks: boolean;
} {
  if (bytes.input + bytes.tasks <= INLINE_LIMIT) return { input: true, tasks: true };
  return bytes.input <= INLINE_LIMIT
    ? { input: true, tasks: false }
    : { input: false, tasks: bytes.tasks <= INLINE_LIMIT };
}
