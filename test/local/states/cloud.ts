import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import {
  DescribeExecutionCommand,
  type DescribeExecutionOutput,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  SFNClient,
} from "@aws-sdk/client-sfn";
import { vi } from "vitest";
import type { Invocation } from "#local/functions/invocation.ts";
import { type Gateway, startGateway } from "#local/gateway.ts";
import { openObjects } from "#local/objects.ts";
import { type JobCluster, openStateMachines, type StateMachines, type StatusChange } from "#local/states/index.ts";

export const ROLE = "arn:aws:iam::000000000000:role/machine";

type Handler = (payload: unknown) => unknown;

/** Step Functions behind a gateway, with functions, objects and a folder of the test's own. */
export interface Cloud {
  readonly gateway: Gateway;
  readonly sfn: SFNClient;
  readonly folder: string;
  readonly states: StateMachines;
  readonly events: StatusChange[];
  /** Functions by name: what one returns is its result, what it throws its error. */
  readonly functions: Map<string, Handler>;
  /** Writes an object to the bucket `data`. */
  put(key: string, body: string): Promise<void>;
  /** An object of the bucket `data`, parsed. */
  get(key: string): Promise<unknown>;
  /** Starts an execution of a machine of these states. */
  start(machine: object, input?: unknown, name?: string): string;
  /** The execution once it is over. */
  ended(executionArn: string): Promise<DescribeExecutionOutput>;
  run(machine: object, input?: unknown): Promise<DescribeExecutionOutput>;
  history(executionArn: string): Promise<HistoryEvent[]>;
  /** Ends the process's part (as a crash does, nothing is recorded) and opens the same folder anew. */
  reopen(): Promise<void>;
  close(): Promise<void>;
}

export const openCloud = async (options: { cluster?: JobCluster } = {}): Promise<Cloud> => {
  const folder = mkdtempSync(join(tmpdir(), "states-"));
  const gateway = await startGateway({ port: 0 });
  const functions = new Map<string, Handler>();
  const events: StatusChange[] = [];
  const objects = openObjects({ gateway, folder: join(folder, "objects") });
  const open = async () => {
    const opened = await openStateMachines({
      ...options,
      origin: gateway.origin,
      folder: join(folder, "executions"),
      pollMilliseconds: 5,
      emit: (event) => void events.push(event),
      invokeFunction: (name, payload) => invoke(functions, name, payload),
    });
    gateway.route("states", opened.endpoint);
    return opened;
  };
  let states = await open();
  const client = {
    endpoint: gateway.origin,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  };
  const sfn = new SFNClient(client);
  const s3 = new S3Client({ ...client, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: "data" }));
  const cloud: Cloud = {
    gateway,
    sfn,
    folder,
    events,
    functions,
    put: async (Key, Body) =>
      void (await s3.send(new PutObjectCommand({ Bucket: "data", Key, Body: Buffer.from(Body) }))),
    get: async (Key) => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: "data", Key }));
      return JSON.parse((await Body?.transformToString()) ?? "");
    },
    get states() {
      return states;
    },
    start: (machine, input = {}, name) => {
      const definition = JSON.stringify({ QueryLanguage: "JSONata", ...machine });
      const stateMachineArn = states.deploy({ name: "machine", definition, roleArn: ROLE });
      const named = name === undefined ? {} : { name };
      return states.start({ stateMachineArn, ...named, input: JSON.stringify(input) }).executionArn;
    },
    ended: (executionArn) =>
      vi.waitFor(
        async () => {
          const described = await sfn.send(new DescribeExecutionCommand({ executionArn }));
          if (described.status === "RUNNING") throw new Error(`${executionArn} is still RUNNING`);
          return described;
        },
        { timeout: 20_000, interval: 5 },
      ),
    run: (machine, input) => cloud.ended(cloud.start(machine, input)),
    history: async (executionArn) => {
      const { events: history = [] } = await sfn.send(
        new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }),
      );
      return history;
    },
    reopen: async () => {
      await states.close();
      states = await open();
    },
    close: async () => {
      await states.close();
      await gateway.close();
      objects.close();
      sfn.destroy();
      s3.destroy();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return cloud;
};

/** The types of a history's events, in order. */
export const types = (history: HistoryEvent[]): (string | undefined)[] => history.map(({ type }) => type);

const invoke = async (functions: Map<string, Handler>, name: string, payload: string): Promise<Invocation> => {
  const handler = functions.get(name);
  if (handler === undefined) {
    throw Object.assign(new Error(`Function not found: ${name}`), { code: "ResourceNotFoundException" });
  }
  try {
    return { ok: true, payload: JSON.stringify((await handler(JSON.parse(payload))) ?? null) };
  } catch (error) {
    const { name: errorType, message: errorMessage } = error as Error;
    return { ok: false, errorType, errorMessage, trace: [] };
  }
};
