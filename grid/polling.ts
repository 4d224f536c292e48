import { PRIORITIES, type Priority } from "./names.ts";

/** Of thirteen draws among queues that all hold messages, eight are high, four normal, one low. */
export const WEIGHTS: Readonly<Record<Priority, number>> = { high: 8, normal: 4, low: 1 };

/** How long a queue that was found empty is left out, in milliseconds. */
export const LEFT_OUT_MS = 1000;

/** What a worker knows of its pool's queues. */
export interface Polling {
  /** What each queue is owed: the one that is owed most is drawn (smooth weighted round-robin). */
  readonly credits: Readonly<Record<Priority, number>>;
  /** When each was last found empty, in milliseconds; -Infinity for one that was not. */
  readonly emptyAt: Readonly<Record<Priority, number>>;
}

export const newPolling: Polling = {
  credits: { high: 0, normal: 0, low: 0 },
  emptyAt: { high: -Infinity, normal: -Infinity, low: -Infinity },
};

/** The queue to ask next, and the state after it; no queue when all were found empty within the last second: wait at all of them. */
export function drawQueue(polling: Polling, now: number): readonly [Priority | undefined, Polling] {
  const open = PRIORITIES.filter((priority) => now - polling.emptyAt[priority] >= LEFT_OUT_MS);
  if (open.length === 0) return [undefined, polling];
  const credits = { ...polling.credits };
  for (const priority of open) credits[priority] += WEIGHTS[priority];
  const drawn = open.reduce((most, priority) => (credits[priority] > credits[most] ? priority : most));
  credits[drawn] -= open.reduce((sum, priority) => sum + WEIGHTS[priority], 0);
  return [drawn, { ...polling, credits }];
}

/** After a queue was asked. An empty one loses what it was owed, so that it cannot save up. */
export function afterReceive(polling: Polling, priority: Priority, received: number, now: number): Polling {
  const empty = received === 0;
  return {
    credits: empty ? { ...polling.credits, [priority]: 0 } : polling.credits,
    emptyAt: { ...polling.emptyAt, [priority]: empty ? now : -Infinity },
  };
}

/** SQS answers at most this many messages to a receive (ReceiveMessage, API reference). */
export const RECEIVE_MESSAGES = 10;

/** Packs are fetched ahead for this many seconds of work: a receive takes less. */
const AHEAD_SECONDS = 0.1;

/** A pack that runs for longer is no measure of those fetched ahead: its slot gets none, and what waits that long goes elsewhere. */
export const LONG_PACK_SECONDS = 1;

interface Load {
  /** Packs that run at a time. */
  readonly slots: number;
  readonly running: number;
  /** Those of them that have run for longer than LONG_PACK_SECONDS. */
  readonly long: number;
  /** Packs that are here and have not begun. */
  readonly waiting: number;
  /** Measured mean time of a pack; undefined before the first. */
  readonly packSeconds: number | undefined;
}

/**
 * Messages to ask for: as many as can start at once. Packs so short that a receive would take longer than they do are fetched ahead:
 * as many as the slots work off in a tenth of a second, at most ten; more are asked for when half of those are used up.
 */
export function messagesToTake({ slots, running, long, waiting, packSeconds }: Load): number {
  const short = packSeconds === undefined ? 0 : Math.floor(((slots - long) * AHEAD_SECONDS) / packSeconds);
  const ahead = Math.min(RECEIVE_MESSAGES, short);
  const idle = slots - running - waiting;
  if (idle <= 0 && waiting > ahead / 2) return 0;
  return Math.max(0, Math.min(RECEIVE_MESSAGES, idle + ahead));
}

/** Weight of the newest pack in the measured mean. */
const NEWEST = 0.2;

/** The mean time of a pack, in which older packs count less and less. */
export const meanPackSeconds = (mean: number | undefined, seconds: number): number =>
  mean === undefined ? seconds : mean + NEWEST * (seconds - mean);
