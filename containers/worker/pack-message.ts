import { encodePack, type PackHeader } from "#grid/message.ts";
import type { OutgoingMessage } from "#grid/message-batches.ts";
import type { IndexedTask } from "#grid/packing.ts";
import { toRanges } from "#grid/ranges.ts";

/** Tasks of a pack as a message of its own. */
export const packMessage = (
  header: PackHeader,
  tasks: readonly IndexedTask[],
  { attempt = header.attempt, delaySeconds = 0 }: { readonly attempt?: number; readonly delaySeconds?: number } = {},
): OutgoingMessage => ({
  body: encodePack(
    { ...header, attempt, indexes: toRanges(tasks.map(({ index }) => index)) },
    tasks.map(({ line }) => line),
  ),
  delaySeconds,
});
