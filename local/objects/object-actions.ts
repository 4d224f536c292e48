import type { ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { element } from "../xml.ts";
import { objectHeaders, sendEmpty, sendXml } from "./answers.ts";
import { bodyOf } from "./body.ts";
import type { StoredObject } from "./catalog.ts";
import { CHECKSUM_HEADERS } from "./checksums.ts";
import { checkWrite, readAllowed } from "./conditions.ts";
import type { S3Action } from "./dispatch.ts";
import { notImplemented, s3Fault } from "./faults.ts";
import { parseRange, spansOf } from "./range.ts";
import { conditionsOf, decode, keptHeaders, type S3Request } from "./request.ts";
import type { ObjectStore } from "./store.ts";

/** Headers of every request that carries a body. */
export const BODY_HEADERS = [
  "x-amz-decoded-content-length",
  "x-amz-trailer",
  "x-amz-sdk-checksum-algorithm",
  ...CHECKSUM_HEADERS,
];

/** The actions on objects that are written and read in one request. */
export const objectActions = (store: ObjectStore): S3Action[] => [
  {
    name: "PutObject",
    method: "PUT",
    on: "object",
    headers: ["x-amz-meta-", ...BODY_HEADERS],
    async run(request, response) {
      const { bucket, key } = request;
      const precondition = writeCondition(request);
      store.requireBucket(bucket);
      const { piece, md5, checksum } = await store.receive(bodyOf(request));
      const etag = md5.toString("hex");
      const headers = keptHeaders(request);
      const object = { key, etag, bytes: piece.bytes, modifiedAt: Date.now(), headers, checksum, pieces: [piece] };
      await store.put(bucket, object, precondition);
      sendEmpty(response, 200, { etag: `"${etag}"`, ...(checksum && { [checksum.header]: checksum.value }) });
    },
  },
  {
    name: "CopyObject",
    method: "PUT",
    on: "object",
    whenHeader: "x-amz-copy-source",
    headers: ["x-amz-copy-source", "x-amz-metadata-directive", "x-amz-meta-"],
    async run(request, response) {
      const { bucket, key, headers } = request;
      const precondition = writeCondition(request);
      const source = copySource(headers["x-amz-copy-source"] ?? "");
      const isReplaced = headers["x-amz-metadata-directive"] === "REPLACE";
      const original = store.object(source.bucket, source.key);
      store.requireBucket(bucket);
      if (source.bucket === bucket && source.key === key && !isReplaced) {
        throw s3Fault(
          400,
          "InvalidRequest",
          `copying ${key} onto itself changes nothing; set MetadataDirective REPLACE`,
        );
      }
      const pieces = await Promise.all(original.pieces.map((piece) => store.blobs.copy(piece)));
      const kept = isReplaced ? keptHeaders(request) : original.headers;
      const modifiedAt = Date.now();
      await store.put(bucket, { ...original, key, headers: kept, modifiedAt, pieces }, precondition);
      const etag = element("ETag", `"${original.etag}"`);
      const lastModified = element("LastModified", new Date(modifiedAt).toISOString());
      sendXml(response, element("CopyObjectResult", [etag, lastModified]));
    },
  },
  { name: "GetObject", method: "GET", on: "object", headers: ["x-amz-checksum-mode"], run: read(store) },
  { name: "HeadObject", method: "HEAD", on: "object", headers: ["x-amz-checksum-mode"], run: read(store) },
  {
    name: "DeleteObject",
    method: "DELETE",
    on: "object",
    async run({ bucket, key }, response) {
      store.requireBucket(bucket);
      await store.remove(bucket, key);
      sendEmpty(response, 204);
    },
  },
];

/** The precondition a write's If-Match and If-None-Match headers ask for. */
export const writeCondition = (request: S3Request): ((existing: StoredObject | undefined) => void) => {
  const conditions = conditionsOf(request);
  if ((conditions.ifNoneMatch ?? "*") !== "*")
    throw notImplemented(`If-None-Match ${conditions.ifNoneMatch} on a write`);
  return (existing) => checkWrite(conditions, request.bucket, request.key, existing);
};

/** Answers GET and HEAD: the object, or the range of it that is asked for, streamed from its files. */
const read =
  (store: ObjectStore) =>
  async (request: S3Request, response: ServerResponse): Promise<void> => {
    const { bucket, key, headers, method } = request;
    const object = store.object(bucket, key);
    if (!readAllowed(conditionsOf(request), object)) return sendEmpty(response, 304, { etag: `"${object.etag}"` });
    const range = parseRange(headers["range"], object.bytes);
    if (range === "unsatisfiable") {
      response.setHeader("content-range", `bytes */${object.bytes}`);
      throw s3Fault(416, "InvalidRange", `${headers["range"]} is outside of the ${object.bytes} bytes of ${key}`);
    }
    const { start, end } = range ?? { start: 0, end: object.bytes - 1 };
    const wantsChecksum = headers["x-amz-checksum-mode"]?.toUpperCase() === "ENABLED" && !range;
    response.writeHead(range ? 206 : 200, {
      ...objectHeaders(object),
      ...(wantsChecksum && object.checksum && { [object.checksum.header]: object.checksum.value }),
      ...(range && { "content-range": `bytes ${start}-${end}/${object.bytes}` }),
      "content-length": String(end - start + 1),
    });
    if (method === "HEAD" || object.bytes === 0) return void response.end();
    await store.blobs.holding(object.pieces, async () => {
      const spans = spansOf(object.pieces, { start, end });
      await pipeline(async function* () {
        for (const span of spans) yield* store.blobs.read(span);
      }, response);
    });
  };

const copySource = (header: string): { bucket: string; key: string } => {
  const [path = "", search] = header.split("?", 2);
  if (search !== undefined) throw notImplemented(`x-amz-copy-source with ?${search}`);
  const [, bucket = "", key = ""] = /^\/?([^/]+)\/(.+)$/s.exec(path) ?? [];
  if (key === "") throw s3Fault(400, "InvalidArgument", `x-amz-copy-source must be bucket/key, came "${header}"`);
  return { bucket: decode(bucket), key: decode(key) };
};
