import { randomUUID } from "node:crypto";
import { ACCOUNT, REGION } from "../names.ts";

/** An event to put on a bus from inside the local cloud. Unlike PutEvents it may come from `aws.…`. */
export interface NewEvent {
  readonly source: string;
  readonly detailType: string;
  readonly detail: Readonly<Record<string, unknown>>;
  /** ARNs the event is about; none by default. */
  readonly resources?: readonly string[];
  /** Now by default. */
  readonly time?: Date;
  /** Name or ARN of the bus; `default` by default. */
  readonly bus?: string;
}

/** An event as rules and targets see it. */
export type Envelope = {
  readonly version: "0";
  readonly id: string;
  readonly "detail-type": string;
  readonly source: string;
  readonly account: string;
  /** UTC, in whole seconds. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
};

/** Wraps an event up, with a new id. */
export const envelopeOf = (event: NewEvent): Envelope => ({
  version: "0",
  id: randomUUID(),
  "detail-type": event.detailType,
  source: event.source,
  account: ACCOUNT,
  time: (event.time ?? new Date()).toISOString().replace(/\.\d+Z$/, "Z"),
  region: REGION,
  resources: event.resources ?? [],
  detail: event.detail,
});

/** The bus named `default`, which is always there. */
export const DEFAULT_BUS = "default";

export const busArn = (name: string): string => `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/${name}`;

/** The name in a bus's name or ARN. */
export const busNameOf = (nameOrArn: string): string => nameOrArn.slice(nameOrArn.lastIndexOf("/") + 1);

export const ruleArn = (bus: string, name: string): string =>
  `arn:aws:events:${REGION}:${ACCOUNT}:rule/${bus === DEFAULT_BUS ? "" : `${bus}/`}${name}`;
