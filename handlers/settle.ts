import { Layer } from "effect";
import { Definition } from "#grid/definition-file.ts";
import { Ledger } from "#grid/ledger.ts";
import { Objects } from "#grid/objects.ts";
import { ResultStore } from "#grid/result-store.ts";
import { TaskStore } from "#grid/task-store.ts";
import { SettleInput, SettleOutput } from "#state-machines/payloads.ts";
import { lambda } from "./lambda.ts";
import { settleJob } from "./settle/settle-job.ts";

/** The state Settle. */
export const handler = lambda(
  Layer.mergeAll(
    Definition.layer,
    ResultStore.layerNoDeps.pipe(
      Layer.provideMerge(TaskStore.layerNoDeps),
      Layer.provideMerge(Layer.merge(Objects.layer, Ledger.layer)),
    ),
  ),
  {
    input: SettleInput,
    output: SettleOutput,
    ids: ({ job, redriveCount }) => ({ job: job.jobId, epoch: redriveCount }),
    run: settleJob,
  },
);
