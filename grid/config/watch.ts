import { Schema } from "effect";

/** Settings of the watch stack. */
export const WatchConfig = Schema.Struct({});
export type WatchConfig = typeof WatchConfig.Type;
