import { Layer } from "effect";
import { GridBus } from "#grid/bus.ts";
import { Definition } from "#grid/definition-file.ts";
import { Ledger } from "#grid/ledger.ts";
import { Objects } from "#grid/objects.ts";
import { ResultStore } from "#grid/result-store.ts";
import { TaskStore } from "#grid/task-store.ts";
import { Authority } from "./intake/authority.ts";
import { HttpRequest, HttpResponse } from "./intake/load-balancer.ts";
import { serve } from "./intake/serve.ts";
import { lambda } from "./lambda.ts";

/** HTTP, by way of a load balancer: jobs are submitted and read. It publishes events, and only reads the ledger and the bucket. */
export const handler = lambda(
  Layer.mergeAll(
    Definition.layer,
    Authority.layer,
    GridBus.layer,
    ResultStore.layerNoDeps.pipe(
      Layer.provideMerge(TaskStore.layerNoDeps),
      Layer.provideMerge(Layer.merge(Objects.layer, Ledger.layer)),
    ),
  ),
  {
    input: HttpRequest,
    output: HttpResponse,
    ids: ({ httpMethod, path }) => ({ method: httpMethod, path }),
    run: serve,
  },
);
