// The inside of a function's thread: loads the handler once, then runs one event after the other, as a Lambda
// execution environment does. Only node: modules are imported, for a thread must start in milliseconds.
import { parentPort, workerData } from "node:worker_threads";
import { failureOf, runtimeError } from "./failure.ts";
import { type Handler, loadHandler } from "./handler-module.ts";
import type { Invocation } from "./invocation.ts";
import type { RunEvent, ThreadData, ThreadMessage } from "./thread-messages.ts";

const { code, handler: handlerName, context } = workerData as ThreadData;
const port = parentPort!;
const tell = (message: ThreadMessage): void => port.postMessage(message);

/** The event the handler is working on, if any. */
let running: string | undefined;

/** What Lambda's runtime does with an error nobody caught: the event fails with it and the process exits with 129. */
const fail = (error: unknown): void => {
  const invocation = failureOf(error);
  process.stderr.write(`${JSON.stringify({ level: "ERROR", message: "uncaught", ...invocation })}\n`);
  if (running !== undefined) tell({ kind: "ended", requestId: running, invocation });
  process.exit(129);
};
process.on("uncaughtException", fail);
process.on("unhandledRejection", (reason) =>
  fail(runtimeError("Runtime.UnhandledPromiseRejection", String(reason), reason)),
);

const runEvent = async (handler: Handler, { requestId, timeoutMs, payload }: RunEvent): Promise<void> => {
  running = requestId;
  const deadline = Date.now() + timeoutMs;
  const invocation = await outcomeOf(handler, payload, {
    ...context,
    awsRequestId: requestId,
    callbackWaitsForEmptyEventLoop: false,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  });
  running = undefined;
  tell({ kind: "ended", requestId, invocation });
};

const outcomeOf = async (handler: Handler, payload: string, eventContext: object): Promise<Invocation> => {
  try {
    const result = await handler(JSON.parse(payload), eventContext);
    return { ok: true, payload: toJson(result) };
  } catch (error) {
    return failureOf(error);
  }
};

const toJson = (result: unknown): string => {
  try {
    return JSON.stringify(result) ?? "null";
  } catch (error) {
    throw runtimeError("Runtime.JSONStringifyError", "Unable to stringify response body", error);
  }
};

try {
  const handler = await loadHandler(code, handlerName);
  tell({ kind: "ready" });
  port.on("message", (event: RunEvent) => void runEvent(handler, event));
} catch (error) {
  tell({ kind: "broken", invocation: failureOf(error) });
}
