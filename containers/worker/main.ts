import { extname } from "node:path";
import { stdoutLine } from "../log.ts";
import { runWorker } from "./process.ts";

const thread = new URL(`task-thread${extname(import.meta.filename)}`, import.meta.url);
process.exit(await runWorker(import.meta.dirname, thread, stdoutLine));
