import { Effect, Layer } from "effect";
import { Definition } from "#grid/definition-file.ts";
import { Ledger } from "#grid/ledger.ts";
import { Objects } from "#grid/objects.ts";
import { ResultStore } from "#grid/result-store.ts";
import { StepFunctions } from "#grid/step-functions.ts";
import { TaskStore } from "#grid/task-store.ts";
import { jsonLogger } from "../log.ts";
import { EXIT } from "./exit-codes.ts";
import { master } from "./master.ts";
import { masterSettings } from "./settings.ts";
import { stderrTail } from "./stderr-tail.ts";

/** Time that uploads have to clean up after themselves, in milliseconds; Kubernetes gives the pod 30 s. */
const CLEAN_UP_MS = 5_000;

const services = (appFolder: string) =>
  Layer.mergeAll(
    ResultStore.layerNoDeps.pipe(
      Layer.provideMerge(TaskStore.layerNoDeps),
      Layer.provideMerge([Ledger.layer, Objects.layer]),
    ),
    StepFunctions.layer,
    Definition.layerIn(appFolder),
  );

/** The master as a process: settings from the environment, an exit code at the end. A second signal ends it at once. */
export async function runMaster(appFolder: string, write: (line: string) => void): Promise<number> {
  const stderr = stderrTail();
  const stop = new AbortController();
  const terminated = new Promise<number>((resolve) => {
    const onSignal = () => {
      if (stop.signal.aborted) process.exit(EXIT.terminated);
      stop.abort();
      setTimeout(() => resolve(EXIT.terminated), CLEAN_UP_MS).unref();
    };
    process.on("SIGTERM", onSignal).on("SIGINT", onSignal);
  });
  const program = Effect.gen(function* () {
    const settings = yield* masterSettings;
    const log = jsonLogger(write, { job: settings.jobId, phase: settings.phase, pod: settings.podUid });
    return yield* master({ settings, appFolder, signal: stop.signal, stderr, log });
  }).pipe(Effect.provide(services(appFolder)));
  const ended = Effect.runPromise(program).catch((error: unknown) => {
    jsonLogger(write).error("the pod failed", { error });
    return EXIT.infrastructure;
  });
  const code = await Promise.race([ended, terminated]);
  return stop.signal.aborted && code === EXIT.infrastructure ? EXIT.terminated : code;
}
