import { Schema } from "effect";
import { Positive, withDefault } from "./fields.ts";

/** The grid's bucket. */
export const StorageConfig = Schema.Struct({
  /** Days after which inputs, tasks and results of a job are deleted. Default 90; S3 Standard is $0.023 a GB a month. */
  jobDays: withDefault(Positive, 90),
  /** Days that an object which was overwritten or deleted can still be brought back. Default 7. */
  noncurrentDays: withDefault(Positive, 7),
  /** Days that the access logs of buckets are kept. Default 90. */
  accessLogDays: withDefault(Positive, 90),
});
export type StorageConfig = typeof StorageConfig.Type;
