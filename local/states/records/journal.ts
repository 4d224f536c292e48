import {
  closeSync,
  createReadStream,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  writeSync,
} from "node:fs";
import { linesOf } from "./lines.ts";

/** Journals with lines that are not yet in their files. */
const unwritten = new Set<Journal>();

/**
 * A file of JSON lines that is only ever appended to. Lines reach the file together, at the end of the event loop's
 * turn or by `flush`: a killed process loses no more than its last turn, and a half-written last line is cut off when
 * the file is opened again.
 */
export class Journal {
  readonly path: string;
  #file: number | undefined;
  #lines: string[] = [];

  constructor(path: string) {
    this.path = path;
  }

  append(entry: object): void {
    this.#lines.push(JSON.stringify(entry));
    if (unwritten.size === 0) setImmediate(flushAll);
    unwritten.add(this);
  }

  /** Puts what was appended into the file now. */
  flush(): void {
    unwritten.delete(this);
    if (this.#lines.length === 0) return;
    this.#file ??= openWhole(this.path);
    const bytes = Buffer.from(`${this.#lines.join("\n")}\n`);
    this.#lines = [];
    for (let written = 0; written < bytes.length; ) written += writeSync(this.#file, bytes, written);
  }

  /** Flushes and gives the file back; a later append opens it again. */
  close(): void {
    this.flush();
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }
}

const flushAll = (): void => {
  for (const journal of [...unwritten]) journal.flush();
};

/** Opens for appending, cut to its last whole line. */
const openWhole = (path: string): number => {
  const file = openSync(path, existsSync(path) ? "r+" : "w+");
  const { size } = fstatSync(file);
  const whole = endOfLastLine(file, size);
  if (whole < size) ftruncateSync(file, whole);
  closeSync(file);
  return openSync(path, "a");
};

const endOfLastLine = (file: number, size: number): number => {
  const block = Buffer.alloc(Math.min(size, 65_536));
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - block.length);
    readSync(file, block, 0, end - start, start);
    const at = block.subarray(0, end - start).lastIndexOf(0x0a);
    if (at !== -1) return start + at + 1;
    end = start;
  }
  return 0;
};

/**
 * The entries in a journal's file, oldest first; none when there is no file. Flush before reading.
 * @param options.startingWith only lines whose text starts so: spares parsing the others.
 */
export const readJournal = async function* <T>(
  path: string,
  options: { startingWith?: string } = {},
): AsyncGenerator<T> {
  if (!existsSync(path)) return;
  const lines = linesOf(createReadStream(path, { highWaterMark: 1 << 18 }), { last: "leave out" });
  for await (const line of lines) {
    if (options.startingWith === undefined || line.startsWith(options.startingWith)) yield JSON.parse(line) as T;
  }
};
