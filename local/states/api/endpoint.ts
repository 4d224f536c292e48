import { jsonEndpoint } from "../../aws-json.ts";
import type { Endpoint } from "../../gateway.ts";
import type { TaskTokens } from "../engine/tokens.ts";
import type { Executions } from "../executions.ts";
import { executionActions } from "./executions.ts";
import { listActions } from "./lists.ts";
import { Lookup } from "./lookup.ts";
import { taskActions } from "./tasks.ts";

/** The HTTP API of Step Functions, as far as it is served. */
export const statesEndpoint = (executions: Executions, tokens: TaskTokens): Endpoint => {
  const lookup = new Lookup(executions);
  return jsonEndpoint({
    service: "Step Functions",
    targetPrefix: "AWSStepFunctions",
    version: "1.0",
    actions: {
      ...executionActions(executions, lookup),
      ...listActions(executions, lookup),
      ...taskActions(tokens),
    },
  });
};
