import { randomUUID } from "node:crypto";
import { Worker } from "node:worker_threads";
import { type FunctionDefinition, functionArn } from "./definition.ts";
import { logGroupOf, threadEnvironment } from "./environment.ts";
import type { Invocation } from "./invocation.ts";
import type { FunctionLog } from "./log.ts";
import type { RunEvent, ThreadData, ThreadMessage } from "./thread-messages.ts";

/** What Lambda allows for loading the code before the function's own timeout starts to count. */
const INIT_MS = 10_000;

/** The largest answer of a synchronous invocation, in bytes: Lambda's 6 MB plus 100 for its envelope. */
const MAX_RESPONSE_BYTES = 6 * 1024 * 1024 + 100;

/** One thread that runs a function, an event at a time, with its own module state and environment variables. */
export interface ExecutionEnvironment {
  /** False once the thread has ended or is about to: it takes no further event. */
  readonly alive: boolean;
  /** Runs one event. Call it again only when the promise has settled. Rejects only when `end` is called meanwhile. */
  invoke(payload: string): Promise<Invocation>;
  /** Ends the thread at once, whatever it does. */
  end(): Promise<void>;
}

interface Running {
  readonly requestId: string;
  readonly settle: (invocation: Invocation) => void;
  readonly abandon: (error: Error) => void;
  timer: NodeJS.Timeout;
}

/** Starts a thread for a function. It loads the code at once; an event given meanwhile waits for that. */
export const startExecutionEnvironment = (
  definition: FunctionDefinition,
  host: Readonly<Record<string, string>>,
  log: FunctionLog,
): ExecutionEnvironment => {
  const timeoutMs = definition.timeoutSeconds * 1000;
  const worker = startThread(definition, host, log);
  let alive = true;
  let ready = false;
  let running: Running | undefined;

  const settle = (invocation: Invocation): void => {
    if (running === undefined) return;
    const { requestId, settle: settleRunning, timer } = running;
    clearTimeout(timer);
    running = undefined;
    if (!invocation.ok) log.failure(requestId, invocation);
    settleRunning(invocation);
  };
  const stopWith = (invocation: Invocation): void => {
    alive = false;
    settle(invocation);
    void worker.terminate();
  };
  const startTimer = (afterMs: number): NodeJS.Timeout =>
    setTimeout(() => stopWith(timedOut(running?.requestId ?? "", definition.timeoutSeconds)), afterMs);

  worker.on("message", (message: ThreadMessage) => {
    if (message.kind === "broken") return stopWith(message.invocation);
    if (message.kind === "ended") return settle(withinLimit(message.invocation));
    ready = true;
    if (running === undefined) return;
    clearTimeout(running.timer);
    running.timer = startTimer(timeoutMs);
  });
  let outOfMemory = false;
  worker.on("error", (error: NodeJS.ErrnoException) => {
    outOfMemory = error.code === "ERR_WORKER_OUT_OF_MEMORY";
    log.write(`${definition.name}: the thread failed: ${error.stack ?? error.message}\n`);
  });
  worker.on("exit", (exitCode) => {
    alive = false;
    if (running !== undefined)
      settle(exited(running.requestId, outOfMemory ? "signal: killed" : `exit status ${exitCode}`));
  });

  return {
    get alive() {
      return alive;
    },
    invoke: (payload) =>
      new Promise((resolve, reject) => {
        const requestId = randomUUID();
        const timer = startTimer(ready ? timeoutMs : INIT_MS + timeoutMs);
        running = { requestId, settle: resolve, abandon: reject, timer };
        worker.postMessage({ requestId, timeoutMs, payload } satisfies RunEvent);
      }),
    end: async () => {
      alive = false;
      if (running !== undefined) {
        clearTimeout(running.timer);
        running.abandon(new Error(`function ${definition.name} was stopped while it ran ${running.requestId}`));
        running = undefined;
      }
      await worker.terminate();
    },
  };
};

const startThread = (
  definition: FunctionDefinition,
  host: Readonly<Record<string, string>>,
  log: FunctionLog,
): Worker => {
  const day = new Date().toISOString().slice(0, 10).replaceAll("-", "/");
  const logStreamName = `${day}/[$LATEST]${randomUUID().replaceAll("-", "")}`;
  const workerData: ThreadData = {
    code: definition.code,
    handler: definition.handler,
    context: {
      functionName: definition.name,
      functionVersion: "$LATEST",
      invokedFunctionArn: functionArn(definition.name),
      memoryLimitInMB: String(definition.memoryMegabytes),
      logGroupName: logGroupOf(definition.name),
      logStreamName,
    },
  };
  const worker = new Worker(new URL("./thread.ts", import.meta.url), {
    name: definition.name,
    workerData,
    env: threadEnvironment(definition, logStreamName, host),
    // Not this process's own options: a function knows nothing of how the grid was started.
    execArgv: [],
    argv: [],
    resourceLimits: { maxOldGenerationSizeMb: definition.memoryMegabytes },
    stdout: true,
    stderr: true,
  });
  worker.stdout.on("data", (chunk: Buffer) => log.write(chunk));
  worker.stderr.on("data", (chunk: Buffer) => log.write(chunk));
  return worker;
};

const withinLimit = (invocation: Invocation): Invocation => {
  if (!invocation.ok || Buffer.byteLength(invocation.payload) <= MAX_RESPONSE_BYTES) return invocation;
  return {
    ok: false,
    errorType: "Function.ResponseSizeTooLarge",
    errorMessage: `Response payload size exceeded maximum allowed payload size (${MAX_RESPONSE_BYTES} bytes).`,
  };
};

/** Lambda reports a timeout as `Sandbox.Timedout`, which is what a state machine's Retry or Catch has to name. */
const timedOut = (requestId: string, seconds: number): Invocation => ({
  ok: false,
  errorType: "Sandbox.Timedout",
  errorMessage: `RequestId: ${requestId} Error: Task timed out after ${seconds.toFixed(2)} seconds`,
});

const exited = (requestId: string, how: string): Invocation => ({
  ok: false,
  errorType: "Runtime.ExitError",
  errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: ${how}`,
});
