import { TextTail } from "../text-tail.ts";

/** For the cause of a failure. */
const TAIL_BYTES = 4096;

/** Keeps the last 4 KB of what this process writes on stderr, which still goes there: what a module logs. */
export function stderrTail(): TextTail {
  const tail = new TextTail(TAIL_BYTES);
  const write = process.stderr.write.bind(process.stderr);
  process.stderr.write = (piece: string | Uint8Array, ...rest: unknown[]) => {
    tail.push(typeof piece === "string" ? Buffer.from(piece) : piece);
    return (write as (...all: unknown[]) => boolean)(piece, ...rest);
  };
  return tail;
}
