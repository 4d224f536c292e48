import { onLauncherGone } from "./launchers.ts";

/** A terminal sends Ctrl-C to every process of the command, and each passes it on: within this time they are one. */
const SAME_REQUEST_MS = 1_000;

/** As a shell reports an end by SIGINT: 128 + 2. */
const FORCED = 130;

export interface StopRequest {
  /** Resolves with what asked this process to end. */
  readonly reason: Promise<string>;
  requested(): boolean;
}

/**
 * Takes SIGINT, SIGTERM and SIGHUP, and the end of the launcher, as requests to stop in order. A second request, once the first has had
 * a second, ends the process on the spot.
 */
export function stopRequest(): StopRequest {
  const { promise, resolve } = Promise.withResolvers<string>();
  let first: number | undefined;
  const ask = (why: string) => {
    if (first === undefined) {
      first = Date.now();
      resolve(why);
    } else if (Date.now() - first > SAME_REQUEST_MS) {
      process.exit(FORCED);
    }
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => ask(signal));
  onLauncherGone(() => ask("the process that started it is gone"));
  return { reason: promise, requested: () => first !== undefined };
}
