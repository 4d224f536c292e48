import { stdoutLine } from "../log.ts";
import { runMaster } from "./process.ts";

process.exit(await runMaster(import.meta.dirname, stdoutLine));
