import { createReadStream, createWriteStream } from "node:fs";
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { SNAPSHOT_PREFIX } from "#grid/vault.ts";
import type { Logger } from "../log.ts";

/** The first bytes of a gzip file, which a snapshot is (RFC 1952). */
const GZIP = [0x1f, 0x8b];

interface SnapshotInput {
  /** Of the active server: a snapshot must come from it. */
  readonly address: string;
  readonly token: string;
  readonly s3: S3Client;
  readonly bucket: string;
  /** A folder with room for the snapshot. */
  readonly folder: string;
  readonly now: Date;
  readonly log: Logger;
}

/** Copies Vault's raft storage, encrypted as it is, into the bucket. Returns the object's key. */
export async function takeSnapshot({ address, token, s3, bucket, folder, now, log }: SnapshotInput): Promise<string> {
  const file = join(folder, "vault.snap");
  try {
    await download(`${address}/v1/sys/storage/raft/snapshot`, token, file);
    const bytes = await checkedSize(file);
    const key = `${SNAPSHOT_PREFIX}${now.toISOString()}.snap`;
    await s3.send(
      new PutObjectCommand({ Bucket: bucket, Key: key, Body: createReadStream(file), ContentLength: bytes }),
    );
    log.info("snapshot kept", { key, bytes });
    return key;
  } finally {
    await rm(file, { force: true });
  }
}

async function download(url: string, token: string, file: string): Promise<void> {
  const response = await fetch(url, { headers: { "x-vault-token": token } });
  if (!response.ok || response.body === null) {
    throw new Error(`Vault GET ${url}: expected a snapshot, came ${response.status}: ${await response.text()}`);
  }
  await pipeline(Readable.fromWeb(response.body), createWriteStream(file));
}

/** In bytes. Throws for a file that is no snapshot. */
async function checkedSize(file: string): Promise<number> {
  await using handle = await open(file);
  const { size } = await handle.stat();
  const { buffer } = await handle.read({ buffer: Buffer.alloc(GZIP.length), position: 0 });
  if (GZIP.some((byte, at) => buffer[at] !== byte)) {
    throw new Error(`Vault gave ${size} bytes that are no snapshot: expected a gzip file`);
  }
  return size;
}
