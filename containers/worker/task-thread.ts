import { parentPort, workerData } from "node:worker_threads";
import type { ThreadData } from "./thread-messages.ts";
import { ThreadRuns } from "./thread-runs.ts";

new ThreadRuns(parentPort!, workerData as ThreadData).start();
