import { concurrencyOf, type FunctionDefinition } from "./definition.ts";
import { type ExecutionEnvironment, startExecutionEnvironment } from "./execution-environment.ts";
import type { Invocation } from "./invocation.ts";
import type { FunctionLog } from "./log.ts";

/** How long a thread without work is kept: long enough for the next wave of a job, then its memory is given back. */
const IDLE_MS = 60_000;

/** The threads of one function. */
export interface FunctionPool {
  /** Events that can run at the same time. */
  readonly concurrency: number;
  /**
   * Runs an event on a warm thread, else on a new one, else as soon as one is free: where Lambda throttles
   * (TooManyRequestsException), an event waits here. Rejects only when the pool is closed before the event has ended.
   */
  invoke(payload: string): Promise<Invocation>;
  /** Ends every thread at once; events that run or wait are rejected. */
  close(): Promise<void>;
}

interface Waiting {
  readonly payload: string;
  readonly resolve: (invocation: Invocation | Promise<Invocation>) => void;
  readonly reject: (error: Error) => void;
}

/**
 * The pool of a function: starts without threads and grows to the function's concurrency as events come.
 * @param host environment variables for every thread, over the function's own.
 */
export const createPool = (
  definition: FunctionDefinition,
  host: Readonly<Record<string, string>>,
  log: FunctionLog,
): FunctionPool => {
  const concurrency = concurrencyOf(definition);
  const threads = new Set<ExecutionEnvironment>();
  /** Threads without work, the one used last at the end, each with the timer that will end it. */
  const idle: { thread: ExecutionEnvironment; timer: NodeJS.Timeout }[] = [];
  const waiting: Waiting[] = [];
  let closed = false;

  const drop = (thread: ExecutionEnvironment): void => {
    threads.delete(thread);
    void thread.end();
  };

  const takeThread = (): ExecutionEnvironment | undefined => {
    for (let last = idle.pop(); last !== undefined; last = idle.pop()) {
      clearTimeout(last.timer);
      if (last.thread.alive) return last.thread;
      drop(last.thread);
    }
    if (threads.size >= concurrency) return undefined;
    const thread = startExecutionEnvironment(definition, host, log);
    threads.add(thread);
    return thread;
  };

  const giveBack = (thread: ExecutionEnvironment): void => {
    if (closed) return;
    if (thread.alive) {
      const timer = setTimeout(() => {
        idle.splice(
          idle.findIndex((entry) => entry.timer === timer),
          1,
        );
        drop(thread);
      }, IDLE_MS);
      idle.push({ thread, timer: timer.unref() });
    } else {
      drop(thread);
    }
    const next = waiting.shift();
    if (next !== undefined) next.resolve(invoke(next.payload));
  };

  const invoke = async (payload: string): Promise<Invocation> => {
    if (closed) throw new Error(`function ${definition.name}: the local functions are closed`);
    const thread = takeThread();
    if (thread === undefined) {
      return await new Promise((resolve, reject) => waiting.push({ payload, resolve, reject }));
    }
    try {
      return await thread.invoke(payload);
    } finally {
      giveBack(thread);
    }
  };

  return {
    concurrency,
    invoke,
    close: async () => {
      closed = true;
      for (const { timer } of idle) clearTimeout(timer);
      for (const { reject } of waiting.splice(0)) {
        reject(new Error(`function ${definition.name} was stopped before the event could run`));
      }
      await Promise.all([...threads].map((thread) => thread.end()));
    },
  };
};
