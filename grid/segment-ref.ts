import { randomBytes } from "node:crypto";

/** Where rows of a chunk lie: a byte range of one of the job's result segments. */
export interface SegmentRef {
  /** Id of the segment, 20 hexadecimal digits: 6 bytes of time in milliseconds, then 4 random ones. Ids sort by time. */
  readonly segment: string;
  readonly start: number;
  readonly length: number;
}

/** A new segment's id. */
export function segmentId(now: number, random: Buffer = randomBytes(4)): string {
  const id = Buffer.alloc(10);
  id.writeUIntBE(now, 0, 6);
  random.copy(id, 6, 0, 4);
  return id.toString("hex");
}

/** A reference in 18 bytes: id, start, length. */
export function encodeRef({ segment, start, length }: SegmentRef): Uint8Array {
  const bytes = Buffer.alloc(18);
  bytes.write(segment, "hex");
  bytes.writeUInt32BE(start, 10);
  bytes.writeUInt32BE(length, 14);
  return bytes;
}

export function decodeRef(encoded: Uint8Array): SegmentRef {
  const bytes = Buffer.from(encoded.buffer, encoded.byteOffset, encoded.byteLength);
  return {
    segment: bytes.toString("hex", 0, 10),
    start: bytes.readUInt32BE(10),
    length: bytes.readUInt32BE(14),
  };
}

/** Segment order: by id, then by place in the segment. */
export const inSegmentOrder = (a: SegmentRef, b: SegmentRef): number =>
  a.segment === b.segment ? a.start - b.start : a.segment < b.segment ? -1 : 1;
