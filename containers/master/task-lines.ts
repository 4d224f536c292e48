import { UserFailure } from "./user-failure.ts";

/** A task's line may take so many bytes: it must fit one message beside what the grid says about it. */
const MAX_TASK_BYTES = 256 * 1024;
/** Lines are handed on in batches of about this many characters. */
const BATCH_CHARACTERS = 64 * 1024;
/** Characters of a broken line in its error. */
const EXCERPT = 80;

/** Tasks as lines, some at a time, in their order. Iterating throws a UserFailure for a task that is none. */
export type TaskLines = AsyncIterable<readonly string[]>;

/** The tasks that a module yields, as lines. */
export async function* linesOfValues(values: AsyncIterable<unknown> | Iterable<unknown>): AsyncGenerator<string[]> {
  const batch = new Batch();
  let index = 0;
  // An async loop over a plain iterable would wait for a promise a task.
  if (Symbol.iterator in values) {
    for (const value of values) if (batch.add(lineOf(value, index++))) yield batch.take();
  } else {
    for await (const value of values) if (batch.add(lineOf(value, index++))) yield batch.take();
  }
  yield batch.take();
}

/** The lines of JSONL, checked; blank ones are left out. Holds one line and one piece of the stream. */
export async function* linesOfBytes(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string[]> {
  let rest: Uint8Array[] = [];
  let restBytes = 0;
  let before = 0;
  for await (const piece of bytes) {
    const end = piece.lastIndexOf(NEWLINE);
    if (end < 0) {
      rest.push(piece);
      restBytes += piece.length;
    } else {
      const lines = Buffer.concat([...rest, piece.subarray(0, end)])
        .toString("utf8")
        .split("\n");
      rest = [piece.subarray(end + 1)];
      restBytes = piece.length - end - 1;
      yield checked(lines, before);
      before += lines.length;
    }
    // Twice, since blank space around a task does not count.
    if (restBytes > 2 * MAX_TASK_BYTES) throw tooLong(`line ${before + 1}`, `more than ${MAX_TASK_BYTES}`);
  }
  yield checked([Buffer.concat(rest).toString("utf8")], before);
}

const NEWLINE = 10;

class Batch {
  #lines: string[] = [];
  #characters = 0;

  /** True when it is time to take the batch. */
  add(line: string): boolean {
    this.#lines.push(line);
    this.#characters += line.length + 1;
    return this.#characters >= BATCH_CHARACTERS;
  }

  take(): string[] {
    const lines = this.#lines;
    this.#lines = [];
    this.#characters = 0;
    return lines;
  }
}

function lineOf(value: unknown, index: number): string {
  let line: string | undefined;
  try {
    line = JSON.stringify(value);
  } catch (cause) {
    throw new UserFailure(`task ${index} cannot be written as JSON: ${messageOf(cause)}`, { cause });
  }
  if (line === undefined) throw new UserFailure(`task ${index} is ${typeof value}: expected a JSON value`);
  requireShort(line, `task ${index}`);
  return line;
}

/** @param before lines that came before the first. */
function checked(lines: readonly string[], before: number): string[] {
  const tasks: string[] = [];
  for (const [number, untrimmed] of lines.entries()) {
    const line = untrimmed.trim();
    if (line === "") continue;
    const name = `line ${before + number + 1}`;
    requireShort(line, name);
    try {
      JSON.parse(line);
    } catch (cause) {
      throw new UserFailure(`${name} is not JSON: ${messageOf(cause)}: ${excerptOf(line)}`, { cause });
    }
    tasks.push(line);
  }
  return tasks;
}

function requireShort(line: string, name: string): void {
  // A UTF-16 code unit takes at most three bytes.
  if (line.length * 3 <= MAX_TASK_BYTES) return;
  const bytes = Buffer.byteLength(line);
  if (bytes > MAX_TASK_BYTES) throw tooLong(name, `${bytes}`);
}

const tooLong = (name: string, bytes: string) =>
  new UserFailure(`${name} has ${bytes} bytes: a task may have ${MAX_TASK_BYTES}; put large inputs in S3 or in files`);

const messageOf = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause));

const excerptOf = (line: string) => (line.length <= EXCERPT ? line : `${line.slice(0, EXCERPT)}…`);
