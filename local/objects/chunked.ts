import { s3Fault } from "./faults.ts";

/** Longest line of the framing: chunk length with signature, or a trailer. */
const MAX_LINE_BYTES = 16 * 1024;

type State = "length" | "data" | "data end" | "trailer" | "done";

/**
 * Decodes `aws-chunked`: chunks of `<hex length>[;chunk-signature=…]CRLF<data>CRLF`, one of length 0, then trailing
 * headers up to an empty line. Signatures are not verified.
 */
export class ChunkedDecoder {
  readonly trailers = new Map<string, string>();
  #state: State = "length";
  #left = 0;
  #line = "";

  /** The data in the next bytes from the wire, in order. @throws AwsFault InvalidRequest when they are not aws-chunked. */
  *push(bytes: Buffer): Generator<Buffer> {
    let rest = bytes;
    while (rest.length > 0 && this.#state !== "done") {
      if (this.#state === "data") {
        const data = rest.subarray(0, this.#left);
        this.#left -= data.length;
        if (this.#left === 0) this.#state = "data end";
        rest = rest.subarray(data.length);
        yield data;
      } else {
        const end = rest.indexOf(0x0a);
        this.#line += rest.toString("latin1", 0, end === -1 ? rest.length : end);
        if (this.#line.length > MAX_LINE_BYTES) throw broken("a line is too long");
        if (end === -1) return;
        rest = rest.subarray(end + 1);
        this.#endOfLine(this.#line.replace(/\r$/, ""));
        this.#line = "";
      }
    }
  }

  /** @throws AwsFault IncompleteBody when the body ended before its last chunk did. */
  end(): void {
    if (this.#state !== "done")
      throw s3Fault(400, "IncompleteBody", "the aws-chunked body ended before its last chunk");
  }

  #endOfLine(line: string): void {
    if (this.#state === "length") {
      const [hex] = line.split(";", 1);
      if (!/^[0-9a-f]{1,8}$/i.test(hex ?? "")) throw broken(`"${hex}" is no chunk length`);
      this.#left = Number.parseInt(hex ?? "", 16);
      this.#state = this.#left === 0 ? "trailer" : "data";
    } else if (this.#state === "data end") {
      if (line !== "") throw broken("a chunk is longer than it says");
      this.#state = "length";
    } else if (line === "") {
      this.#state = "done";
    } else {
      const colon = line.indexOf(":");
      this.trailers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
    }
  }
}

const broken = (why: string) => s3Fault(400, "InvalidRequest", `the body is not aws-chunked: ${why}`);
