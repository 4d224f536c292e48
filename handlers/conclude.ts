import { Effect, Layer, Schema } from "effect";
import { GridBus } from "#grid/bus.ts";
import { Definition } from "#grid/definition-file.ts";
import { JobSucceeded } from "#grid/events.ts";
import { Ledger } from "#grid/ledger.ts";
import { Objects } from "#grid/objects.ts";
import { StepFunctions } from "#grid/step-functions.ts";
import { ConcludeInput, StatusChangeEvent } from "#state-machines/payloads.ts";
import { concludeStatusChange, concludeSuccess } from "./conclude/conclude-job.ts";
import { lambda } from "./lambda.ts";

/** The state Conclude, and the rule on executions that end without it. */
export const handler = lambda(
  Layer.mergeAll(Definition.layer, Ledger.layer, Objects.layer, GridBus.layer, StepFunctions.layer),
  {
    input: Schema.Union([ConcludeInput, StatusChangeEvent]),
    output: Schema.NullOr(JobSucceeded),
    ids: (input) => ("jobId" in input ? { job: input.jobId } : { execution: input.detail.executionArn }),
    run: (input) => ("jobId" in input ? concludeSuccess(input) : Effect.as(concludeStatusChange(input), null)),
  },
);
