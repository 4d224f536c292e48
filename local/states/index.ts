import type { S3Client } from "@aws-sdk/client-s3";
import { bearer } from "#grid/kubernetes-server.ts";
import type { Endpoint } from "../gateway.ts";
import { statesEndpoint } from "./api/endpoint.ts";
import { Lookup } from "./api/lookup.ts";
import { localClient } from "./clients.ts";
import { TaskTokens } from "./engine/tokens.ts";
import { Executions } from "./executions.ts";
import type { JobCluster } from "./integrations/eks.ts";
import { integrationsOf } from "./integrations/index.ts";
import type { InvokeFunction } from "./integrations/lambda.ts";
import { abortInterrupted, endedWithItsProcess } from "./interrupted.ts";
import { RecordStore } from "./records/store.ts";
import type { ExecutionRecord } from "./records/types.ts";
import { type StatusChange, statusChangeOf } from "./status-change.ts";

export type { JobCluster } from "./integrations/eks.ts";
export type { StatusChange } from "./status-change.ts";

export interface StateMachinesOptions {
  /** Where the local cloud is served, for S3 and DynamoDB: `http://127.0.0.1:PORT`. */
  readonly origin: string;
  /** Where executions are kept; made when absent. */
  readonly folder: string;
  readonly invokeFunction: InvokeFunction;
  /** Takes the event of each change of an execution's status (not of a Map Run's children). */
  emit(event: StatusChange): void;
  /** Between two looks at a Kubernetes Job that `eks:runJob.sync` waits for. 1,000 when absent; AWS takes minutes. */
  readonly pollMilliseconds?: number;
  /** The cluster that `eks:runJob` runs Jobs in. When absent, one that takes the bearer token `local`. */
  readonly cluster?: JobCluster;
}

/** An execution that was running when the last process ended. */
type Interrupted = Pick<ExecutionRecord, "executionArn" | "stateMachineArn" | "name" | "startDate" | "redriveCount">;

export interface StateMachines {
  /** The HTTP API, for the credential scope `states`. */
  readonly endpoint: Endpoint;
  /**
   * Creates a state machine or gives it a new definition; executions that run keep theirs.
   * @param machine.definition JSON in the Amazon States Language, JSONata.
   * @returns its ARN.
   * @throws InvalidDefinition listing what the engine cannot run, by path.
   */
  deploy(machine: { name: string; definition: string; roleArn: string }): string;
  /**
   * Starts an execution, as the API does.
   * @returns its ARN and start, in milliseconds since 1970.
   * @throws AwsFault with the code the API answers with.
   */
  start(execution: { stateMachineArn: string; name?: string; input: string }): {
    executionArn: string;
    startDate: number;
  };
  /** Goes on where a failed, timed-out or aborted execution ended. @throws AwsFault as the API answers. */
  redrive(executionArn: string): Promise<{ redriveDate: number }>;
  /** What was running when the last process ended: now ABORTED with the error `LocalGrid.Stopped`, redrivable. */
  readonly interrupted: readonly Interrupted[];
  /** Those, and the ones that earlier processes left so and nobody has redriven since, oldest first. */
  readonly resumable: readonly Interrupted[];
  /** Emits the ABORTED event of each interrupted execution; call it once the rules are there to take them. */
  announceInterrupted(): void;
  /** Stops all timers. What runs stays RUNNING in the folder, and is `interrupted` when it is opened again. */
  close(): Promise<void>;
}

/** Opens the local Step Functions on a folder. One process at a time may have a folder open. */
export const openStateMachines = async (options: StateMachinesOptions): Promise<StateMachines> => {
  const store = await RecordStore.open(options.folder);
  const aborted = await abortInterrupted(store);
  const tokens = new TaskTokens();
  const s3 = lazyS3(options.origin);
  // Best effort, as on AWS: an event that cannot be delivered fails no execution.
  const emit = (record: ExecutionRecord): void => {
    try {
      options.emit(statusChangeOf(record));
    } catch (error) {
      process.emitWarning(`${record.executionArn}: the event of its status ${record.status} was lost: ${error}`);
    }
  };
  const executions = new Executions({
    store,
    changed: emit,
    services: {
      tokens,
      s3,
      integrations: integrationsOf({
        origin: options.origin,
        invokeFunction: (name, payload) => options.invokeFunction(name, payload),
        cluster: options.cluster ?? { loginOf: () => bearer("local"), admit: (job) => job },
        pollMilliseconds: options.pollMilliseconds ?? 1000,
      }),
    },
  });
  const lookup = new Lookup(executions);
  return {
    endpoint: statesEndpoint(executions, tokens),
    deploy: (machine) => executions.deploy(machine).arn,
    start: ({ stateMachineArn, ...wanted }) => {
      const machine = lookup.machine(stateMachineArn);
      const { executionArn, startDate } = executions.start({ ...wanted, machine });
      return { executionArn, startDate };
    },
    redrive: async (executionArn) => ({ redriveDate: await executions.redrive(await lookup.execution(executionArn)) }),
    interrupted: aborted,
    resumable: [...store.executions.values()]
      .filter(endedWithItsProcess)
      .sort((one, other) => one.startDate - other.startDate),
    announceInterrupted: () => {
      for (const record of aborted) emit(record);
    },
    close: async () => {
      await executions.close();
      await store.close();
    },
  };
};

/** The SDK takes a tenth of a second to load: only a Map that reads or writes objects needs it. */
const lazyS3 = (origin: string): (() => Promise<S3Client>) => {
  let client: Promise<S3Client> | undefined;
  const load = async (): Promise<S3Client> => {
    const { S3Client: Client } = await import("@aws-sdk/client-s3");
    return new Client({
      ...localClient(origin),
      forcePathStyle: true,
      // Streams travel as they are, not in checksummed pieces.
      requestChecksumCalculation: "WHEN_REQUIRED",
      responseChecksumValidation: "WHEN_REQUIRED",
    });
  };
  return () => {
    client ??= load();
    return client;
  };
};
