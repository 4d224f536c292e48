import { createHash, randomUUID } from "node:crypto";
import type { Expression } from "jsonata";

const HASHES: Readonly<Record<string, string>> = {
  MD5: "md5",
  "SHA-1": "sha1",
  "SHA-256": "sha256",
  "SHA-384": "sha384",
  "SHA-512": "sha512",
};

/** The longest array $range makes [Step Functions guide, transforming-data]. */
const MAX_RANGE_LENGTH = 1000;

/** Adds the functions Step Functions has beside JSONata's own [Step Functions guide, transforming-data]. */
export const registerFunctions = (expression: Expression): void => {
  expression.registerFunction("partition", partition, "<an:a>");
  expression.registerFunction("range", range, "<nnn:a>");
  expression.registerFunction("hash", hash, "<xs:s>");
  expression.registerFunction("random", random, "<n?:n>");
  expression.registerFunction("uuid", () => randomUUID(), "<:s>");
  expression.registerFunction("parse", parse, "<s:x>");
};

/** `array` in pieces of `size`, the last one shorter if need be. */
const partition = (array: unknown[] | undefined, size: number): unknown[][] | undefined => {
  if (array === undefined) return undefined;
  if (!Number.isInteger(size) || size < 1) {
    throw new Error(`$partition: the size must be a whole number from 1 up, came ${size}`);
  }
  return Array.from({ length: Math.ceil(array.length / size) }, (_, index) =>
    array.slice(index * size, (index + 1) * size),
  );
};

/** From `first` by `step` to `last`, both ends included. */
const range = (first: number, last: number, step: number): number[] => {
  if (step === 0) throw new Error("$range: the step must not be 0");
  const length = Math.max(0, Math.floor((last - first) / step) + 1);
  if (length > MAX_RANGE_LENGTH) throw new Error(`$range: ${length} numbers, at most ${MAX_RANGE_LENGTH} are made`);
  return Array.from({ length }, (_, index) => first + index * step);
};

/** Hexadecimal digest of a string, or of another value's JSON. */
const hash = (value: unknown, algorithm: string): string | undefined => {
  if (value === undefined) return undefined;
  const name = HASHES[algorithm];
  if (name === undefined) {
    throw new Error(`$hash: unknown algorithm "${algorithm}", known are ${Object.keys(HASHES).join(", ")}`);
  }
  return createHash(name)
    .update(typeof value === "string" ? value : JSON.stringify(value))
    .digest("hex");
};

/** From 0 up to, not including, 1; the same number for the same seed. */
const random = (seed?: number): number => {
  if (seed === undefined) return Math.random();
  return createHash("sha256").update(String(seed)).digest().readUInt32BE(0) / 2 ** 32;
};

/** The value written in a JSON text. */
const parse = (text: string | undefined): unknown => (text === undefined ? undefined : JSON.parse(text));
