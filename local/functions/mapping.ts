import { AwsFault } from "../aws-json.ts";

/** An SQS queue as the event source of a function: what `AWS::Lambda::EventSourceMapping` says. */
export interface EventSourceMapping {
  /** Name or ARN. */
  readonly functionName: string;
  readonly queueArn: string;
  readonly queueUrl: string;
  /** 1 to 10,000 messages; more than 10 need a window of at least 1 s. */
  readonly batchSize: number;
  /** 0 to 300 seconds that a batch is gathered for. */
  readonly windowSeconds: number;
  /** Whether the handler's `batchItemFailures` are heeded; otherwise a batch succeeds or fails as a whole. */
  readonly reportBatchItemFailures: boolean;
  /** 2 to 1,000 batches at a time; the function's local concurrency when absent or smaller. */
  readonly maximumConcurrency?: number;
}

/**
 * Bytes of a batch's records. Lambda takes 6 MB for a whole event; a quarter of a megabyte is left for the commas and
 * brackets around 10,000 records.
 */
export const MAX_BATCH_BYTES = 6 * 1024 * 1024 - 256 * 1024;

/** @throws AwsFault InvalidParameterValueException where Lambda would refuse the mapping. */
export const checkMapping = (
  mapping: EventSourceMapping,
  queueVisibilitySeconds: number,
  functionTimeoutSeconds: number,
): void => {
  const { batchSize, windowSeconds, maximumConcurrency } = mapping;
  const refuse = (why: string): never => {
    throw new AwsFault("InvalidParameterValueException", `${mapping.queueArn} -> ${mapping.functionName}: ${why}`);
  };
  if (!isWithin(batchSize, 1, 10_000)) refuse(`BatchSize must be 1 to 10000, came ${batchSize}`);
  if (!isWithin(windowSeconds, 0, 300))
    refuse(`MaximumBatchingWindowInSeconds must be 0 to 300, came ${windowSeconds}`);
  if (batchSize > 10 && windowSeconds === 0) {
    refuse(`MaximumBatchingWindowInSeconds must be at least 1 when BatchSize is over 10, which is ${batchSize}`);
  }
  if (maximumConcurrency !== undefined && !isWithin(maximumConcurrency, 2, 1000)) {
    refuse(`MaximumConcurrency must be 2 to 1000, came ${maximumConcurrency}`);
  }
  if (queueVisibilitySeconds < functionTimeoutSeconds) {
    const seconds = `${queueVisibilitySeconds} seconds is less than Function timeout: ${functionTimeoutSeconds} seconds`;
    refuse(`Queue visibility timeout: ${seconds}`);
  }
};

const isWithin = (value: number, least: number, most: number): boolean =>
  Number.isInteger(value) && value >= least && value <= most;
