import { StringDecoder } from "node:string_decoder";

/** The lines of a stream of UTF-8 bytes, without their newlines; a last line needs none. Holds one line and one piece of the stream. */
export async function* linesOf(bytes: AsyncIterable<Uint8Array | string>): AsyncGenerator<string> {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  for await (const piece of bytes) {
    const lines = (rest + (typeof piece === "string" ? piece : decoder.write(Buffer.from(piece)))).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
  rest += decoder.end();
  if (rest !== "") yield rest;
}

/** Lines, each with its newline, in pieces that are worth a write: of some 64 Ki characters. */
export async function* inPieces(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let piece = "";
  for await (const line of lines) {
    piece += `${line}\n`;
    if (piece.length < PIECE) continue;
    yield piece;
    piece = "";
  }
  if (piece !== "") yield piece;
}

const PIECE = 64 * 1024;
