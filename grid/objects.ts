import type { Readable } from "node:stream";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { Context, Effect, Layer } from "effect";
import { type AwsError, CLIENT_TUNING, call } from "./aws.ts";
import { uploadPieces } from "./multipart.ts";
import { settings } from "./settings.ts";

export interface ObjectsShape {
  /** The `s3://bucket/key` of a key in the grid's bucket. */
  uri(key: string): string;
  put(key: string, body: string | Uint8Array): Effect.Effect<void, AwsError>;
  /** Writes what `pieces` yields, in bounded memory: a multipart upload when it is more than 8 MiB. */
  upload(key: string, pieces: AsyncIterable<string | Uint8Array>): Effect.Effect<void, AwsError>;
  /** The object at a key of the grid's bucket, or at an `s3://` URI, as text. */
  text(keyOrUri: string): Effect.Effect<string, AwsError>;
  /** Bytes `start` up to, not including, `end`. */
  range(key: string, start: number, end: number): Effect.Effect<Buffer, AwsError>;
  stream(keyOrUri: string): Effect.Effect<Readable, AwsError>;
}

/** The grid's bucket. Reads may also name another bucket, by URI. */
export class Objects extends Context.Service<Objects, ObjectsShape>()("grid/Objects") {
  static readonly layer = Layer.effect(
    Objects,
    Effect.map(settings.bucket, (bucket) => makeObjects(new S3Client(CLIENT_TUNING), bucket)),
  );
}

export function makeObjects(s3: S3Client, bucket: string): ObjectsShape {
  const get = (keyOrUri: string, range?: string) =>
    call("S3.GetObject", (abortSignal) =>
      s3.send(new GetObjectCommand({ ...placeOf(keyOrUri, bucket), ...(range !== undefined && { Range: range }) }), {
        abortSignal,
      }),
    );
  return {
    uri: (key) => `s3://${bucket}/${key}`,
    put: (key, body) =>
      Effect.asVoid(
        call("S3.PutObject", (abortSignal) =>
          s3.send(
            new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentLength: Buffer.byteLength(body) }),
            { abortSignal },
          ),
        ),
      ),
    upload: (key, pieces) =>
      call("S3.Upload", (abortSignal) => uploadPieces(s3, { Bucket: bucket, Key: key }, pieces, abortSignal)),
    text: (keyOrUri) =>
      Effect.flatMap(get(keyOrUri), ({ Body }) => call("S3.GetObject", () => Body!.transformToString("utf-8"))),
    range: (key, start, end) =>
      Effect.flatMap(get(key, `bytes=${start}-${end - 1}`), ({ Body }) =>
        call("S3.GetObject", async () => Buffer.from(await Body!.transformToByteArray())),
      ),
    stream: (keyOrUri) => Effect.map(get(keyOrUri), ({ Body }) => Body as Readable),
  };
}

const placeOf = (keyOrUri: string, bucket: string): { Bucket: string; Key: string } => {
  const uri = /^s3:\/\/([^/]+)\/(.+)$/s.exec(keyOrUri);
  return uri === null ? { Bucket: bucket, Key: keyOrUri } : { Bucket: uri[1]!, Key: uri[2]! };
};
