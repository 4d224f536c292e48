import { randomUUID } from "node:crypto";
import { AwsFault, onlyFields } from "../aws-json.ts";
import { md5OfAttributes, md5OfBody } from "./checksums.ts";
import { invalidParameter } from "./faults.ts";
import { type Input, integerOr, optionalString, requiredString } from "./input.ts";
import type { Message, MessageAttribute } from "./message.ts";
import type { QueueSettings } from "./settings.ts";

/** Fields of a message to send, alone (beside QueueUrl) or as an entry of a batch (beside Id). */
export const MESSAGE_FIELDS = [
  "MessageBody",
  "DelaySeconds",
  "MessageAttributes",
  "MessageSystemAttributes",
  "MessageGroupId",
] as const;

/** What SQS takes in a body: the characters of XML 1.0, beyond the Basic Multilingual Plane too. */
const BAD_CHARACTER = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;

/** AWS's quota of attributes of one message. */
const MAX_ATTRIBUTES = 10;

/**
 * Builds the message a send asks for, received now.
 * @throws AwsFault when the body has a character SQS does not take, is too long for the queue, or a field is wrong.
 */
export const newMessage = (action: string, entry: Input, settings: QueueSettings, now: number): Message => {
  const body = requiredString(entry, "MessageBody");
  const bad = BAD_CHARACTER.exec(body);
  if (bad) {
    const message = `MessageBody has the character U+${body.charCodeAt(bad.index).toString(16).padStart(4, "0")} at ${bad.index}, which SQS does not take`;
    throw new AwsFault("InvalidMessageContents", message);
  }
  const attributes = messageAttributes(action, entry);
  const bytes = messageBytes(body, attributes);
  if (bytes > settings.maximumMessageBytes) {
    throw invalidParameter(`the message has ${bytes} bytes, this queue takes at most ${settings.maximumMessageBytes}`);
  }
  const delaySeconds = integerOr(entry, "DelaySeconds", settings.delaySeconds, 0, 900);
  const groupId = optionalString(entry, "MessageGroupId");
  const traceHeader = traceHeaderOf(action, entry);
  return {
    id: randomUUID(),
    body,
    md5OfBody: md5OfBody(body),
    attributes,
    ...(groupId !== undefined && { groupId }),
    ...(traceHeader !== undefined && { traceHeader }),
    sentAt: now,
    receiveCount: 0,
    dueAt: now + delaySeconds * 1000,
    heapIndex: 0,
  };
};

/** The size SQS counts: the body and each attribute's name, type and value. */
export const messageBytes = (body: string, attributes: Record<string, MessageAttribute>): number => {
  let bytes = Buffer.byteLength(body);
  for (const [name, { DataType, StringValue = "", BinaryValue = "" }] of Object.entries(attributes)) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(DataType) + Buffer.byteLength(StringValue);
    bytes += Buffer.byteLength(BinaryValue, "base64");
  }
  return bytes;
};

/** What a send answers with for a message it took. */
export const sentAnswer = (message: Message): Record<string, string> => {
  const md5 = md5OfAttributes(message.attributes);
  return {
    MessageId: message.id,
    MD5OfMessageBody: message.md5OfBody,
    ...(md5 !== undefined && { MD5OfMessageAttributes: md5 }),
  };
};

const messageAttributes = (action: string, entry: Input): Record<string, MessageAttribute> => {
  const attributes = (entry["MessageAttributes"] ?? {}) as Record<string, MessageAttribute>;
  const names = Object.keys(attributes);
  if (names.length > MAX_ATTRIBUTES) {
    throw invalidParameter(`a message has at most ${MAX_ATTRIBUTES} attributes, came ${names.length}`);
  }
  for (const [name, attribute] of Object.entries(attributes)) {
    onlyFields("SQS", `${action} MessageAttributes.${name}`, attribute, ["DataType", "StringValue", "BinaryValue"]);
    const value = /^Binary(\.|$)/.test(attribute.DataType) ? attribute.BinaryValue : attribute.StringValue;
    if (!/^(String|Number|Binary)(\.|$)/.test(attribute.DataType ?? "") || typeof value !== "string" || value === "") {
      throw invalidParameter(
        `the message attribute ${name} must have a DataType of String, Number or Binary and a value of it, came ${JSON.stringify(attribute)}`,
      );
    }
  }
  return attributes;
};

const traceHeaderOf = (action: string, entry: Input): string | undefined => {
  const system = (entry["MessageSystemAttributes"] ?? {}) as Record<string, MessageAttribute>;
  onlyFields("SQS", `${action} MessageSystemAttributes`, system, ["AWSTraceHeader"]);
  return system["AWSTraceHeader"]?.StringValue;
};
