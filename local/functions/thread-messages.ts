import type { Invocation } from "./invocation.ts";

/** The members of a handler's context that stay the same for all events of a thread. */
interface ContextOfThread {
  readonly functionName: string;
  readonly functionVersion: string;
  readonly invokedFunctionArn: string;
  readonly memoryLimitInMB: string;
  readonly logGroupName: string;
  readonly logStreamName: string;
}

/** What a thread is started with (`workerData`). */
export interface ThreadData {
  readonly code: string;
  readonly handler: string;
  readonly context: ContextOfThread;
}

/** To a thread: run the handler on this event. `timeoutMs` counts from when the thread takes it up. */
export interface RunEvent {
  readonly requestId: string;
  readonly timeoutMs: number;
  readonly payload: string;
}

/** From a thread: it has loaded its handler; it could not; the event it ran has ended. */
export type ThreadMessage =
  | { readonly kind: "ready" }
  | { readonly kind: "broken"; readonly invocation: Invocation }
  | { readonly kind: "ended"; readonly requestId: string; readonly invocation: Invocation };
