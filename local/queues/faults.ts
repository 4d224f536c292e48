import { AwsFault } from "../aws-json.ts";

/** What SDKs of the older query protocol call an error, where that is not its name of today. */
const QUERY_CODES: Record<string, string> = {
  QueueDoesNotExist: "AWS.SimpleQueueService.NonExistentQueue",
  QueueNameExists: "QueueAlreadyExists",
  TooManyEntriesInBatchRequest: "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
  EmptyBatchRequest: "AWS.SimpleQueueService.EmptyBatchRequest",
  BatchEntryIdsNotDistinct: "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
  BatchRequestTooLong: "AWS.SimpleQueueService.BatchRequestTooLong",
  InvalidBatchEntryId: "AWS.SimpleQueueService.InvalidBatchEntryId",
  UnsupportedOperation: "AWS.SimpleQueueService.UnsupportedOperation",
};

/** The header by which SQS tells an SDK the older name of an error. */
export const queryErrorHeader = ({ code, status }: AwsFault): Record<string, string> => ({
  "x-amzn-query-error": `${QUERY_CODES[code] ?? code};${status < 500 ? "Sender" : "Receiver"}`,
});

export const queueDoesNotExist = (which: string): AwsFault =>
  new AwsFault("QueueDoesNotExist", `the queue ${which} does not exist`);

export const invalidParameter = (message: string): AwsFault => new AwsFault("InvalidParameterValue", message);
