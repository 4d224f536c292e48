import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { Effect } from "effect";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeObjects } from "#grid/objects.ts";
import { type Gateway, startGateway } from "#local/gateway.ts";
import { LOCAL_CREDENTIALS, REGION } from "#local/names.ts";
import { openObjects } from "#local/objects.ts";

const MIB = 1024 * 1024;
const BUCKET = "uploads";
let gateway: Gateway;
let s3: S3Client;
let close: () => Promise<void>;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "burstgrid-uploads-"));
  gateway = await startGateway({ port: 0 });
  const store = openObjects({ gateway, folder });
  s3 = new S3Client({ endpoint: gateway.origin, region: REGION, credentials: LOCAL_CREDENTIALS });
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  close = async () => {
    s3.destroy();
    await gateway.close();
    store.close();
    await rm(folder, { recursive: true });
  };
});
afterAll(() => close());

async function* each<A>(...pieces: A[]): AsyncGenerator<A> {
  yield* pieces;
}
const objects = () => makeObjects(s3, BUCKET);
const upload = (key: string, pieces: AsyncIterable<string | Uint8Array>) =>
  Effect.runPromise(objects().upload(key, pieces));
const bytesAt = (key: string) => Effect.runPromise(objects().range(key, 0, 100 * MIB));
const digest = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

describe("an upload of pieces", () => {
  it("may have none: an empty object", async () => {
    await upload("empty", each<string>());
    expect(await Effect.runPromise(objects().text("empty"))).toBe("");
  });

  it("may be text and bytes in turn", async () => {
    await upload("mixed", each<string | Uint8Array>("é", Buffer.from([0xff]), "", "b"));
    expect([...(await bytesAt("mixed"))]).toEqual([0xc3, 0xa9, 0xff, 0x62]);
  });

  it.each([8, 16, 20])("of %i MiB arrives byte for byte, whatever the pieces' sizes", async (size) => {
    const body = randomBytes(size * MIB);
    const pieces = each(body.subarray(0, 3), body.subarray(3, 7 * MIB), body.subarray(7 * MIB, -1), body.subarray(-1));
    await upload("large", pieces);
    expect(digest(await bytesAt("large"))).toBe(digest(body));
  });

  it("keeps characters whole where a part is full in their middle", async () => {
    const text = `a${"日".repeat(3 * MIB)}`;
    await upload("text", each(text.slice(0, 1000), text.slice(1000)));
    expect(digest(await bytesAt("text"))).toBe(digest(Buffer.from(text)));
  });

  it("whose source breaks off leaves neither an object nor parts", async () => {
    async function* broken() {
      yield randomBytes(20 * MIB);
      throw new Error("no more");
    }
    await expect(upload("broken", broken())).rejects.toThrow("no more");
    await expect(bytesAt("broken")).rejects.toThrow("NoSuchKey");
    expect(gateway.calls()["s3"]).toMatchObject({ AbortMultipartUpload: 1 });
  });

  it("fails when the service does", async () => {
    const pieces = each(randomBytes(20 * MIB));
    await expect(Effect.runPromise(makeObjects(s3, "absent").upload("x", pieces))).rejects.toThrow("NoSuchBucket");
  });
});
