import { Schema } from "effect";
import { AccountId, Positive, withDefault } from "./fields.ts";

/** The event bus. */
export const BusConfig = Schema.Struct({
  /** Days that the archive keeps events for a replay ($0.10 a GB taken in, $0.023 a GB a month). Default 30. */
  archiveDays: withDefault(Positive, 30),
  /** Other accounts that may put events on the bus (12 digits each). Default none. */
  publishers: withDefault(Schema.Array(AccountId).check(Schema.isUnique()), []),
});
export type BusConfig = typeof BusConfig.Type;
