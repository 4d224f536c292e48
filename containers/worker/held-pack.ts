import type { ApplicationDefinition, GridDefinition } from "#grid/definition.ts";
import { decodePack, type Pack } from "#grid/message.ts";
import type { Received } from "./task-queues.ts";

/** A message that holds a pack which this worker can run. */
export interface HeldPack {
  readonly message: Received;
  readonly pack: Pack;
  readonly application: ApplicationDefinition;
  /** Tasks of it that are sent back while it runs. */
  readonly sends: Promise<void>[];
}

/** Throws an Error that says why a message is of no use to a worker of the pool. */
export function readPack(message: Received, { applications }: GridDefinition, pool: string): HeldPack {
  const pack = decodePack(message.body);
  const { job, application: name } = pack.header;
  const application = applications[name];
  if (application?.pool !== pool) throw new Error(`job ${job}: the image of pool ${pool} has no application "${name}"`);
  return { message, pack, application, sends: [] };
}
