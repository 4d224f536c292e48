import { Layer, Schema } from "effect";
import { Definition } from "#grid/definition-file.ts";
import { Ledger } from "#grid/ledger.ts";
import { Queues } from "#grid/queues.ts";
import { StepFunctions } from "#grid/step-functions.ts";
import { TaskStore } from "#grid/task-store.ts";
import { DispatchInput } from "#state-machines/payloads.ts";
import { dispatchChunk } from "./dispatch/dispatch-chunk.ts";
import { lambda } from "./lambda.ts";

/** The state Dispatch; it waits for the token, so what this answers is only seen in logs. */
export const handler = lambda(
  Layer.mergeAll(Definition.layer, Ledger.layer, TaskStore.layer, Queues.layer, StepFunctions.layer),
  {
    input: DispatchInput,
    output: Schema.Int,
    ids: ({ job, chunk, epoch }) => ({ job: job.jobId, chunk: chunk.chunk, epoch }),
    run: dispatchChunk,
  },
);
