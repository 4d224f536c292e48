import { createHash, randomUUID } from "node:crypto";
import { join } from "node:path";
import { Blobs } from "./blobs.ts";
import type { Body } from "./body.ts";
import { Catalog, type StoredObject, type Upload, type UploadedPart } from "./catalog.ts";
import type { Checksum } from "./checksums.ts";
import { noSuchKey, s3Fault } from "./faults.ts";
import type { Piece } from "./range.ts";

/** Checks a write against what is there when it takes effect; throws to refuse it. */
export type Precondition = (existing: StoredObject | undefined) => void;

/** Bytes that were taken in and verified, not yet part of anything. */
export interface Received {
  piece: Piece;
  md5: Buffer;
  checksum: Checksum | undefined;
}

/** Buckets and objects in a folder: bytes as files, all else in a catalog beside them. */
export class ObjectStore {
  readonly catalog: Catalog;
  readonly blobs: Blobs;

  /** Opens the folder, or makes a new store there. */
  constructor(folder: string) {
    this.blobs = new Blobs(folder);
    this.catalog = new Catalog(join(folder, "catalog.sqlite"));
  }

  close(): void {
    this.catalog.close();
  }

  /** @throws AwsFault NoSuchBucket */
  requireBucket(name: string): void {
    if (!this.catalog.hasBucket(name)) throw s3Fault(404, "NoSuchBucket", `the bucket ${name} does not exist`);
  }

  /** @throws AwsFault NoSuchBucket, NoSuchKey */
  object(bucket: string, key: string): StoredObject {
    this.requireBucket(bucket);
    const object = this.catalog.object(bucket, key);
    if (!object) throw noSuchKey(bucket, key);
    return object;
  }

  /** Writes a request's body to disk and checks it against what was announced; a bad one leaves nothing. */
  async receive(body: Body): Promise<Received> {
    const piece = await this.blobs.write(body.chunks());
    try {
      return { piece, ...body.verified() };
    } catch (error) {
      await this.blobs.remove([piece]);
      throw error;
    }
  }

  /** Makes pieces an object, in place of what had its key; if `precondition` throws, they are removed. */
  async put(bucket: string, object: StoredObject, precondition: Precondition): Promise<void> {
    const replaced = this.catalog.object(bucket, object.key);
    try {
      this.requireBucket(bucket);
      precondition(replaced);
      this.catalog.putObject(bucket, object);
    } catch (error) {
      await this.blobs.remove(object.pieces);
      throw error;
    }
    await this.blobs.remove(replaced?.pieces ?? []);
  }

  /** Removes an object; one that is not there is fine. */
  async remove(bucket: string, key: string): Promise<void> {
    const removed = this.catalog.object(bucket, key);
    this.catalog.removeObject(bucket, key);
    await this.blobs.remove(removed?.pieces ?? []);
  }

  startUpload(bucket: string, key: string, headers: Record<string, string>): Upload {
    const upload = { id: randomUUID(), bucket, key, headers };
    this.catalog.putUpload(upload);
    return upload;
  }

  /** @throws AwsFault NoSuchUpload */
  upload(id: string, bucket: string, key: string): Upload {
    const upload = this.catalog.upload(id);
    if (upload?.bucket === bucket && upload.key === key) return upload;
    throw s3Fault(
      404,
      "NoSuchUpload",
      `the upload ${id} of ${bucket}/${key} does not exist; it may be completed or aborted`,
    );
  }

  async putPart(upload: Upload, number: number, { piece, md5 }: Received): Promise<UploadedPart> {
    const part = { number, etag: md5.toString("hex"), piece };
    const replaced = this.catalog.parts(upload.id).find((each) => each.number === number);
    this.catalog.putPart(upload.id, part);
    await this.blobs.remove(replaced ? [replaced.piece] : []);
    return part;
  }

  /** Makes `parts` of an upload the object, without copying a byte; parts that are left out are removed. */
  async complete(upload: Upload, parts: readonly UploadedPart[], precondition: Precondition): Promise<StoredObject> {
    const { bucket, key, headers } = upload;
    const digests = Buffer.concat(parts.map(({ etag }) => Buffer.from(etag, "hex")));
    const object: StoredObject = {
      key,
      etag: `${createHash("md5").update(digests).digest("hex")}-${parts.length}`,
      bytes: parts.reduce((sum, { piece }) => sum + piece.bytes, 0),
      modifiedAt: Date.now(),
      headers,
      pieces: parts.map(({ piece }) => piece),
    };
    const replaced = this.catalog.object(bucket, key);
    precondition(replaced);
    const used = new Set(parts.map(({ number }) => number));
    const unused = this.catalog.parts(upload.id).filter(({ number }) => !used.has(number));
    this.catalog.atomically(() => {
      this.catalog.putObject(bucket, object);
      this.catalog.removeUpload(upload.id);
    });
    await this.blobs.remove([...(replaced?.pieces ?? []), ...unused.map(({ piece }) => piece)]);
    return object;
  }

  async abort(upload: Upload): Promise<void> {
    const parts = this.catalog.parts(upload.id);
    this.catalog.removeUpload(upload.id);
    await this.blobs.remove(parts.map(({ piece }) => piece));
  }
}
