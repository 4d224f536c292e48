import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ChunkedDecoder } from "#local/objects/chunked.ts";

const frame = (chunks: Buffer[], trailers: string[], signature: string): Buffer =>
  Buffer.concat([
    ...chunks.flatMap((chunk) => [
      Buffer.from(`${chunk.length.toString(16)}${signature}\r\n`),
      chunk,
      Buffer.from("\r\n"),
    ]),
    Buffer.from(`0${signature}\r\n${trailers.map((each) => `${each}\r\n`).join("")}\r\n`),
  ]);

/** Pushes the wire's bytes in pieces cut at the given places. */
const decode = (decoder: ChunkedDecoder, wire: Buffer, cuts: number[]): Buffer => {
  const places = [0, ...cuts.map((cut) => cut % (wire.length + 1)), wire.length].toSorted((a, b) => a - b);
  const pieces = places.slice(1).map((place, i) => wire.subarray(places[i], place));
  return Buffer.concat(pieces.flatMap((piece) => [...decoder.push(piece)]));
};

describe("aws-chunked", () => {
  it("decodes to the bytes and trailers that were framed, wherever the network cuts the stream", () => {
    const chunk = fc.uint8Array({ minLength: 1, maxLength: 300 }).map((bytes) => Buffer.from(bytes));
    const signature = fc.constantFrom("", ";chunk-signature=00ff");
    fc.assert(
      fc.property(
        fc.array(chunk, { maxLength: 5 }),
        fc.array(fc.nat(), { maxLength: 8 }),
        signature,
        (chunks, cuts, signed) => {
          const decoder = new ChunkedDecoder();
          const wire = frame(chunks, ["x-amz-checksum-crc32:AAAAAA=="], signed);
          expect(decode(decoder, wire, cuts).equals(Buffer.concat(chunks))).toBe(true);
          decoder.end();
          expect([...decoder.trailers]).toEqual([["x-amz-checksum-crc32", "AAAAAA=="]]);
        },
      ),
    );
  });

  it.each([
    ["a length that is none", "xyz\r\n", '"xyz" is no chunk length'],
    ["a chunk longer than it says", "1\r\nab\r\n", "longer than it says"],
    ["a line without end", "0".repeat(20_000), "a line is too long"],
  ])("refuses %s", (_, wire, message) => {
    expect(() => [...new ChunkedDecoder().push(Buffer.from(wire))]).toThrow(message);
  });

  it.each(["", "5\r\nab", "2\r\nab\r\n", "0\r\n"])("refuses a body that ends early: %j", (wire) => {
    const decoder = new ChunkedDecoder();
    decode(decoder, Buffer.from(wire), []);
    expect(() => decoder.end()).toThrow("ended before its last chunk");
  });
});
