import { BodyDigest, CHECKSUM_HEADERS, type Checksum } from "./checksums.ts";
import { ChunkedDecoder } from "./chunked.ts";
import { notImplemented, s3Fault } from "./faults.ts";
import type { S3Request } from "./request.ts";

/** S3's limit of one PUT: 5 GiB. Larger objects come in parts. */
const MAX_BODY_BYTES = 5 * 1024 ** 3;

/** The bytes a request carries, and what they must add up to. */
export interface Body {
  /** The bytes themselves, out of their aws-chunked framing if they had one. To be read once. */
  chunks(): AsyncGenerator<Buffer>;
  /** To be called when all chunks are read. @throws AwsFault when a checksum, digest or length is not as announced. */
  verified(): { md5: Buffer; checksum: Checksum | undefined };
}

/** @throws AwsFault NotImplemented for a checksum that cannot be verified, EntityTooLarge over 5 GiB. */
export const bodyOf = ({ headers, incoming }: S3Request): Body => {
  const isChunked = (headers["x-amz-content-sha256"] ?? "").startsWith("STREAMING-");
  const announced = headers[isChunked ? "x-amz-decoded-content-length" : "content-length"];
  if (Number(announced) > MAX_BODY_BYTES) {
    throw s3Fault(
      400,
      "EntityTooLarge",
      `one PUT takes at most ${MAX_BODY_BYTES} bytes, came ${announced}; upload in parts`,
    );
  }
  const trailer = headers["x-amz-trailer"];
  if (trailer !== undefined && !CHECKSUM_HEADERS.includes(trailer)) throw notImplemented(`the trailer ${trailer}`);
  const header = trailer ?? CHECKSUM_HEADERS.find((name) => headers[name] !== undefined);
  const digest = new BodyDigest(header);
  const decoder = isChunked ? new ChunkedDecoder() : undefined;
  let bytes = 0;

  return {
    async *chunks() {
      for await (const wire of incoming as AsyncIterable<Buffer>) {
        for (const data of decoder?.push(wire) ?? [wire]) {
          digest.update(data);
          bytes += data.length;
          yield data;
        }
      }
      decoder?.end();
    },
    verified() {
      const { md5, checksum } = digest.finish();
      if (announced !== undefined && Number(announced) !== bytes) {
        throw s3Fault(400, "IncompleteBody", `${announced} bytes were announced, ${bytes} came`);
      }
      const expected = header && (headers[header] ?? decoder?.trailers.get(header));
      if (checksum && checksum.value !== expected) {
        throw s3Fault(400, "BadDigest", `${header} is ${expected}, the body's is ${checksum.value}`);
      }
      const contentMd5 = headers["content-md5"];
      if (contentMd5 !== undefined && contentMd5 !== md5.toString("base64")) {
        throw s3Fault(400, "BadDigest", `Content-MD5 is ${contentMd5}, the body's is ${md5.toString("base64")}`);
      }
      return { md5, checksum };
    },
  };
};
