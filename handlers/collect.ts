import { Effect, Layer, Schema } from "effect";
import { GridBus } from "#grid/bus.ts";
import { Definition } from "#grid/definition-file.ts";
import { Ledger } from "#grid/ledger.ts";
import { ResultStore } from "#grid/result-store.ts";
import { StepFunctions } from "#grid/step-functions.ts";
import { collectCompletions } from "./collect/collect-completions.ts";
import { lambda } from "./lambda.ts";

/** A batch from an SQS queue, and which of its messages failed (Lambda developer guide, "Using Lambda with Amazon SQS"). */
const SqsEvent = Schema.Struct({
  Records: Schema.Array(Schema.Struct({ messageId: Schema.String, body: Schema.String })),
});
const BatchResponse = Schema.Struct({
  batchItemFailures: Schema.Array(Schema.Struct({ itemIdentifier: Schema.String })),
});

/** Called with batches of the completion queues. */
export const handler = lambda(
  Layer.mergeAll(Definition.layer, Ledger.layer, ResultStore.layer, GridBus.layer, StepFunctions.layer),
  {
    input: SqsEvent,
    output: BatchResponse,
    ids: ({ Records }) => ({ messages: Records.length }),
    run: ({ Records }) =>
      Effect.map(collectCompletions(Records), (failed) => ({
        batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })),
      })),
  },
);
