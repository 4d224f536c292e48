import { sqsText } from "./message.ts";

/** A task as it travels: its index and its JSON text. */
export interface IndexedTask {
  readonly index: number;
  readonly line: string;
}

export interface Packing {
  /** Seconds of work that one message should hold. */
  readonly targetSeconds: number;
  /** Most tasks in a message. */
  readonly maxTasks: number;
  /** Mean time of a task, measured or expected; unknown means one task a message. */
  readonly taskSeconds: number | undefined;
  /** Tasks that the pool's workers can run at a time. */
  readonly slots: number;
  /** Tasks of the same round that are sent after these. */
  readonly tasksBehind: number;
}

/** A pack closes before it holds more bytes of tasks; a longer task travels alone. SQS takes 1 MiB, but a batch of ten may hold no more. */
export const PACK_BYTES = 200 * 1024;

/** Cuts tasks into packs: each task once, in order. */
export function packTasks(tasks: readonly IndexedTask[], packing: Packing): IndexedTask[][] {
  const packs: IndexedTask[][] = [];
  let pack: IndexedTask[] = [];
  let bytes = 0;
  let room = packSize(tasks.length + packing.tasksBehind, packing);
  for (const [sent, { index, line }] of tasks.entries()) {
    const task = { index, line: sqsText(line) };
    const size = Buffer.byteLength(task.line) + 1;
    if (pack.length > 0 && (pack.length >= room || bytes + size > PACK_BYTES)) {
      packs.push(pack);
      pack = [];
      bytes = 0;
      room = packSize(tasks.length - sent + packing.tasksBehind, packing);
    }
    pack.push(task);
    bytes += size;
  }
  if (pack.length > 0) packs.push(pack);
  return packs;
}

/** Tasks that fill a message's target of work; 1 when their time is not known. */
export function tasksPerTarget({
  targetSeconds,
  maxTasks,
  taskSeconds,
}: Pick<Packing, "targetSeconds" | "maxTasks" | "taskSeconds">): number {
  if (taskSeconds === undefined) return 1;
  return Math.min(maxTasks, Math.max(1, Math.floor(targetSeconds / taskSeconds)));
}

/** At the end of a job a pack may shrink to this part of its target: below it, what a message costs outweighs the better spread. */
const LEAST_PART = 1 / 10;

/**
 * Tasks in the next pack when `remaining` are still to be sent: the target's worth, but toward the end no more than half of an even share
 * of what remains, so that no worker is left with a long pack while the others have nothing (guided self-scheduling).
 */
export function packSize(remaining: number, packing: Packing): number {
  const most = tasksPerTarget(packing);
  const least = tasksPerTarget({ ...packing, targetSeconds: packing.targetSeconds * LEAST_PART });
  const share = Math.ceil(remaining / (2 * packing.slots));
  return Math.min(most, Math.max(least, share));
}
