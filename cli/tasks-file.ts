import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { linesOf } from "#grid/lines.ts";
import { CliError } from "./errors.ts";

/** Bytes of a file of tasks. Throws a CliError if it cannot be read. */
export async function tasksFileBytes(path: string): Promise<number> {
  const found = await stat(path).catch((cause: Error) => {
    throw new CliError(`--tasks ${path}: ${cause.message}`);
  });
  if (!found.isFile()) throw new CliError(`--tasks ${path}: expected a file`);
  return found.size;
}

/** The lines of a file of tasks, blank ones left out, each checked to be JSON. Throws a CliError that names the first line that is not. */
async function* taskLines(path: string): AsyncGenerator<string> {
  let number = 0;
  for await (const line of linesOf(createReadStream(path))) {
    number += 1;
    if (line.trim() === "") continue;
    try {
      JSON.parse(line);
    } catch (cause) {
      throw new CliError(`--tasks ${path}, line ${number}: not JSON: ${(cause as Error).message}`);
    }
    yield line;
  }
}

export async function readTasks(path: string): Promise<unknown[]> {
  const tasks: unknown[] = [];
  for await (const line of taskLines(path)) tasks.push(JSON.parse(line));
  return tasks;
}

/** The same lines as they are uploaded, many a piece. */
export async function* taskPieces(path: string): AsyncGenerator<string> {
  let piece = "";
  for await (const line of taskLines(path)) {
    piece += `${line}\n`;
    if (piece.length >= PIECE_LENGTH) {
      yield piece;
      piece = "";
    }
  }
  if (piece !== "") yield piece;
}

const PIECE_LENGTH = 64 * 1024;
