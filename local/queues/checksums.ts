import { createHash, hash } from "node:crypto";
import type { MessageAttribute } from "./message.ts";

export const md5OfBody = (body: string): string => hash("md5", body);

/** In the digest, one byte says how the value travels. */
const TRANSPORT_STRING = Buffer.of(1);
const TRANSPORT_BINARY = Buffer.of(2);

/**
 * The digest SQS gives for message attributes: sorted by name, each as name, type, transport and value, with a 4-byte
 * length before each but the transport (SQS developer guide, "Calculating the MD5 message digest for message attributes").
 */
export const md5OfAttributes = (attributes: Record<string, MessageAttribute>): string | undefined => {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return undefined;
  const digest = createHash("md5");
  const add = (bytes: Buffer): void => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    digest.update(length).update(bytes);
  };
  for (const name of names) {
    const attribute = attributes[name];
    if (!attribute) continue;
    add(Buffer.from(name));
    add(Buffer.from(attribute.DataType));
    const isBinary = attribute.BinaryValue !== undefined;
    digest.update(isBinary ? TRANSPORT_BINARY : TRANSPORT_STRING);
    add(isBinary ? Buffer.from(attribute.BinaryValue ?? "", "base64") : Buffer.from(attribute.StringValue ?? ""));
  }
  return digest.digest("hex");
};
