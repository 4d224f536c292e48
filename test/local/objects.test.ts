import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  type GetObjectCommandInput,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutBucketVersioningCommand,
  PutObjectAclCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  PutObjectTaggingCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Gateway, startGateway } from "#local/gateway.ts";
import { type Objects, openObjects } from "#local/objects.ts";

const MIB = 1024 * 1024;
const Bucket = "data";
let folder: string;
let gateway: Gateway;
let objects: Objects;
let s3: S3Client;

const open = async (): Promise<void> => {
  gateway = await startGateway({ port: 0 });
  objects = openObjects({ gateway, folder });
  const credentials = { accessKeyId: "x", secretAccessKey: "x" };
  s3 = new S3Client({
    endpoint: gateway.origin,
    region: "us-east-1",
    credentials,
    forcePathStyle: true,
    maxAttempts: 1,
  });
};
const close = async (): Promise<void> => {
  s3.destroy();
  await gateway.close();
  objects.close();
};
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "objects-"));
  await open();
  await s3.send(new CreateBucketCommand({ Bucket }));
});
afterAll(async () => {
  await close();
  await rm(folder, { recursive: true });
});

const put = (Key: string, Body: PutObjectCommandInput["Body"], more: Partial<PutObjectCommandInput> = {}) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
const get = async (Key: string, more: Partial<GetObjectCommandInput> = {}) => {
  const answer = await s3.send(new GetObjectCommand({ Bucket, Key, ...more }));
  return { ...answer, bytes: Buffer.from(await answer.Body!.transformToByteArray()) };
};
const text = async (Key: string) => (await get(Key)).bytes.toString();
const refused = (name: string, about: string) => ({ name, message: expect.stringContaining(about) });

describe("buckets", () => {
  it("are created once, listed, and removed when they are empty", async () => {
    const bucket = { Bucket: "short-lived" };
    await s3.send(new CreateBucketCommand(bucket));
    await expect(s3.send(new CreateBucketCommand(bucket))).rejects.toMatchObject({ name: "BucketAlreadyOwnedByYou" });
    expect((await s3.send(new ListBucketsCommand({}))).Buckets?.map(({ Name }) => Name)).toEqual([
      Bucket,
      "short-lived",
    ]);
    await s3.send(new PutObjectCommand({ ...bucket, Key: "a", Body: "a" }));
    await expect(s3.send(new DeleteBucketCommand(bucket))).rejects.toMatchObject({ name: "BucketNotEmpty" });
    await s3.send(new DeleteObjectCommand({ ...bucket, Key: "a" }));
    await s3.send(new DeleteBucketCommand(bucket));
    await expect(s3.send(new HeadBucketCommand(bucket))).rejects.toMatchObject({ name: "NotFound" });
    await expect(s3.send(new PutObjectCommand({ ...bucket, Key: "a", Body: "a" }))).rejects.toMatchObject({
      name: "NoSuchBucket",
    });
  });

  it("have names S3 would take", async () => {
    await expect(s3.send(new CreateBucketCommand({ Bucket: "Upper_case" }))).rejects.toMatchObject({
      name: "InvalidBucketName",
    });
  });
});

describe("objects", () => {
  it.each(["plain", "with space/ü/😀+%&=#?", "a/b", "a/b/", "../up", "..", "CON", 'quote"<xml>&amp;'])(
    "come back as they went in under the key %s",
    async (key) => {
      const sent = await put(key, `body of ${key}`, {
        ContentType: "text/plain",
        Metadata: { origin: "test" },
        CacheControl: "no-store",
      });
      const { bytes, ...answer } = await get(key);
      expect(bytes.toString()).toBe(`body of ${key}`);
      expect(answer).toMatchObject({
        ContentType: "text/plain",
        Metadata: { origin: "test" },
        CacheControl: "no-store",
        ETag: sent.ETag,
      });
      const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: key }));
      expect(Contents?.[0]?.Key).toBe(key);
      await s3.send(new DeleteObjectCommand({ Bucket, Key: key }));
    },
  );

  it("have the MD5 of their bytes as ETag, and their length and time in a HEAD", async () => {
    await put("etag", "abc");
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: "etag" }));
    expect(head).toMatchObject({
      ETag: '"900150983cd24fb0d6963f7d28e17f72"',
      ContentLength: 3,
      LastModified: expect.any(Date),
    });
  });

  it("may be empty", async () => {
    await put("empty", "");
    expect([(await get("empty")).bytes.length, (await get("empty")).ContentLength]).toEqual([0, 0]);
  });

  it("may be streams of any length, sent in aws-chunked framing with a trailing checksum", async () => {
    const bytes = randomBytes(3 * MIB + 17);
    const stream = Readable.from(Array.from({ length: 50 }, (_, i) => bytes.subarray(i * 65_536, (i + 1) * 65_536)));
    await put("stream", stream, { ContentLength: bytes.length, ContentEncoding: "br" });
    const answer = await get("stream", { ChecksumMode: "ENABLED" });
    expect(answer.bytes.equals(bytes)).toBe(true);
    expect(answer).toMatchObject({ ContentEncoding: "br", ChecksumCRC32: expect.stringMatching(/^.{6}==$/) });
  });

  it("may have 20 MiB in one PUT", async () => {
    const bytes = randomBytes(20 * MIB);
    await put("large", bytes, { ChecksumAlgorithm: "SHA256" });
    expect((await get("large")).bytes.equals(bytes)).toBe(true);
  });

  it("that do not exist are NoSuchKey, and may be deleted", async () => {
    await expect(get("none")).rejects.toMatchObject(refused("NoSuchKey", "the object none does not exist"));
    await expect(s3.send(new HeadObjectCommand({ Bucket, Key: "none" }))).rejects.toMatchObject({ name: "NotFound" });
    await s3.send(new DeleteObjectCommand({ Bucket, Key: "none" }));
  });

  it("whose bytes are not those announced are refused and leave nothing", async () => {
    await put("kept", "before");
    await expect(put("kept", "after", { ChecksumCRC32: "AAAAAA==" })).rejects.toMatchObject({ name: "BadDigest" });
    await expect(put("kept", "after", { ContentMD5: "AAAAAAAAAAAAAAAAAAAAAA==" })).rejects.toMatchObject({
      name: "BadDigest",
    });
    expect(await text("kept")).toBe("before");
    expect(await readdir(join(folder, "incoming"))).toEqual([]);
  });

  it("whose sender dies half-way leave nothing, and the store goes on", async () => {
    const sender = request(`${gateway.origin}/${Bucket}/half`, {
      method: "PUT",
      headers: {
        authorization:
          "AWS4-HMAC-SHA256 Credential=x/20260801/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0",
        "content-length": "1000000",
      },
    });
    sender.on("error", (error) => expect(error.message).toBe("socket hang up"));
    sender.write(Buffer.alloc(1000));
    await vi.waitFor(async () => expect(await readdir(join(folder, "incoming"))).toHaveLength(1));
    sender.destroy();
    await vi.waitFor(async () => expect(await readdir(join(folder, "incoming"))).toEqual([]));
    await expect(get("half")).rejects.toMatchObject({ name: "NoSuchKey" });
  });

  it("leave no files behind when they are replaced or removed", async () => {
    const before = (await readdir(join(folder, "blobs"))).length;
    for (const body of ["1", "2", "3"]) await put("counted", body);
    expect(await readdir(join(folder, "blobs"))).toHaveLength(before + 1);
    await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: "counted" }] } }));
    expect(await readdir(join(folder, "blobs"))).toHaveLength(before);
  });

  it("that are replaced while they are read are read to their end as they were", async () => {
    const bytes = randomBytes(12 * MIB);
    const partSize = 5 * MIB;
    await new Upload({ client: s3, params: { Bucket, Key: "replaced", Body: bytes }, partSize }).done();
    const reading = await s3.send(new GetObjectCommand({ Bucket, Key: "replaced" }));
    await put("replaced", "new");
    expect(Buffer.from(await reading.Body!.transformToByteArray()).equals(bytes)).toBe(true);
    expect(await text("replaced")).toBe("new");
  });

  it("are removed by the thousand", async () => {
    await Promise.all(["d/1", "d/<2>"].map((key) => put(key, "x")));
    const Objects = ["d/1", "d/<2>", "d/none"].map((Key) => ({ Key }));
    const { Deleted } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    expect(Deleted?.map(({ Key }) => Key)).toEqual(["d/1", "d/<2>", "d/none"]);
    expect((await s3.send(new ListObjectsV2Command({ Bucket, Prefix: "d/" }))).KeyCount).toBe(0);
  });

  it("are copied with their metadata, or with new", async () => {
    await put("from ü", "copied", { Metadata: { a: "1" } });
    const copy = (Key: string, more = {}) =>
      s3.send(new CopyObjectCommand({ Bucket, Key, CopySource: encodeURI(`${Bucket}/from ü`), ...more }));
    await copy("to");
    await copy("to2", { MetadataDirective: "REPLACE", Metadata: { b: "2" } });
    expect([await text("to"), (await get("to")).Metadata, (await get("to2")).Metadata]).toEqual([
      "copied",
      { a: "1" },
      { b: "2" },
    ]);
  });
});

describe("ranges", () => {
  it.each([
    ["bytes=0-0", "0", "bytes 0-0/10"],
    ["bytes=3-5", "345", "bytes 3-5/10"],
    ["bytes=7-", "789", "bytes 7-9/10"],
    ["bytes=-2", "89", "bytes 8-9/10"],
    ["bytes=-99", "0123456789", "bytes 0-9/10"],
    ["bytes=5-99", "56789", "bytes 5-9/10"],
  ])("%s of ten bytes is %s", async (Range, expected, ContentRange) => {
    await put("ten", "0123456789");
    const answer = await get("ten", { Range });
    expect([answer.bytes.toString(), answer.ContentRange, answer.$metadata.httpStatusCode]).toEqual([
      expected,
      ContentRange,
      206,
    ]);
  });

  it("that start past the end are refused", async () => {
    await put("ten", "0123456789");
    await expect(get("ten", { Range: "bytes=10-" })).rejects.toMatchObject(refused("InvalidRange", "10 bytes of ten"));
  });
});

describe("conditions", () => {
  it("on a write take effect: only where nothing is, only over what was read", async () => {
    const { ETag } = await put("once", "first", { IfNoneMatch: "*" });
    await expect(put("once", "second", { IfNoneMatch: "*" })).rejects.toMatchObject({ name: "PreconditionFailed" });
    await expect(put("once", "second", { IfMatch: '"other"' })).rejects.toMatchObject({ name: "PreconditionFailed" });
    await expect(put("nothing", "x", { IfMatch: ETag })).rejects.toMatchObject({ name: "NoSuchKey" });
    expect(await text("once")).toBe("first");
    await put("once", "second", { IfMatch: ETag });
    expect(await text("once")).toBe("second");
  });

  it("let exactly one of many writers create an object", async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 10 }, (_, i) => put("race", `${i}`, { IfNoneMatch: "*" })),
    );
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  it("on a read take effect", async () => {
    const { ETag } = await put("read", "x");
    await expect(get("read", { IfMatch: '"other"' })).rejects.toMatchObject({ name: "PreconditionFailed" });
    await expect(get("read", { IfNoneMatch: ETag })).rejects.toMatchObject({ $metadata: { httpStatusCode: 304 } });
    await expect(get("read", { IfModifiedSince: new Date(Date.now() + 5000) })).rejects.toMatchObject({
      $metadata: { httpStatusCode: 304 },
    });
    expect((await get("read", { IfMatch: ETag })).bytes.toString()).toBe("x");
  });
});

describe("listings", () => {
  const keys = ["l/a", "l/b/1", "l/b/2", "l/b~", "l/c", "l/ü/1", "l/😀"];
  const list = async (more: object) => s3.send(new ListObjectsV2Command({ Bucket, Prefix: "l/", ...more }));
  beforeAll(async () => {
    await Promise.all(keys.map((key) => put(key, "x")));
  });

  it("roll keys up at a delimiter", async () => {
    const { Contents, CommonPrefixes, KeyCount } = await list({ Delimiter: "/" });
    expect(Contents?.map(({ Key }) => Key)).toEqual(["l/a", "l/b~", "l/c", "l/😀"]);
    expect([CommonPrefixes?.map(({ Prefix }) => Prefix), KeyCount]).toEqual([["l/b/", "l/ü/"], 6]);
  });

  it.each([undefined, "/"])("page through everything once (delimiter %s)", async (Delimiter) => {
    const seen: (string | undefined)[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await list({ MaxKeys: 1, Delimiter, ContinuationToken });
      seen.push(
        ...(page.Contents ?? []).map(({ Key }) => Key),
        ...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix),
      );
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken);
    expect(seen).toEqual(Delimiter ? ["l/a", "l/b/", "l/b~", "l/c", "l/ü/", "l/😀"] : keys);
  });

  it("start after a key, and encode keys when asked to", async () => {
    const { Contents } = await list({ StartAfter: "l/b/1", MaxKeys: 2 });
    expect(Contents?.map(({ Key }) => Key)).toEqual(["l/b/2", "l/b~"]);
    const encoded = await list({ Prefix: "l/ü", EncodingType: "url" });
    expect(encoded.Contents?.[0]?.Key).toBe("l/%C3%BC/1");
  });
});

describe("multipart uploads", () => {
  it("of 200 MiB by lib-storage come back byte for byte, by ranges too, in bounded memory", async () => {
    const chunk = randomBytes(MIB);
    const before = process.memoryUsage().rss;
    const stream = Readable.from(
      (function* () {
        for (let i = 0; i < 200; i++) yield chunk;
      })(),
    );
    await new Upload({
      client: s3,
      params: { Bucket, Key: "huge", Body: stream },
      partSize: 8 * MIB,
      queueSize: 2,
    }).done();
    const sha = createHash("sha256");
    const answer = await s3.send(new GetObjectCommand({ Bucket, Key: "huge" }));
    for await (const bytes of answer.Body as Readable) sha.update(bytes);
    const expected = createHash("sha256");
    for (let i = 0; i < 200; i++) expected.update(chunk);
    expect([answer.ContentLength, sha.digest("hex")]).toEqual([200 * MIB, expected.digest("hex")]);
    const { bytes } = await get("huge", { Range: `bytes=${8 * MIB - 2}-${8 * MIB + 1}` });
    expect(bytes.equals(Buffer.concat([chunk.subarray(-2), chunk.subarray(0, 2)]))).toBe(true);
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * MIB);
  });

  const start = async (Key: string) =>
    (await s3.send(new CreateMultipartUploadCommand({ Bucket, Key, Metadata: { a: "1" } }))).UploadId!;
  const part = async (Key: string, UploadId: string, PartNumber: number, Body: string) => ({
    PartNumber,
    ETag: (await s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }))).ETag,
  });
  const complete = (
    Key: string,
    UploadId: string,
    Parts: { PartNumber: number; ETag: string | undefined }[],
    more = {},
  ) => s3.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts }, ...more }));

  it("have the ETag S3 gives them, and the metadata they were started with", async () => {
    const id = await start("mp");
    const first = await part("mp", id, 1, "a".repeat(5 * MIB));
    const second = await part("mp", id, 7, "b");
    const { ETag } = await complete("mp", id, [first, second]);
    const md5 = (bytes: string | Buffer) => createHash("md5").update(bytes).digest();
    const expected = md5(Buffer.concat([md5("a".repeat(5 * MIB)), md5("b")])).toString("hex");
    expect(ETag).toBe(`"${expected}-2"`);
    expect(await s3.send(new HeadObjectCommand({ Bucket, Key: "mp" }))).toMatchObject({
      ContentLength: 5 * MIB + 1,
      Metadata: { a: "1" },
    });
  });

  it("refuse small, missing, changed and unordered parts", async () => {
    const id = await start("bad");
    const small = await part("bad", id, 1, "a");
    const last = await part("bad", id, 2, "b");
    await expect(complete("bad", id, [small, last])).rejects.toMatchObject({ name: "EntityTooSmall" });
    await expect(complete("bad", id, [last, small])).rejects.toMatchObject({ name: "InvalidPartOrder" });
    await expect(complete("bad", id, [{ PartNumber: 3, ETag: '"x"' }])).rejects.toMatchObject(
      refused("InvalidPart", "it was not uploaded"),
    );
    await part("bad", id, 1, "changed");
    await expect(complete("bad", id, [small])).rejects.toMatchObject({ name: "InvalidPart" });
    await expect(get("bad")).rejects.toMatchObject({ name: "NoSuchKey" });
  });

  it("honour conditions, and keep the parts when one fails", async () => {
    await put("taken", "x");
    const id = await start("taken");
    const only = await part("taken", id, 1, "y");
    await expect(complete("taken", id, [only], { IfNoneMatch: "*" })).rejects.toMatchObject({
      name: "PreconditionFailed",
    });
    await complete("taken", id, [only]);
    expect(await text("taken")).toBe("y");
  });

  it("that are aborted leave nothing", async () => {
    const before = (await readdir(join(folder, "blobs"))).length;
    const id = await start("aborted");
    const only = await part("aborted", id, 1, "y");
    await s3.send(new AbortMultipartUploadCommand({ Bucket, Key: "aborted", UploadId: id }));
    await expect(complete("aborted", id, [only])).rejects.toMatchObject({ name: "NoSuchUpload" });
    expect(await readdir(join(folder, "blobs"))).toHaveLength(before);
  });
});

describe("what is not implemented is refused by name", () => {
  const Key = "guarded";
  beforeAll(async () => {
    await put(Key, "precious");
  });

  it.each([
    ["tagging", () => s3.send(new PutObjectTaggingCommand({ Bucket, Key, Tagging: { TagSet: [] } }))],
    ["acl", () => s3.send(new PutObjectAclCommand({ Bucket, Key, ACL: "private" }))],
    [
      "versioning",
      () => s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } })),
    ],
    ["versioning", () => s3.send(new GetBucketVersioningCommand({ Bucket }))],
    ["GET on the bucket", () => s3.send(new ListObjectsCommand({ Bucket }))],
    ["uploadId", () => s3.send(new ListPartsCommand({ Bucket, Key, UploadId: "x" }))],
    ["versionId", () => s3.send(new GetObjectCommand({ Bucket, Key, VersionId: "1" }))],
    ["partNumber", () => s3.send(new GetObjectCommand({ Bucket, Key, PartNumber: 1 }))],
    ["x-amz-acl", () => put(Key, "x", { ACL: "public-read" })],
    ["x-amz-server-side-encryption", () => put(Key, "x", { ServerSideEncryption: "aws:kms" })],
    ["x-amz-storage-class", () => put(Key, "x", { StorageClass: "GLACIER" })],
    ["x-amz-tagging", () => put(Key, "x", { Tagging: "a=b" })],
    ["If-None-Match", () => put(Key, "x", { IfNoneMatch: '"etag"' })],
    ["x-amz-checksum-crc32c", () => put(Key, "x", { ChecksumCRC32C: "AAAAAA==" })],
  ])("%s", async (about, ask) => {
    await expect(ask()).rejects.toMatchObject(refused("NotImplemented", about));
    expect(await text(Key)).toBe("precious");
  });
});

describe("the store", () => {
  it("counts requests by the action they are", async () => {
    const before = gateway.calls()["s3"]?.["CopyObject"] ?? 0;
    await put("counted", "x");
    await s3.send(new CopyObjectCommand({ Bucket, Key: "counted2", CopySource: `${Bucket}/counted` }));
    expect(gateway.calls()["s3"]).toMatchObject({
      CopyObject: before + 1,
      UploadPart: expect.any(Number),
      ListObjectsV2: expect.any(Number),
    });
  });

  it("has everything again after it is closed and opened, uploads that are under way too", async () => {
    await put("durable", "still here", { Metadata: { a: "1" } });
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "pending" }));
    const { ETag } = await s3.send(
      new UploadPartCommand({ Bucket, Key: "pending", UploadId, PartNumber: 1, Body: "part" }),
    );
    await close();
    await open();
    expect([await text("durable"), (await get("durable")).Metadata]).toEqual(["still here", { a: "1" }]);
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
    await s3.send(new CompleteMultipartUploadCommand({ Bucket, Key: "pending", UploadId, MultipartUpload }));
    expect(await text("pending")).toBe("part");
  });
});
