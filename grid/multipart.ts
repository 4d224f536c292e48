import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";

/** Bytes of a part. S3 takes 10,000 parts of at least 5 MiB (S3 user guide, "Multipart upload limits"): objects up to 78 GiB. */
const PART_BYTES = 8 * 1024 * 1024;
/** Parts in memory: one is filled while the others travel. */
const BUFFERS = 2;

interface Place {
  readonly Bucket: string;
  readonly Key: string;
}

/**
 * Writes what `pieces` yields to an object, which is there only when all of it is. The parts' buffers are used again and again, so that
 * memory stays the same however much there is; lib-storage's Upload leaves some 100 MB to the garbage collector.
 */
export async function uploadPieces(
  s3: S3Client,
  place: Place,
  pieces: AsyncIterable<string | Uint8Array>,
  abortSignal: AbortSignal,
): Promise<void> {
  const parts = new Parts(s3, place, abortSignal);
  try {
    for await (const piece of pieces) await parts.add(piece);
    await parts.end();
  } catch (error) {
    await parts.abandon();
    throw error;
  }
}

class Parts {
  readonly #s3: S3Client;
  readonly #place: Place;
  readonly #abortSignal: AbortSignal;
  /** Parts on their way, oldest first; each resolves with its buffer, to be filled again. */
  readonly #travelling: Promise<PartBuffer>[] = [];
  readonly #tags: (string | undefined)[] = [];
  #filling = new PartBuffer();
  #uploadId: string | undefined;

  constructor(s3: S3Client, place: Place, abortSignal: AbortSignal) {
    this.#s3 = s3;
    this.#place = place;
    this.#abortSignal = abortSignal;
  }

  async add(piece: string | Uint8Array): Promise<void> {
    for (let rest = this.#filling.fill(piece); rest.length > 0; rest = this.#filling.fill(rest)) {
      await this.#send();
      this.#filling = this.#travelling.length < BUFFERS ? new PartBuffer() : await this.#travelling.shift()!;
    }
  }

  /** Sends what is left, and makes the object of the parts. */
  async end(): Promise<void> {
    if (this.#uploadId === undefined) {
      const Body = this.#filling.bytes;
      const put = new PutObjectCommand({ ...this.#place, Body, ContentLength: Body.length });
      await this.#s3.send(put, { abortSignal: this.#abortSignal });
      return;
    }
    await this.#send();
    await Promise.all(this.#travelling);
    const Parts = this.#tags.map((ETag, n) => ({ ETag, PartNumber: n + 1 }));
    const complete = { ...this.#place, UploadId: this.#uploadId, MultipartUpload: { Parts } };
    await this.#s3.send(new CompleteMultipartUploadCommand(complete), { abortSignal: this.#abortSignal });
  }

  /** Frees what S3 keeps of an upload that will not be completed. What fails here is left to the bucket's life cycle. */
  async abandon(): Promise<void> {
    await Promise.allSettled(this.#travelling);
    if (this.#uploadId === undefined) return;
    const abort = new AbortMultipartUploadCommand({ ...this.#place, UploadId: this.#uploadId });
    await this.#s3.send(abort).catch(() => undefined);
  }

  async #send(): Promise<void> {
    this.#uploadId ??= (
      await this.#s3.send(new CreateMultipartUploadCommand(this.#place), { abortSignal: this.#abortSignal })
    ).UploadId!;
    const buffer = this.#filling;
    const number = this.#tags.push(undefined);
    const part = { ...this.#place, UploadId: this.#uploadId, PartNumber: number, Body: buffer.bytes };
    const sent = this.#s3.send(new UploadPartCommand(part), { abortSignal: this.#abortSignal }).then(({ ETag }) => {
      this.#tags[number - 1] = ETag;
      buffer.clear();
      return buffer;
    });
    // Looked at when its buffer is needed, or at the end.
    sent.catch(() => undefined);
    this.#travelling.push(sent);
  }
}

const encoder = new TextEncoder();

class PartBuffer {
  readonly #memory = Buffer.allocUnsafeSlow(PART_BYTES);
  #length = 0;

  get bytes(): Buffer {
    return this.#memory.subarray(0, this.#length);
  }

  clear(): void {
    this.#length = 0;
  }

  /** Takes as much of a piece as there is room for, in whole characters; returns the rest of it. */
  fill(piece: string | Uint8Array): string | Uint8Array {
    const room = this.#memory.subarray(this.#length);
    if (typeof piece === "string") {
      const { read, written } = encoder.encodeInto(piece, room);
      this.#length += written;
      return piece.slice(read);
    }
    const taken = piece.subarray(0, room.length);
    this.#memory.set(taken, this.#length);
    this.#length += taken.length;
    return piece.subarray(taken.length);
  }
}
