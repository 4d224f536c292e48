import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";

/** A running checksum; `value` is base64, as S3 sends it. */
interface Running {
  update(bytes: Buffer): void;
  value(): string;
}

const hashOf = (name: string) => (): Running => {
  const hash = createHash(name);
  return { update: (bytes) => void hash.update(bytes), value: () => hash.digest("base64") };
};

const crc = (): Running => {
  let sum = 0;
  return {
    update(bytes) {
      sum = crc32(bytes, sum);
    },
    value() {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(sum);
      return bytes.toString("base64");
    },
  };
};

/** The checksums that are verified, by the name in `x-amz-checksum-<name>`. The SDKs use CRC32 unless told otherwise. */
const ALGORITHMS = new Map<string, () => Running>([
  ["crc32", crc],
  ["sha1", hashOf("sha1")],
  ["sha256", hashOf("sha256")],
]);

export const CHECKSUM_HEADERS = [...ALGORITHMS.keys()].map((name) => `x-amz-checksum-${name}`);

export const isChecksumAlgorithm = (name: string): boolean => ALGORITHMS.has(name.toLowerCase());

/** A checksum kept with an object: the header it travels in and its value. */
export interface Checksum {
  header: string;
  value: string;
}

/** Computes what a body must be checked against while it streams by. */
export class BodyDigest {
  readonly #md5 = createHash("md5");
  readonly #header: string | undefined;
  readonly #checksum: Running | undefined;

  /** @param header the checksum header to compute, e.g. `x-amz-checksum-crc32`; none when undefined. */
  constructor(header: string | undefined) {
    this.#header = header;
    this.#checksum = header === undefined ? undefined : ALGORITHMS.get(header.replace("x-amz-checksum-", ""))?.();
  }

  update(bytes: Buffer): void {
    this.#md5.update(bytes);
    this.#checksum?.update(bytes);
  }

  /** To be called once, at the end. */
  finish(): { md5: Buffer; checksum: Checksum | undefined } {
    const checksum = this.#checksum && { header: this.#header ?? "", value: this.#checksum.value() };
    return { md5: this.#md5.digest(), checksum };
  }
}
