import { type Chunk, chunkId } from "./chunk.ts";

/** A chunk closes before its tasks take more bytes, so that Dispatch can hold it in memory. */
const CHUNK_BYTES = 64 * 1024 * 1024;

/** Makes the index of a tasks file while its lines go by. */
export class ChunkIndex {
  readonly #size: number;
  #chunks = 0;
  #tasks = 0;
  #bytes = 0;
  #open: { readonly first: number; readonly start: number } = { first: 0, start: 0 };

  /** @param size tasks a chunk. */
  constructor(size: number) {
    this.#size = size;
  }

  /** Chunks that were handed out so far, and tasks that went by. */
  get chunks(): number {
    return this.#chunks;
  }
  get tasks(): number {
    return this.#tasks;
  }

  /** Takes the next line, of so many bytes with its newline. Returns the chunk that ended before it, if one did. */
  add(lineBytes: number): Chunk | undefined {
    const { first, start } = this.#open;
    const isFull = this.#tasks - first === this.#size || this.#bytes + lineBytes - start > CHUNK_BYTES;
    const ended = isFull ? this.end() : undefined;
    this.#tasks++;
    this.#bytes += lineBytes;
    return ended;
  }

  /** The chunk of the lines that are in none yet, if there are such. */
  end(): Chunk | undefined {
    const { first, start } = this.#open;
    if (this.#tasks === first) return undefined;
    this.#open = { first: this.#tasks, start: this.#bytes };
    return { chunk: chunkId(this.#chunks++, 0), first, count: this.#tasks - first, start, end: this.#bytes };
  }
}
