import { randomUUID } from "node:crypto";
import { constants, createReadStream, mkdirSync, type ReadStream, rmSync } from "node:fs";
import { copyFile, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Piece, Span } from "./range.ts";

/** Large reads cost fewer trips: 256 KiB a piece of the stream. */
const READ_BYTES = 256 * 1024;

/** Files of bytes that never change once they are there. */
export class Blobs {
  readonly #kept: string;
  readonly #incoming: string;
  readonly #readers = new Map<string, number>();
  readonly #condemned = new Set<string>();

  /** Opens the folder, and throws away what an earlier process did not finish writing. */
  constructor(folder: string) {
    this.#kept = join(folder, "blobs");
    this.#incoming = join(folder, "incoming");
    rmSync(this.#incoming, { recursive: true, force: true });
    for (const each of [this.#kept, this.#incoming]) mkdirSync(each, { recursive: true });
  }

  /** Writes a stream to a new file, at the pace of the disk; when the stream fails nothing is left. */
  async write(chunks: AsyncIterable<Buffer>): Promise<Piece> {
    const file = randomUUID();
    const path = join(this.#incoming, file);
    let bytes = 0;
    const handle = await open(path, "wx");
    try {
      for await (const chunk of chunks) {
        await handle.writeFile(chunk);
        bytes += chunk.length;
      }
    } catch (error) {
      await handle.close();
      await rm(path, { force: true });
      throw error;
    }
    await handle.close();
    await rename(path, join(this.#kept, file));
    return { file, bytes };
  }

  async copy({ file, bytes }: Piece): Promise<Piece> {
    const copy = randomUUID();
    await copyFile(join(this.#kept, file), join(this.#kept, copy), constants.COPYFILE_FICLONE);
    return { file: copy, bytes };
  }

  read({ file, start, end }: Span & { file: string }): ReadStream {
    return createReadStream(join(this.#kept, file), { start, end, highWaterMark: READ_BYTES });
  }

  /** Keeps pieces on disk while `use` runs, even if they are removed in the meantime. */
  async holding(pieces: readonly Piece[], use: () => Promise<void>): Promise<void> {
    for (const { file } of pieces) this.#readers.set(file, (this.#readers.get(file) ?? 0) + 1);
    try {
      await use();
    } finally {
      for (const { file } of pieces) await this.#release(file);
    }
  }

  async remove(pieces: readonly Piece[]): Promise<void> {
    for (const { file } of pieces) {
      if (this.#readers.has(file)) this.#condemned.add(file);
      else await rm(join(this.#kept, file), { force: true });
    }
  }

  async #release(file: string): Promise<void> {
    const readers = (this.#readers.get(file) ?? 1) - 1;
    if (readers > 0) return void this.#readers.set(file, readers);
    this.#readers.delete(file);
    if (this.#condemned.delete(file)) await rm(join(this.#kept, file), { force: true });
  }
}
