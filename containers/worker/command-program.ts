import type { Readable } from "node:stream";
import type { ApplicationDefinition } from "#grid/definition.ts";
import { TASK_ERRORS } from "#grid/result-row.ts";
import { startCommand } from "../command.ts";
import { commandEnvironment } from "../command-environment.ts";
import { badOutput, OUTPUT_BYTES, outputCheck, tooLarge } from "./output.ts";
import type { TaskContext } from "./task-context.ts";
import { TaskFailure } from "./task-failure.ts";
import type { TaskCall, TaskProgram } from "./task-program.ts";

/** Runs a command once a task: the task's JSON on stdin, one JSON value on stdout, log lines on stderr. */
export async function commandProgram(
  command: readonly string[],
  application: ApplicationDefinition,
): Promise<TaskProgram> {
  const check = await outputCheck(application.output);
  return async (call) => check(jsonIn(await runCommand(command, application, call)));
}

async function runCommand(command: readonly string[], application: ApplicationDefinition, call: TaskCall) {
  const { context } = call;
  const { jobId, shared, index, attempt } = context;
  const log = new LineLog(context);
  const started = startCommand(command, {
    env: commandEnvironment(process.env, application, { jobId, shared, index, attempt }),
    onStderr: (piece) => log.push(piece),
  });
  call.onStarted(started);
  started.stdin.end(call.line);
  const [stdout, { problem, stderr }] = await Promise.all([readOutput(started.stdout, started.kill), started.ended]);
  log.end();
  if (stdout === undefined) throw tooLarge(`more than ${OUTPUT_BYTES} bytes on stdout`);
  if (problem !== undefined) {
    throw new TaskFailure(
      TASK_ERRORS.commandFailed,
      `${command[0]} ${problem}${stderr === "" ? "" : `; the end of its stderr:\n${stderr}`}`,
    );
  }
  return stdout;
}

/** All of a stream, at most OUTPUT_BYTES; for more, nothing, and `kill`. */
async function readOutput(stdout: Readable, kill: () => void): Promise<Buffer | undefined> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of stdout as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes <= OUTPUT_BYTES) pieces.push(piece);
    else if (pieces.length > 0) {
      pieces.length = 0;
      kill();
    }
  }
  return bytes > OUTPUT_BYTES ? undefined : Buffer.concat(pieces);
}

/** One JSON value, on one line. Its line breaks are blank space between tokens: inside strings JSON has them as escapes. */
function jsonIn(stdout: Buffer): string {
  const text = stdout.toString().trim();
  try {
    JSON.parse(text);
  } catch (cause) {
    const began = text === "" ? "nothing" : JSON.stringify(text.slice(0, 200));
    throw badOutput(`stdout is not one JSON value: ${(cause as Error).message}; it began with ${began}`);
  }
  return text.replace(/[\r\n]+/g, " ");
}

/** A longer line of stderr is logged in pieces; in characters. */
const LONGEST_LINE = 16 * 1024;

/** stderr as log lines. */
class LineLog {
  readonly #context: TaskContext;
  #rest = "";
  readonly #decoder = new TextDecoder();

  constructor(context: TaskContext) {
    this.#context = context;
  }

  push(piece: Buffer): void {
    const lines = (this.#rest + this.#decoder.decode(piece, { stream: true })).split("\n");
    this.#rest = lines.pop()!;
    for (const line of lines) this.#write(line);
    if (this.#rest.length <= LONGEST_LINE) return;
    this.#write(this.#rest);
    this.#rest = "";
  }

  end(): void {
    this.#write(this.#rest + this.#decoder.decode());
    this.#rest = "";
  }

  #write(line: string): void {
    if (line.trim() !== "") this.#context.logger.info(line, { stream: "stderr" });
  }
}
