import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateBucketCommand, GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Gateway, startGateway } from "#local/gateway.ts";
import { type Objects, openObjects } from "#local/objects.ts";
import { writeResults } from "#local/states/map/results.ts";
import type { ExecutionRecord } from "#local/states/records/types.ts";

let gateway: Gateway;
let objects: Objects;
let s3: S3Client;
const folder = mkdtempSync(join(tmpdir(), "results-"));
beforeAll(async () => {
  gateway = await startGateway({ port: 0 });
  objects = openObjects({ gateway, folder: join(folder, "objects") });
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  s3 = new S3Client({ endpoint: gateway.origin, region: "us-east-1", credentials, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: "data" }));
});
afterAll(async () => {
  s3.destroy();
  await gateway.close();
  objects.close();
  rmSync(folder, { recursive: true, force: true });
});

const child = (index: number): ExecutionRecord => ({
  executionArn: `arn:aws:states:us-east-1:000000000000:execution:m/l:${index}`,
  stateMachineArn: "arn:aws:states:us-east-1:000000000000:stateMachine:m/l",
  name: String(index),
  status: "SUCCEEDED",
  startDate: 0,
  stopDate: 1,
  redriveCount: 0,
  mapRunArn: "arn:aws:states:us-east-1:000000000000:mapRun:m/l:id",
  index,
  input: JSON.stringify("ü".repeat(500)),
  output: String(index),
});

const list = async function* <T>(items: T[]) {
  yield* items;
};

const get = async (Key: string) => {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: "data", Key }));
  return (await Body?.transformToString()) ?? "";
};

const write = (options: { bucket: string; maxFileBytes?: number }) =>
  writeResults({
    s3,
    prefix: "",
    mapRunArn: child(0).mapRunArn ?? "",
    closed: list([0, 1, 2, 3, 4].map(child)),
    pending: list([{ value: 5 }]),
    temporary: join(folder, "temporary"),
    ...options,
  });

describe("result files", () => {
  it("are begun anew when one would be too long, and hold every result once", async () => {
    const { Key } = await write({ bucket: "data", maxFileBytes: 3000 });
    expect(Key).toBe("id/manifest.json");
    const manifest = JSON.parse(await get(Key)) as { ResultFiles: Record<string, { Key: string; Size: number }[]> };
    const files = manifest.ResultFiles["SUCCEEDED"] ?? [];
    expect(files.map((each) => each.Key)).toEqual(files.map((_, index) => `id/SUCCEEDED_${index}.json`));
    expect(files.length).toBeGreaterThan(1);
    const names: string[] = [];
    for (const file of files) {
      const text = await get(file.Key);
      expect(Buffer.byteLength(text)).toBe(file.Size);
      expect(file.Size).toBeLessThanOrEqual(3000);
      names.push(...(JSON.parse(text) as { Name: string }[]).map(({ Name }) => Name));
    }
    expect(names).toEqual(["0", "1", "2", "3", "4"]);
    expect(JSON.parse(await get("id/PENDING_0.json"))).toMatchObject([{ Input: "5", Status: "PENDING" }]);
    expect(readdirSync(folder)).toEqual(["objects"]);
  });

  it("that cannot be written fail with States.ResultWriterFailed, naming the place", async () => {
    await expect(write({ bucket: "nowhere" })).rejects.toMatchObject({
      error: "States.ResultWriterFailed",
      reason: expect.stringContaining("s3://nowhere/id: NoSuchBucket"),
    });
    expect(readdirSync(folder)).toEqual(["objects"]);
  });
});
