import { ACCOUNT } from "../names.ts";
import { md5OfAttributes } from "./checksums.ts";
import { invalidParameter } from "./faults.ts";
import type { Message, MessageAttribute } from "./message.ts";

/** Each system attribute of a received message; undefined where the message has none. */
const SYSTEM: Record<string, (message: Message) => string | number | undefined> = {
  SenderId: () => ACCOUNT,
  SentTimestamp: (message) => message.sentAt,
  ApproximateReceiveCount: (message) => message.receiveCount,
  ApproximateFirstReceiveTimestamp: (message) => message.firstReceivedAt,
  MessageGroupId: (message) => message.groupId,
  AWSTraceHeader: (message) => message.traceHeader,
  DeadLetterQueueSourceArn: (message) => message.deadLetterSource,
};

/** System attributes only FIFO queues have: asking for them is right, a standard queue has nothing to answer. */
const FIFO_ONLY = new Set(["MessageDeduplicationId", "SequenceNumber"]);

/** Which attributes a receive asked for. */
export interface Wanted {
  system: (keyof typeof SYSTEM)[];
  messageAttributes: string[];
}

/** @throws AwsFault InvalidParameterValue for a system attribute SQS does not have. */
export const systemAttributesWanted = (names: readonly string[]): string[] => {
  if (names.includes("All")) return Object.keys(SYSTEM);
  const unknown = names.filter((name) => !(name in SYSTEM) && !FIFO_ONLY.has(name));
  if (unknown.length > 0) throw invalidParameter(`unknown system attributes: ${unknown.join(", ")}`);
  return names.filter((name) => name in SYSTEM);
};

/** A message as ReceiveMessage shows it. */
export const receivedAnswer = (message: Message, wanted: Wanted): Record<string, unknown> => {
  const attributes = pick(message.attributes, wanted.messageAttributes);
  const md5 = md5OfAttributes(attributes);
  const system = Object.fromEntries(
    wanted.system.flatMap((name) => {
      const value = SYSTEM[name]?.(message);
      return value === undefined ? [] : [[name, String(value)]];
    }),
  );
  return {
    MessageId: message.id,
    ReceiptHandle: message.receiptHandle,
    MD5OfBody: message.md5OfBody,
    Body: message.body,
    ...(wanted.system.length > 0 && { Attributes: system }),
    ...(md5 !== undefined && { MessageAttributes: attributes, MD5OfMessageAttributes: md5 }),
  };
};

/** The attributes asked for: by name, by `prefix.*`, or all by `All` and `.*`. */
const pick = (
  attributes: Record<string, MessageAttribute>,
  names: readonly string[],
): Record<string, MessageAttribute> => {
  if (names.length === 0) return {};
  if (names.includes("All") || names.includes(".*")) return attributes;
  const prefixes = names.filter((name) => name.endsWith(".*")).map((name) => name.slice(0, -1));
  const isWanted = (name: string) => names.includes(name) || prefixes.some((prefix) => name.startsWith(prefix));
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => isWanted(name)));
};
