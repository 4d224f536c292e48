import { AwsFault, onlyFields } from "../aws-json.ts";
import type { NewEvent } from "./event.ts";

/** The most entries of one PutEvents, and the bytes they must stay below together (1 MB). */
const MAX_ENTRIES = 10;
const TOO_MANY_BYTES = 1024 * 1024;

/** What EventBridge counts for an entry that has a time. */
const TIME_BYTES = 14;

const FIELDS = ["Source", "DetailType", "Detail", "Resources", "Time", "EventBusName"] as const;

/** An entry that was refused; the others of its request are taken all the same. */
interface RefusedEntry {
  readonly ErrorCode: string;
  readonly ErrorMessage: string;
}

/** An entry read: the event it stands for, or why there is none. */
export type ReadEntry = { readonly event: NewEvent } | { readonly refused: RefusedEntry };

/**
 * Reads the input of PutEvents, entry by entry.
 * @throws AwsFault ValidationException when the request as a whole is refused: no entry, more than 10, 1 MB or more in
 *   all, or a field that is not implemented here.
 */
export const readEntries = (input: Record<string, unknown>): ReadEntry[] => {
  onlyFields("events", "PutEvents", input, ["Entries"]);
  const { Entries: entries } = input;
  if (!Array.isArray(entries) || entries.length < 1 || entries.length > MAX_ENTRIES) {
    const came = Array.isArray(entries) ? entries.length : "none";
    throw new AwsFault("ValidationException", `PutEvents takes 1 to ${MAX_ENTRIES} Entries, came ${came}`);
  }
  const decoded = entries.map(decodeEntry);
  const bytes = decoded.reduce((sum, entry) => sum + bytesOf(entry), 0);
  if (bytes >= TOO_MANY_BYTES) {
    const message = `Total size of the entries in the request is over the limit: ${bytes} bytes, they must be below ${TOO_MANY_BYTES}`;
    throw new AwsFault("ValidationException", message);
  }
  return decoded.map(readEntry);
};

interface Entry {
  readonly Source?: string;
  readonly DetailType?: string;
  readonly Detail?: string;
  readonly EventBusName?: string;
  readonly Resources?: readonly string[];
  /** Seconds since 1970, as the protocol carries times. */
  readonly Time?: number;
}

const decodeEntry = (entry: unknown, index: number): Entry => {
  const at = `Entries.${index + 1}`;
  const refuse = (expected: string) => new AwsFault("SerializationException", `PutEvents: ${at} must be ${expected}`);
  if (typeof entry !== "object" || entry === null) throw refuse("an object");
  onlyFields("events", `PutEvents ${at}`, entry, FIELDS);
  const fields = entry as Record<string, unknown>;
  for (const name of ["Source", "DetailType", "Detail", "EventBusName"]) {
    if (fields[name] !== undefined && typeof fields[name] !== "string") throw refuse(`given a string as ${name}`);
  }
  const { Resources: resources, Time: time } = fields;
  const isTexts = Array.isArray(resources) && resources.every((resource) => typeof resource === "string");
  if (resources !== undefined && !isTexts) throw refuse("given a list of strings as Resources");
  if (time !== undefined && typeof time !== "number") throw refuse("given seconds since 1970 as Time");
  return fields as Entry;
};

const bytesOf = ({ Source = "", DetailType = "", Detail = "", Resources = [], Time }: Entry): number =>
  [Source, DetailType, Detail, ...Resources].reduce((sum, text) => sum + Buffer.byteLength(text), 0) +
  (Time === undefined ? 0 : TIME_BYTES);

const readEntry = ({ Source, DetailType, Detail, EventBusName, Resources, Time }: Entry): ReadEntry => {
  if (!Source) return missing("Source");
  if (!DetailType) return missing("DetailType");
  if (!Detail) return missing("Detail");
  if (Source.startsWith("aws.")) {
    return refused("NotAuthorizedForSourceException", `Not authorized for the source ${Source}.`);
  }
  const detail = jsonObject(Detail);
  if (detail === undefined) return refused("MalformedDetail", "Detail is malformed: it must be a JSON object.");
  return {
    event: {
      source: Source,
      detailType: DetailType,
      detail,
      ...(EventBusName === undefined ? {} : { bus: EventBusName }),
      ...(Resources === undefined ? {} : { resources: Resources }),
      ...(Time === undefined ? {} : { time: new Date(Time * 1000) }),
    },
  };
};

const refused = (ErrorCode: string, ErrorMessage: string): ReadEntry => ({ refused: { ErrorCode, ErrorMessage } });

const missing = (name: string): ReadEntry =>
  refused("InvalidArgument", `Parameter ${name} is not valid. Reason: ${name} is a required argument.`);

/** The JSON object that a text holds; undefined when it holds none. */
export const jsonObject = (text: string): Record<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
};
