import type { Json, JsonObject } from "../json.ts";
import { dynamoIntegrations } from "./dynamodb.ts";
import { eksRunJob, type JobCluster } from "./eks.ts";
import { type InvokeFunction, lambdaInvoke } from "./lambda.ts";

/** Who calls: the state machine, by its role. */
export interface Caller {
  readonly roleArn: string;
}

/** How a Task's service is called. Errors are StateFailures with the names AWS gives them. */
export interface Integration {
  /** Calls the service and gives its answer. */
  submit(parameters: JsonObject, caller: Caller): Promise<Json>;
  /** For `.sync`: waits for what was submitted to end; stops looking when `over` is aborted. */
  untilDone?(parameters: JsonObject, answer: Json, over: AbortSignal, caller: Caller): Promise<Json>;
  /** For `.sync`: takes back what was submitted, because the state ended before it did. */
  withdraw?(parameters: JsonObject, answer: Json, caller: Caller): Promise<void>;
}

export interface Integrations {
  /** @param resource an ARN of the catalog. */
  of(resource: string): Integration;
}

/**
 * @param options.origin where the local cloud is served.
 * @param options.cluster the cluster that `eks:runJob` runs Jobs in.
 * @param options.pollMilliseconds between two looks at a Kubernetes Job.
 */
export const integrationsOf = (options: {
  origin: string;
  invokeFunction: InvokeFunction;
  cluster: JobCluster;
  pollMilliseconds: number;
}): Integrations => {
  const lambda = lambdaInvoke(options.invokeFunction);
  const byResource = new Map<string, Integration>([
    ["arn:aws:states:::lambda:invoke", lambda],
    ["arn:aws:states:::lambda:invoke.waitForTaskToken", lambda],
    ["arn:aws:states:::eks:runJob.sync", eksRunJob(options)],
    ...dynamoIntegrations(options.origin),
  ]);
  return {
    of: (resource) => {
      const integration = byResource.get(resource);
      if (integration === undefined) throw new Error(`no integration is registered for ${resource}`);
      return integration;
    },
  };
};
