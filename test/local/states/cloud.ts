import { mkdtempSync, rmSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  DescribeExecutionCommand,
  type DescribeExecutionOutput,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  SFNClient,
} from "@aws-sdk/client-sfn";
import { vi } from "vitest";
import type { Invocation } from "#local/functions/invocation.ts";
import { type Endpoint, type Gateway, startGateway } from "#local/gateway.ts";
import { openStateMachines, type StateMachines, type StatusChange } from "#local/states/index.ts";

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
  /** Objects by `bucket/key`. */
  readonly objects: Map<string, string>;
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

export const openCloud = async (): Promise<Cloud> => {
  const folder = mkdtempSync(join(tmpdir(), "states-"));
  const gateway = await startGateway({ port: 0 });
  const functions = new Map<string, Handler>();
  const objects = new Map<string, string>();
  const events: StatusChange[] = [];
  gateway.route("s3", objectsEndpoint(objects));
  const open = async () => {
    const opened = await openStateMachines({
      origin: gateway.origin,
      folder,
      pollMilliseconds: 5,
      emit: (event) => void events.push(event),
      invokeFunction: (name, payload) => invoke(functions, name, payload),
    });
    gateway.route("states", opened.endpoint);
    return opened;
  };
  let states = await open();
  const sfn = new SFNClient({
    endpoint: gateway.origin,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  const cloud: Cloud = {
    gateway,
    sfn,
    folder,
    events,
    functions,
    objects,
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
      sfn.destroy();
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

/** As much of S3 as a Distributed Map needs. */
const objectsEndpoint = (objects: Map<string, string>): Endpoint => ({
  async handle(request: IncomingMessage, response: ServerResponse) {
    const key = decodeURIComponent(new URL(request.url ?? "/", "http://s3").pathname.slice(1));
    if (request.method === "PUT") {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      objects.set(key, Buffer.concat(chunks).toString("utf8"));
      response.writeHead(200).end();
      return;
    }
    const found = objects.get(key);
    if (found !== undefined) response.writeHead(200).end(found);
    else response.writeHead(404).end("<Error><Code>NoSuchKey</Code><Message>The key does not exist.</Message></Error>");
  },
});
