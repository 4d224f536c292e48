import { AwsFault } from "../aws-json.ts";
import { invalidParameter } from "./faults.ts";

/** What happens to a message that is received too often. */
interface RedrivePolicy {
  deadLetterTargetArn: string;
  /** From 1 to 1000. */
  maxReceiveCount: number;
}

/** The attributes of a queue that decide what it does, decoded. */
export interface QueueSettings {
  visibilityTimeoutSeconds: number;
  delaySeconds: number;
  maximumMessageBytes: number;
  retentionSeconds: number;
  /** How long a receive waits that does not say so itself. */
  waitSeconds: number;
  redrive?: RedrivePolicy;
}

type NumberSetting = Exclude<keyof QueueSettings, "redrive">;

/** Ranges and defaults of the numeric attributes, from the SQS API reference (SetQueueAttributes, 2025-08: 1 MiB). */
const NUMBERS: Record<string, { setting: NumberSetting; min: number; max: number; default: number }> = {
  VisibilityTimeout: { setting: "visibilityTimeoutSeconds", min: 0, max: 43_200, default: 30 },
  DelaySeconds: { setting: "delaySeconds", min: 0, max: 900, default: 0 },
  MaximumMessageSize: { setting: "maximumMessageBytes", min: 1024, max: 1_048_576, default: 1_048_576 },
  MessageRetentionPeriod: { setting: "retentionSeconds", min: 60, max: 1_209_600, default: 345_600 },
  ReceiveMessageWaitTimeSeconds: { setting: "waitSeconds", min: 0, max: 20, default: 0 },
};

/**
 * SQS encrypts with its own key by default and no caller can tell, so "true" asks for nothing that is missing here; it is
 * the one attribute that is taken without effect.
 */
const MANAGED_ENCRYPTION = "SqsManagedSseEnabled";

const SETTABLE = [...Object.keys(NUMBERS), "RedrivePolicy", MANAGED_ENCRYPTION];

/** The settings of a queue created without attributes. */
export const DEFAULT_SETTINGS: QueueSettings = {
  visibilityTimeoutSeconds: 30,
  delaySeconds: 0,
  maximumMessageBytes: 1_048_576,
  retentionSeconds: 345_600,
  waitSeconds: 0,
};

/**
 * `settings` with the given attributes (strings, as SQS has them) put over them.
 * @throws AwsFault InvalidAttributeName for an attribute that is not honoured here, InvalidAttributeValue for one out of
 * its range, InvalidParameterValue for a redrive policy that is not one.
 */
export const withAttributes = (settings: QueueSettings, attributes: Record<string, string>): QueueSettings => {
  const result = { ...settings };
  for (const [name, value] of Object.entries(attributes)) {
    const number = NUMBERS[name];
    if (number) result[number.setting] = integerIn(name, value, number.min, number.max);
    else if (name === "RedrivePolicy") setRedrive(result, value);
    else if (name !== MANAGED_ENCRYPTION || value !== "true") throw notHonoured(name, value);
  }
  return result;
};

/** The settings as the strings GetQueueAttributes answers with. */
export const toAttributes = (settings: QueueSettings): Record<string, string> => ({
  ...Object.fromEntries(Object.entries(NUMBERS).map(([name, { setting }]) => [name, String(settings[setting])])),
  ...(settings.redrive && { RedrivePolicy: JSON.stringify(settings.redrive) }),
  [MANAGED_ENCRYPTION]: "true",
});

const setRedrive = (settings: QueueSettings, text: string): void => {
  if (text === "") delete settings.redrive;
  else settings.redrive = parseRedrive(text);
};

const parseRedrive = (text: string): RedrivePolicy => {
  const wrong = (why: string) => invalidParameter(`RedrivePolicy ${text}: ${why}`);
  let policy: unknown;
  try {
    policy = JSON.parse(text);
  } catch {
    throw wrong("is not JSON");
  }
  const { deadLetterTargetArn, maxReceiveCount, ...rest } = (policy ?? {}) as Record<string, unknown>;
  const count = Number(maxReceiveCount);
  if (typeof deadLetterTargetArn !== "string") throw wrong("deadLetterTargetArn must be the ARN of a queue");
  if (!Number.isInteger(count) || count < 1 || count > 1000) throw wrong("maxReceiveCount must be from 1 to 1000");
  if (Object.keys(rest).length > 0) throw wrong(`unknown: ${Object.keys(rest).join(", ")}`);
  return { deadLetterTargetArn, maxReceiveCount: count };
};

const integerIn = (name: string, text: string, min: number, max: number): number => {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new AwsFault("InvalidAttributeValue", `${name} must be an integer from ${min} to ${max}, came "${text}"`);
};

const notHonoured = (name: string, value: string): AwsFault =>
  new AwsFault(
    "InvalidAttributeName",
    `the queue attribute ${name}=${value} is not implemented locally; implemented are: ${SETTABLE.join(", ")}`,
  );
