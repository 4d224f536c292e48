import { createReadStream, existsSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import type { S3Client } from "@aws-sdk/client-s3";
import { StateFailure } from "../failure.ts";
import type { Json } from "../json.ts";
import { linesOf } from "../records/lines.ts";

/** One item of a Map Run and its place, from 0. */
export interface Item {
  readonly index: number;
  readonly value: Json;
}

const FLUSH_CHARACTERS = 1 << 18;

/**
 * Keeps the items of a Map Run in a file, a line each, before the first one runs: so their number is known, memory holds
 * few of them, and a redrive goes over the same ones even if the object has changed since, as on AWS.
 * @returns their number.
 */
export const keepItems = async (path: string, lines: AsyncIterable<string> | Iterable<string>): Promise<number> => {
  const unfinished = `${path}.part`;
  const file = await open(unfinished, "w");
  let total = 0;
  try {
    let block = "";
    for await (const line of lines) {
      block += `${line}\n`;
      total += 1;
      if (block.length < FLUSH_CHARACTERS) continue;
      await file.write(block);
      block = "";
    }
    await file.write(block);
  } finally {
    await file.close();
  }
  await rename(unfinished, path);
  return total;
};

/** Whether a Map Run's items were all kept. */
export const hasItems = (path: string): boolean => existsSync(path);

/** The kept items from `first` on. */
export const readItems = async function* (path: string, first = 0): AsyncGenerator<Item> {
  let index = 0;
  for await (const line of linesOf(createReadStream(path))) {
    if (index >= first) yield { index, value: JSON.parse(line) as Json };
    index += 1;
  }
};

export const countItems = async (path: string): Promise<number> => {
  let total = 0;
  for await (const _ of linesOf(createReadStream(path))) total += 1;
  return total;
};

/**
 * The lines of a JSONL object in S3, each checked to be JSON; empty lines are left out.
 * @throws StateFailure States.ItemReaderFailed when it cannot be read, or naming the line that is not JSON.
 */
export const readJsonLines = async function* (
  s3: S3Client,
  object: { Bucket: string; Key: string },
  signal: AbortSignal,
): AsyncGenerator<string> {
  const where = `s3://${object.Bucket}/${object.Key}`;
  let number = 0;
  try {
    const { GetObjectCommand } = await import("@aws-sdk/client-s3");
    const { Body } = await s3.send(new GetObjectCommand(object), { abortSignal: signal });
    for await (const line of linesOf(Body as AsyncIterable<Uint8Array>)) {
      signal.throwIfAborted();
      number += 1;
      if (line.trim() === "") continue;
      JSON.parse(line);
      yield line.trimEnd();
    }
  } catch (error) {
    const { name, message } = error as Error;
    const what = error instanceof SyntaxError ? `line ${number} is not JSON: ${message}` : `${name}: ${message}`;
    throw new StateFailure("States.ItemReaderFailed", `${where}: ${what}`);
  }
};
