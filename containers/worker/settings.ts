import { Config, Schema } from "effect";
import { ENV } from "#grid/names.ts";

const Slots = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 256 }));

/** What a worker's Deployment tells it. */
export const workerSettings = Config.all({
  grid: Config.NonEmptyString(ENV.grid),
  pool: Config.NonEmptyString(ENV.pool),
  bucket: Config.NonEmptyString(ENV.bucket),
  /** Packs that run at a time, 1 to 256. */
  slots: Config.schema(Slots, ENV.slots),
  /** Mount point of the shared file system. */
  sharedFolder: Config.NonEmptyString(ENV.sharedFolder),
  podUid: Config.NonEmptyString(ENV.podUid),
});
