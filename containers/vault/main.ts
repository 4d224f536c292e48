import { stdoutLine } from "../log.ts";
import { runProgram } from "./process.ts";

process.exit(await runProgram(process.argv[2], stdoutLine));
