/** The few forms of ASN.1's Distinguished Encoding Rules that a certificate is made of (ITU-T X.690). */

const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** A value with its tag and its length. */
function encoded(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag, ...lengthOf(content.length)]), content]);
}

/** One byte below 128; else how many bytes follow, and those. */
function lengthOf(length: number): number[] {
  if (length < 0x80) return [length];
  const bytes = bigEndian(length);
  return [0x80 | bytes.length, ...bytes];
}

function bigEndian(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return bytes;
}

export const sequence = (...parts: readonly Uint8Array[]) => encoded(TAG.sequence, ...parts);
export const set = (...parts: readonly Uint8Array[]) => encoded(TAG.set, ...parts);
export const octetString = (content: Uint8Array) => encoded(TAG.octetString, content);
export const utf8String = (text: string) => encoded(TAG.utf8String, Buffer.from(text, "utf8"));
export const yes = () => encoded(TAG.boolean, Buffer.from([0xff]));

/** A number of zero or more, from its big-endian bytes: a first bit that is set would be a sign, leading zeros are not allowed. */
export function integer(bytes: Uint8Array): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  const digits = first === -1 ? Buffer.from([0]) : bytes.subarray(first);
  return encoded(TAG.integer, Buffer.from(digits[0]! >= 0x80 ? [0] : []), digits);
}

/** Bits; `unused` of the last byte do not count. */
export const bitString = (content: Uint8Array, unused = 0) => encoded(TAG.bitString, Buffer.from([unused]), content);

/** "1.2.840…": the first two numbers in one byte, each other in groups of seven bits. */
export function objectIdentifier(dotted: string): Buffer {
  const [first, second, ...rest] = dotted.split(".").map(Number);
  return encoded(TAG.objectIdentifier, Buffer.from([first! * 40 + second!, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
  const groups = [value & 0x7f];
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) groups.unshift((rest & 0x7f) | 0x80);
  return groups;
}

/** To the second. Certificates write years before 2050 with two digits (RFC 5280, 4.1.2.5). */
export function time(at: Date): Buffer {
  const digits = `${at.toISOString().slice(0, 19).replace(/\D/g, "")}Z`;
  return at.getUTCFullYear() < 2050
    ? encoded(TAG.utcTime, Buffer.from(digits.slice(2)))
    : encoded(TAG.generalizedTime, Buffer.from(digits));
}

/** A field that is told apart by its number: `[n] EXPLICIT`, around another value. */
export const explicit = (number: number, ...parts: readonly Uint8Array[]) => encoded(0xa0 | number, ...parts);
/** `[n] IMPLICIT` in place of a primitive value's own tag. */
export const implicit = (number: number, content: Uint8Array) => encoded(0x80 | number, content);
