import { totalmem } from "node:os";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { Effect } from "effect";
import { CLIENT_TUNING } from "#grid/aws.ts";
import type { GridDefinition } from "#grid/definition.ts";
import { readDefinition } from "#grid/definition-file.ts";
import { drainSeconds } from "#grid/grace.ts";
import { makeObjects } from "#grid/objects.ts";
import { makeQueues } from "#grid/queues.ts";
import { jsonLogger } from "../log.ts";
import { outputStore } from "./output-store.ts";
import { PackMetrics } from "./pack-metrics.ts";
import { workerSettings } from "./settings.ts";
import { Slots } from "./slots.ts";
import { TaskQueues } from "./task-queues.ts";
import { Worker } from "./worker.ts";

/** A long poll takes 20 s; what takes longer than this has lost its connection. */
const REQUEST_MS = 30_000;
const CONNECTION_MS = 5000;
/** Of the container's memory; the rest is for the process itself, buffers and commands. */
const HEAP_SHARE = 0.75;
const LEAST_HEAP_MIB = 64;

/** Sockets for the long polls, the heartbeats and sends of all slots. */
const CLIENT = {
  ...CLIENT_TUNING,
  requestHandler: { connectionTimeout: CONNECTION_MS, requestTimeout: REQUEST_MS, throwOnRequestTimeout: true },
};

/** The worker as a process: settings from the environment, an exit code at the end. A second signal ends it at once. */
export async function runWorker(imageFolder: string, thread: URL, write: (line: string) => void): Promise<number> {
  try {
    const settings = await Effect.runPromise(workerSettings);
    const log = jsonLogger(write, { pool: settings.pool, pod: settings.podUid });
    const definition = readDefinition(imageFolder);
    const sqs = new SQSClient({ ...CLIENT, md5: false });
    const queues = makeQueues(sqs);
    const giveUp = new AbortController();
    const { applications } = definition;
    const slots = new Slots(settings.slots, thread, {
      imageFolder,
      applications,
      sharedFolder: settings.sharedFolder,
      heapMiB: heapMiB(settings.slots),
      write,
      log,
      store: outputStore(makeObjects(new S3Client(CLIENT), settings.bucket), { giveUp: giveUp.signal, log }),
    });
    process.on("exit", () => slots.killCommands());
    const worker = new Worker({
      definition,
      pool: settings.pool,
      queues,
      taskQueues: new TaskQueues(sqs, queues, settings.grid, settings.pool),
      slots,
      log,
      metrics: new PackMetrics({ grid: settings.grid, pool: settings.pool, write }),
      graceMs: drainSeconds(timeoutsOf(definition, settings.pool)) * 1000,
      giveUp,
    });
    const drained = whenTold().then(async (signal) => {
      log.info("the worker drains", { signal });
      await worker.drain();
    });
    log.info("the worker takes packs", { slots: settings.slots });
    await Promise.all([worker.run(), drained]);
    log.info("the worker ends");
    return 0;
  } catch (error) {
    jsonLogger(write).error("the worker failed", { error });
    return 1;
  }
}

/** Of the applications that a pool's workers may run, in seconds. */
const timeoutsOf = ({ applications }: GridDefinition, pool: string): number[] =>
  Object.values(applications)
    .filter((application) => application.pool === pool)
    .map(({ timeoutSeconds }) => timeoutSeconds);

function whenTold(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let told = false;
    const onSignal = (signal: NodeJS.Signals) => {
      if (told) process.exit(1);
      told = true;
      resolve(signal);
    };
    process.on("SIGTERM", onSignal).on("SIGINT", onSignal);
  });
}

/** What a slot's thread may use, in MiB: a handler that takes more ends its thread, not the worker. */
function heapMiB(slots: number): number {
  const bytes = process.constrainedMemory() || totalmem();
  return Math.max(LEAST_HEAP_MIB, Math.floor((Math.min(bytes, totalmem()) * HEAP_SHARE) / slots / 2 ** 20));
}
