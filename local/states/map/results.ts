import { createReadStream } from "node:fs";
import { type FileHandle, open, rm } from "node:fs/promises";
import type { S3Client } from "@aws-sdk/client-s3";
import { lastPart } from "../arns.ts";
import { StateFailure } from "../failure.ts";
import type { Json, JsonObject } from "../json.ts";
import { redriveStatusOf } from "../records/redrive-status.ts";
import type { ExecutionRecord } from "../records/types.ts";

/** Bytes of a result file before the next one is begun [guide, input-output-resultwriter]. */
const MAX_RESULT_FILE_BYTES = 5 * 10 ** 9;

type Kind = "SUCCEEDED" | "FAILED" | "PENDING";

interface ResultFile {
  readonly Key: string;
  readonly Size: number;
}

/** A closed child execution as the result files, and an output without ResultWriter, show it. */
export const resultOf = (record: ExecutionRecord): JsonObject => ({
  ExecutionArn: record.executionArn,
  Input: record.input,
  InputDetails: { Included: true },
  Name: record.name,
  ...(record.output === undefined ? {} : { Output: record.output, OutputDetails: { Included: true } }),
  ...(record.error === undefined ? {} : { Error: record.error }),
  ...(record.cause === undefined ? {} : { Cause: record.cause }),
  RedriveCount: record.redriveCount,
  ...pascal(redriveStatusOf(record)),
  StartDate: new Date(record.startDate).toISOString(),
  StateMachineArn: record.stateMachineArn,
  Status: record.status,
  ...(record.stopDate === undefined ? {} : { StopDate: new Date(record.stopDate).toISOString() }),
});

const pascal = (status: { redriveStatus: string; redriveStatusReason?: string }): JsonObject => ({
  RedriveStatus: status.redriveStatus,
  ...(status.redriveStatusReason === undefined ? {} : { RedriveStatusReason: status.redriveStatusReason }),
});

/**
 * Writes what became of a Map Run's items to S3: `SUCCEEDED_n.json`, `FAILED_n.json` (failed, timed out and aborted),
 * `PENDING_n.json` (never started) and a `manifest.json` that lists them.
 * @param options.temporary path of temporary files, to which a name is added.
 * @returns where the manifest is.
 * @throws StateFailure States.ResultWriterFailed
 */
export const writeResults = async (options: {
  s3: S3Client;
  bucket: string;
  prefix: string;
  mapRunArn: string;
  closed: AsyncIterable<ExecutionRecord>;
  pending: AsyncIterable<{ value: Json }>;
  temporary: string;
  maxFileBytes?: number;
}): Promise<{ Bucket: string; Key: string }> => {
  const { s3, bucket, mapRunArn, maxFileBytes = MAX_RESULT_FILE_BYTES } = options;
  const prefix = options.prefix === "" ? "" : `${options.prefix.replace(/\/$/, "")}/`;
  const folder = `${prefix}${lastPart(mapRunArn)}`;
  const writers = new Map<Kind, ResultWriter>();
  const add = async (kind: Kind, result: JsonObject): Promise<void> => {
    const place = { s3, bucket, folder, kind, temporary: options.temporary, maxFileBytes };
    let writer = writers.get(kind);
    if (writer === undefined) {
      writer = new ResultWriter(place);
      writers.set(kind, writer);
    }
    await writer.add(JSON.stringify(result));
  };
  try {
    for await (const record of options.closed) {
      await add(record.status === "SUCCEEDED" ? "SUCCEEDED" : "FAILED", resultOf(record));
    }
    for await (const { value } of options.pending) {
      await add("PENDING", { Input: JSON.stringify(value), InputDetails: { Included: true }, Status: "PENDING" });
    }
    const files: Record<Kind, ResultFile[]> = { FAILED: [], PENDING: [], SUCCEEDED: [] };
    for (const [kind, writer] of writers) files[kind] = [...(await writer.end())];
    const Key = `${folder}/manifest.json`;
    const manifest = { DestinationBucket: bucket, MapRunArn: mapRunArn, ResultFiles: files };
    const { PutObjectCommand } = await import("@aws-sdk/client-s3");
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: JSON.stringify(manifest) }));
    return { Bucket: bucket, Key };
  } catch (error) {
    const { name, message } = error as Error;
    throw new StateFailure("States.ResultWriterFailed", `s3://${bucket}/${folder}: ${name}: ${message}`);
  } finally {
    for (const writer of writers.values()) await writer.discard();
  }
};

/** Where one kind of result is written. */
interface ResultPlace {
  readonly s3: S3Client;
  readonly bucket: string;
  readonly folder: string;
  readonly kind: Kind;
  readonly temporary: string;
  readonly maxFileBytes: number;
}

/** Writes JSON arrays of one kind of result, a temporary file and an object at a time. */
class ResultWriter {
  readonly #place: ResultPlace;
  readonly #written: ResultFile[] = [];
  #file: FileHandle | undefined;
  #bytes = 0;

  constructor(place: ResultPlace) {
    this.#place = place;
  }

  async add(json: string): Promise<void> {
    // With a comma before it and the bracket that closes the array.
    const grown = this.#bytes + Buffer.byteLength(json) + 2;
    if (this.#file !== undefined && grown > this.#place.maxFileBytes) await this.#put();
    this.#file ??= await open(this.#temporary, "w");
    const { bytesWritten } = await this.#file.write(`${this.#bytes === 0 ? "[" : ","}${json}`);
    this.#bytes += bytesWritten;
  }

  async end(): Promise<readonly ResultFile[]> {
    if (this.#file !== undefined) await this.#put();
    return this.#written;
  }

  /** Leaves no temporary file behind, however the writing ended. */
  async discard(): Promise<void> {
    await this.#file?.close();
    await rm(this.#temporary, { force: true });
  }

  get #temporary(): string {
    return `${this.#place.temporary}.${this.#place.kind}.json`;
  }

  async #put(): Promise<void> {
    const { s3, bucket, folder, kind } = this.#place;
    const { bytesWritten } = (await this.#file?.write("]")) ?? { bytesWritten: 0 };
    await this.#file?.close();
    this.#file = undefined;
    const Size = this.#bytes + bytesWritten;
    const Key = `${folder}/${kind}_${this.#written.length}.json`;
    const { PutObjectCommand } = await import("@aws-sdk/client-s3");
    const Body = createReadStream(this.#temporary);
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body, ContentLength: Size }));
    this.#written.push({ Key, Size });
    this.#bytes = 0;
  }
}
