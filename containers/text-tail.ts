/** The last bytes of a stream. */
export class TextTail {
  readonly #limit: number;
  #kept: Buffer = Buffer.alloc(0);

  /** @param limit bytes to keep. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  push(piece: Uint8Array): void {
    const all = Buffer.concat([this.#kept, piece]);
    this.#kept = all.subarray(Math.max(0, all.length - this.#limit));
  }

  /** Without surrounding blank space, and without the rest of a character that was cut. */
  toString(): string {
    let start = 0;
    while (start < this.#kept.length && (this.#kept[start]! & 0xc0) === 0x80) start++;
    return this.#kept.toString("utf8", start).trim();
  }
}
