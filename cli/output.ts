import { once } from "node:events";

/** A reader that has seen enough (`| head`) closes the pipe: that ends a command quietly, and well. */
export const endOnClosedPipe = (): void => onClosedPipe(() => process.exit(0));

/** For a process that has more to do than to write: what nobody reads is dropped, and it still stops in order what it started. */
export const outliveClosedPipe = (): void => onClosedPipe(() => undefined);

function onClosedPipe(act: () => void): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (cause: NodeJS.ErrnoException) => {
      if (cause.code !== "EPIPE") throw cause;
      act();
    });
  }
}

/** Writes lines no faster than they are read, many at a time. */
export async function writeLines(lines: AsyncIterable<string>, out: NodeJS.WriteStream): Promise<void> {
  let piece = "";
  for await (const line of lines) {
    piece += `${line}\n`;
    if (piece.length < PIECE_LENGTH) continue;
    await write(piece, out);
    piece = "";
  }
  await write(piece, out);
}

/** Writes bytes as they are; on a terminal a newline is added where they do not end in one. */
export async function writeBytes(bytes: AsyncIterable<Uint8Array>, out: NodeJS.WriteStream): Promise<void> {
  let last: number | undefined;
  for await (const piece of bytes) {
    last = piece.at(-1) ?? last;
    await write(piece, out);
  }
  if (out.isTTY && last !== NEWLINE) await write("\n", out);
}

async function write(piece: string | Uint8Array, out: NodeJS.WriteStream): Promise<void> {
  if (!out.write(piece)) await once(out, "drain");
}

const PIECE_LENGTH = 64 * 1024;
const NEWLINE = 10;
