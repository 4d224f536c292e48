const NEWLINE = 0x0a;

/**
 * The lines of a stream of bytes, without their ends, one buffered at a time.
 * @param options.last what to do with bytes after the last line end: take them as a line (default), or leave out what a
 *   writer that was killed left half-written.
 */
export const linesOf = async function* (
  stream: AsyncIterable<Uint8Array>,
  options: { last?: "take" | "leave out" } = {},
): AsyncGenerator<string> {
  let rest: Buffer[] = [];
  for await (const bytes of stream) {
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      const tail = chunk.subarray(start, end);
      yield rest.length === 0 ? tail.toString("utf8") : Buffer.concat([...rest, tail]).toString("utf8");
      rest = [];
      start = end + 1;
    }
    if (start < chunk.length) rest.push(chunk.subarray(start));
  }
  if (rest.length > 0 && options.last !== "leave out") yield Buffer.concat(rest).toString("utf8");
};
