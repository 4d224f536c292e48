import { randomUUID } from "node:crypto";
import { mkdirSync, statSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { AwsFault } from "../aws-json.ts";
import type { Endpoint } from "../gateway.ts";
import { checkDefinition, type FunctionDefinition, functionArn, functionNotFound, nameOf } from "./definition.ts";
import { type DeployedMapping, lambdaEndpoint } from "./endpoint.ts";
import type { Invocation } from "./invocation.ts";
import { type FunctionLog, openFunctionLog } from "./log.ts";
import { checkMapping, type EventSourceMapping } from "./mapping.ts";
import { startPoller } from "./poller.ts";
import { createPool, type FunctionPool } from "./pool.ts";
import { createSqsClient, createSqsQueue } from "./sqs-queue.ts";

export type { FunctionDefinition } from "./definition.ts";
export type { EventSourceMapping } from "./mapping.ts";

/** Pauses before the second and the third try of an asynchronous event; on AWS they are 1 and 2 minutes. */
const RETRY_PAUSES_MS = [1_000, 2_000];

/** Lambda on the laptop: functions in worker threads, their SQS event sources, and Lambda's REST API. */
export interface LocalFunctions {
  /**
   * Makes a function known; its threads start with its first events. It runs `min(reserved concurrency, 4)` events at a
   * time, and more wait instead of being throttled.
   * @returns its ARN.
   * @throws AwsFault ResourceConflictException when the name is taken; Error when a field is not as Lambda takes it.
   */
  deploy(definition: FunctionDefinition): string;
  /**
   * Runs an event and waits for its end, as `RequestResponse` does.
   * @param payload the event as JSON text.
   * @throws AwsFault ResourceNotFoundException when there is no such function; Error when the functions are closed.
   */
  invoke(nameOrArn: string, payload: string): Promise<Invocation>;
  /**
   * Takes an event and runs it later, as `Event` does: a failed one is tried twice more, then given up with a warning.
   * @throws AwsFault ResourceNotFoundException when there is no such function.
   */
  invokeEvent(nameOrArn: string, payload: string): Promise<void>;
  /**
   * Starts to feed a function from a queue.
   * @returns the mapping's id.
   * @throws AwsFault InvalidParameterValueException where Lambda refuses the mapping, e.g. when the queue's visibility
   *   timeout is shorter than the function's timeout; ResourceNotFoundException when there is no such function.
   */
  mapEventSource(mapping: EventSourceMapping): Promise<string>;
  readonly endpoint: Endpoint;
  /** Stops pollers and threads at once. Messages in hand come back when their visibility ends. */
  close(): Promise<void>;
}

interface Deployed {
  readonly definition: FunctionDefinition;
  readonly deployedAt: Date;
  readonly pool: FunctionPool;
  readonly log: FunctionLog;
}

/**
 * Opens the local Lambda without functions.
 * @param options.origin the gateway's origin, where the queues are.
 * @param options.folder where each function's log file goes; made if it is not there.
 * @param options.environment variables of every function: AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY.
 * @param options.warn told what AWS would only show in metrics: events given up, queues that cannot be read.
 */
export const openFunctions = (options: {
  readonly origin: string;
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  warn(message: string): void;
}): LocalFunctions => {
  const { folder, warn } = options;
  mkdirSync(folder, { recursive: true });
  const client = createSqsClient(options.origin);
  const functions = new Map<string, Deployed>();
  const mappings: DeployedMapping[] = [];
  const stops: (() => void)[] = [];
  const closing = new AbortController();

  const deployed = (nameOrArn: string): Deployed => {
    const found = functions.get(nameOf(nameOrArn));
    if (found === undefined) throw functionNotFound(nameOrArn);
    return found;
  };

  const runInBackground = async ({ definition, pool }: Deployed, payload: string): Promise<void> => {
    let invocation = await pool.invoke(payload);
    for (const pauseMs of RETRY_PAUSES_MS) {
      if (invocation.ok) return;
      await delay(pauseMs, undefined, { signal: closing.signal });
      invocation = await pool.invoke(payload);
    }
    if (invocation.ok) return;
    const { errorType, errorMessage } = invocation;
    const tries = RETRY_PAUSES_MS.length + 1;
    warn(`function ${definition.name}: gave an event up after ${tries} tries: ${errorType}: ${errorMessage}`);
  };

  const deploy = (definition: FunctionDefinition): string => {
    checkDefinition(definition);
    const { name, code } = definition;
    if (functions.has(name)) {
      throw new AwsFault("ResourceConflictException", `Function already exist: ${name}`, { status: 409 });
    }
    if (!statSync(code, { throwIfNoEntry: false })?.isDirectory()) {
      throw new Error(`function ${name}: its code must be a folder, ${code} is none`);
    }
    const log = openFunctionLog(folder, name, warn);
    const pool = createPool(definition, options.environment, log);
    functions.set(name, { definition, deployedAt: new Date(), pool, log });
    return functionArn(name);
  };

  const invoke = async (nameOrArn: string, payload: string): Promise<Invocation> =>
    await deployed(nameOrArn).pool.invoke(payload);

  const invokeEvent = async (nameOrArn: string, payload: string): Promise<void> => {
    const target = deployed(nameOrArn);
    runInBackground(target, payload).catch((error: Error) => {
      if (!closing.signal.aborted) warn(`function ${target.definition.name}: ${error.message}`);
    });
  };

  const mapEventSource = async (mapping: EventSourceMapping): Promise<string> => {
    const { definition, pool } = deployed(mapping.functionName);
    const queue = createSqsQueue(client, mapping.queueUrl);
    checkMapping(mapping, await queue.visibilitySeconds(), definition.timeoutSeconds);
    const concurrency = Math.min(mapping.maximumConcurrency ?? pool.concurrency, pool.concurrency);
    stops.push(startPoller({ mapping, queue, concurrency, invoke: pool.invoke, warn }));
    const id = randomUUID();
    mappings.push({ id, mapping, functionArn: functionArn(definition.name), mappedAt: new Date() });
    return id;
  };

  return {
    deploy,
    invoke,
    invokeEvent,
    mapEventSource,
    endpoint: lambdaEndpoint({
      invoke,
      invokeEvent,
      functions: () => [...functions.values()],
      mappings: () => mappings,
    }),
    close: async () => {
      closing.abort();
      for (const stop of stops) stop();
      await Promise.all([...functions.values()].map(({ pool }) => pool.close()));
      await Promise.all([...functions.values()].map(({ log }) => log.close()));
      client.destroy();
    },
  };
};
