import { Schema } from "effect";
import { Count, Positive, withDefault } from "./fields.ts";

const Image = Schema.Union([
  Schema.Struct({ base: Schema.NonEmptyString }),
  Schema.Struct({ dockerfile: Schema.NonEmptyString }),
]);

/** A pool of workers: what they run on, and how many. */
export const PoolConfig = Schema.Struct({
  instanceTypes: withDefault(Schema.Array(Schema.NonEmptyString).check(Schema.isMinLength(1)), [
    "c7i.2xlarge",
    "c6i.2xlarge",
  ]),
  spotPercent: withDefault(Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 100 })), 70),
  /** Fewest workers. Default 0. */
  min: withDefault(Count, 0),
  /** Most workers. Default 100. */
  max: withDefault(Positive, 100),
  /** Tasks that one worker runs at a time. Default 1. */
  slots: withDefault(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 256 })), 1),
  image: Schema.optionalKey(Image),
});
export type PoolConfig = typeof PoolConfig.Type;
