import type { Due } from "./due-heap.ts";

/** A message attribute as it travels: binary values are base64. */
export interface MessageAttribute {
  DataType: string;
  StringValue?: string;
  BinaryValue?: string;
}

/** A message a queue holds. `dueAt` is when it becomes visible, while it is delayed or in flight. */
export interface Message extends Due {
  readonly id: string;
  readonly body: string;
  readonly md5OfBody: string;
  readonly attributes: Record<string, MessageAttribute>;
  /** Fair queues: whose message this is. Kept and returned; the local queue serves all groups in order of arrival. */
  readonly groupId?: string;
  /** The X-Ray header the sender passed on. */
  readonly traceHeader?: string;
  /** Milliseconds since the epoch. */
  readonly sentAt: number;
  firstReceivedAt?: number;
  receiveCount: number;
  /** The queue that moved the message here because it was received too often. */
  deadLetterSource?: string;
  /** Set while in flight. A handle dies with the visibility timeout, as AWS allows: its message is delivered again. */
  receiptHandle?: string;
}
