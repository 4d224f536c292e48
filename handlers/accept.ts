import { Layer } from "effect";
import { GridBus } from "#grid/bus.ts";
import { Definition } from "#grid/definition-file.ts";
import { Ledger } from "#grid/ledger.ts";
import { Objects } from "#grid/objects.ts";
import { TaskStore } from "#grid/task-store.ts";
import { AcceptInput, AcceptOutput } from "#state-machines/payloads.ts";
import { acceptEvent } from "./accept/accept-event.ts";
import { lambda } from "./lambda.ts";

/** The state Accept. */
export const handler = lambda(
  Layer.mergeAll(
    Definition.layer,
    Ledger.layer,
    GridBus.layer,
    TaskStore.layerNoDeps.pipe(Layer.provideMerge(Objects.layer)),
  ),
  {
    input: AcceptInput,
    output: AcceptOutput,
    ids: ({ executionArn }) => ({ execution: executionArn }),
    run: acceptEvent,
  },
);
