import { readBody } from "../aws-json.ts";
import { element, elementsOf, textOf } from "../xml.ts";
import { sendEmpty, sendXml } from "./answers.ts";
import { bodyOf } from "./body.ts";
import type { UploadedPart } from "./catalog.ts";
import { isChecksumAlgorithm } from "./checksums.ts";
import type { S3Action } from "./dispatch.ts";
import { notImplemented, s3Fault } from "./faults.ts";
import { BODY_HEADERS, writeCondition } from "./object-actions.ts";
import { keptHeaders, type S3Request } from "./request.ts";
import type { ObjectStore } from "./store.ts";

/** S3's limits of multipart uploads (user guide, "Amazon S3 multipart upload limits"). */
const MAX_PARTS = 10_000;
const MIN_PART_BYTES = 5 * 1024 ** 2;

/** The actions of multipart uploads. */
export const multipartActions = (store: ObjectStore): S3Action[] => {
  const uploadOf = ({ bucket, key, query }: S3Request) => store.upload(query.get("uploadId") ?? "", bucket, key);
  return [
    {
      name: "CreateMultipartUpload",
      method: "POST",
      on: "object",
      when: "uploads",
      headers: ["x-amz-meta-", "x-amz-checksum-algorithm", "x-amz-sdk-checksum-algorithm"],
      run(request, response) {
        const { bucket, key, headers } = request;
        const algorithm = headers["x-amz-checksum-algorithm"] ?? "CRC32";
        if (!isChecksumAlgorithm(algorithm)) throw notImplemented(`the checksum algorithm ${algorithm}`);
        store.requireBucket(bucket);
        const { id } = store.startUpload(bucket, key, keptHeaders(request));
        const members = [element("Bucket", bucket), element("Key", key), element("UploadId", id)];
        sendXml(response, element("InitiateMultipartUploadResult", members));
      },
    },
    {
      name: "UploadPart",
      method: "PUT",
      on: "object",
      when: "uploadId",
      query: ["partNumber"],
      headers: BODY_HEADERS,
      async run(request, response) {
        const upload = uploadOf(request);
        const number = Number(request.query.get("partNumber"));
        if (!Number.isInteger(number) || number < 1 || number > MAX_PARTS) {
          const came = request.query.get("partNumber");
          throw s3Fault(400, "InvalidArgument", `partNumber must be from 1 to ${MAX_PARTS}, came ${came}`);
        }
        const received = await store.receive(bodyOf(request));
        const { etag } = await store.putPart(upload, number, received);
        const { checksum } = received;
        sendEmpty(response, 200, { etag: `"${etag}"`, ...(checksum && { [checksum.header]: checksum.value }) });
      },
    },
    {
      name: "CompleteMultipartUpload",
      method: "POST",
      on: "object",
      when: "uploadId",
      async run(request, response) {
        const upload = uploadOf(request);
        const precondition = writeCondition(request);
        const xml = (await readBody(request.incoming)).toString();
        const parts = partsNamed(xml, store.catalog.parts(upload.id));
        const object = await store.complete(upload, parts, precondition);
        const members = [
          element("Location", `http://${request.headers["host"]}/${upload.bucket}/${encodeURI(upload.key)}`),
          element("Bucket", upload.bucket),
          element("Key", upload.key),
          element("ETag", `"${object.etag}"`),
        ];
        sendXml(response, element("CompleteMultipartUploadResult", members));
      },
    },
    {
      name: "AbortMultipartUpload",
      method: "DELETE",
      on: "object",
      when: "uploadId",
      async run(request, response) {
        await store.abort(uploadOf(request));
        sendEmpty(response, 204);
      },
    },
  ];
};

/**
 * The uploaded parts a CompleteMultipartUpload document names. Their checksums in it are not looked at: each part was
 * checked against its own when it came, and is named by its ETag.
 * @throws AwsFault MalformedXML, InvalidPart, InvalidPartOrder, EntityTooSmall
 */
const partsNamed = (xml: string, uploaded: readonly UploadedPart[]): UploadedPart[] => {
  const byNumber = new Map(uploaded.map((part) => [part.number, part]));
  const parts = elementsOf(xml, "Part").map((part) => {
    const number = Number(textOf(part, "PartNumber"));
    const etag = textOf(part, "ETag")?.replaceAll('"', "");
    const found = byNumber.get(number);
    if (found && found.etag === etag) return found;
    const had = found ? `it was uploaded with ${found.etag}` : "it was not uploaded";
    throw s3Fault(400, "InvalidPart", `part ${number} with ETag ${etag}: ${had}`);
  });
  if (parts.length === 0) throw s3Fault(400, "MalformedXML", "CompleteMultipartUpload must name at least one part");
  for (const [index, part] of parts.entries()) {
    const next = parts[index + 1];
    if (!next) continue;
    if (next.number <= part.number) {
      throw s3Fault(400, "InvalidPartOrder", `part ${next.number} is named after part ${part.number}`);
    }
    if (part.piece.bytes < MIN_PART_BYTES) {
      const message = `part ${part.number} has ${part.piece.bytes} bytes; all but the last have at least ${MIN_PART_BYTES}`;
      throw s3Fault(400, "EntityTooSmall", message);
    }
  }
  return parts;
};
