import { readBody } from "../aws-json.ts";
import { ACCOUNT, REGION } from "../names.ts";
import { element, elementsOf, textOf } from "../xml.ts";
import { sendEmpty, sendXml } from "./answers.ts";
import type { S3Action } from "./dispatch.ts";
import { s3Fault } from "./faults.ts";
import { listPage } from "./listing.ts";
import type { ObjectStore } from "./store.ts";

/** S3's limit of one page of a listing and of one DeleteObjects. */
const MAX_KEYS = 1000;

/** The actions on the service and on buckets. */
export const bucketActions = (store: ObjectStore): S3Action[] => [
  {
    name: "ListBuckets",
    method: "GET",
    on: "service",
    run(_, response) {
      const buckets = store.catalog.buckets().map(({ name, createdAt }) => {
        return element("Bucket", [element("Name", name), element("CreationDate", new Date(createdAt).toISOString())]);
      });
      const owner = element("Owner", [element("ID", ACCOUNT)]);
      sendXml(response, element("ListAllMyBucketsResult", [owner, element("Buckets", buckets)]));
    },
  },
  {
    name: "CreateBucket",
    method: "PUT",
    on: "bucket",
    async run({ bucket, incoming }, response) {
      await readBody(incoming); // a location constraint: all locations are the one there is
      if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) {
        const message = `a bucket name has 3 to 63 lower-case letters, digits, dots and hyphens, came "${bucket}"`;
        throw s3Fault(400, "InvalidBucketName", message);
      }
      if (store.catalog.hasBucket(bucket)) {
        throw s3Fault(409, "BucketAlreadyOwnedByYou", `the bucket ${bucket} exists already and is yours`);
      }
      store.catalog.addBucket(bucket, Date.now());
      sendEmpty(response, 200, { location: `/${bucket}` });
    },
  },
  {
    name: "HeadBucket",
    method: "HEAD",
    on: "bucket",
    run({ bucket }, response) {
      store.requireBucket(bucket);
      sendEmpty(response, 200, { "x-amz-bucket-region": REGION });
    },
  },
  {
    name: "DeleteBucket",
    method: "DELETE",
    on: "bucket",
    run({ bucket }, response) {
      store.requireBucket(bucket);
      if (store.catalog.objectAfter(bucket, "", true)) {
        throw s3Fault(409, "BucketNotEmpty", `the bucket ${bucket} still has objects; delete them first`);
      }
      store.catalog.removeBucket(bucket);
      sendEmpty(response, 204);
    },
  },
  {
    name: "GetBucketLocation",
    method: "GET",
    on: "bucket",
    when: "location",
    run({ bucket }, response) {
      store.requireBucket(bucket);
      sendXml(response, element("LocationConstraint", "")); // empty is how S3 says us-east-1
    },
  },
  {
    name: "ListObjectsV2",
    method: "GET",
    on: "bucket",
    when: "list-type",
    query: ["prefix", "delimiter", "start-after", "continuation-token", "max-keys", "encoding-type", "fetch-owner"],
    run({ bucket, query }, response) {
      store.requireBucket(bucket);
      const prefix = query.get("prefix") ?? "";
      const delimiter = query.get("delimiter") ?? "";
      const token = query.get("continuation-token");
      const max = Math.min(Number(query.get("max-keys") ?? MAX_KEYS), MAX_KEYS);
      const after = token === null ? (query.get("start-after") ?? "") : Buffer.from(token, "base64url").toString();
      const page = listPage({ prefix, delimiter, after, max }, (key, inclusive) =>
        store.catalog.objectAfter(bucket, key, inclusive),
      );
      const encoding = query.get("encoding-type");
      const name = (key: string): string => (encoding === "url" ? encodeURIComponent(key).replaceAll("%2F", "/") : key);
      const contents = page.objects.map(({ key, modifiedAt, etag, bytes }) =>
        element("Contents", [
          element("Key", name(key)),
          element("LastModified", new Date(modifiedAt).toISOString()),
          element("ETag", `"${etag}"`),
          element("Size", bytes),
          element("StorageClass", "STANDARD"),
        ]),
      );
      const common = page.commonPrefixes.map((each) => element("CommonPrefixes", [element("Prefix", name(each))]));
      const next = page.next === undefined ? undefined : Buffer.from(page.next).toString("base64url");
      sendXml(
        response,
        element("ListBucketResult", [
          element("Name", bucket),
          element("Prefix", name(prefix)),
          element("Delimiter", delimiter === "" ? undefined : name(delimiter)),
          element("MaxKeys", max),
          element("KeyCount", contents.length + common.length),
          element("EncodingType", encoding ?? undefined),
          element("IsTruncated", next !== undefined),
          element("NextContinuationToken", next),
          ...contents,
          ...common,
        ]),
      );
    },
  },
  {
    name: "DeleteObjects",
    method: "POST",
    on: "bucket",
    when: "delete",
    headers: ["x-amz-sdk-checksum-algorithm", "x-amz-checksum-crc32", "x-amz-checksum-sha1", "x-amz-checksum-sha256"],
    async run({ bucket, incoming }, response) {
      const xml = (await readBody(incoming)).toString();
      store.requireBucket(bucket);
      const keys = elementsOf(xml, "Object").map((object) => textOf(object, "Key"));
      if (keys.length === 0 || keys.length > MAX_KEYS || keys.includes(undefined)) {
        throw s3Fault(
          400,
          "MalformedXML",
          `DeleteObjects takes 1 to ${MAX_KEYS} objects with a Key each, came ${keys.length}`,
        );
      }
      for (const key of keys) if (key !== undefined) await store.remove(bucket, key);
      const deleted = keys.map((key) => element("Deleted", [element("Key", key)]));
      sendXml(response, element("DeleteResult", textOf(xml, "Quiet") === "true" ? [] : deleted));
    },
  },
];
