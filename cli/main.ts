import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { PRIORITIES } from "#grid/names.ts";
import manifest from "../package.json" with { type: "json" };
import { DEFAULT_CONFIG, DEFAULT_PORT, DEFAULT_STATE } from "./defaults.ts";
import { EXIT } from "./errors.ts";
import { explain } from "./explain.ts";
import { endOnClosedPipe, outliveClosedPipe } from "./output.ts";

/** The command line. Each command's own module is loaded when it is called: a start costs no more than what it needs. */
export function commandLine(exit: (code: number) => void): Command {
  const program = new Command("burstgrid")
    .description("An event-driven compute grid on AWS that runs whole on a laptop.")
    .version(manifest.version)
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "burstgrid: ")) })
    .showHelpAfterError("(--help shows what it takes)")
    .exitOverride()
    .hook("preAction", (_, command) => (command.name() === "up" ? outliveClosedPipe() : endOnClosedPipe()));

  program
    .command("up")
    .description("start the local grid, and print `burstgrid ready URL` when jobs can be submitted")
    .option("--port <port>", "port on 127.0.0.1; 0 takes a free one", wholeNumber(0, 65_535), DEFAULT_PORT)
    .option("--config <file>", "the grid's config", DEFAULT_CONFIG)
    .option("--state <folder>", "where records, objects and the cached templates are kept", DEFAULT_STATE)
    .option("--workers <n>", "most workers of a pool (default: the machine's cores)", wholeNumber(1, 1024))
    .option("--kubeconfig <file>", "run masters and workers as pods of this cluster (docs/kubernetes.md)")
    .option("--listen <address>", "with --kubeconfig: address of this machine that those pods reach")
    .option("--resume", "take up the jobs that ran when the last grid of this folder ended")
    .action(async (options) => (await import("./up.ts")).up(options));

  speaksToGrid(
    program
      .command("submit <application>")
      .description("put one job request on the grid's bus, and print the job's id")
      .option("--input <json>", "the job's input: JSON, or @FILE")
      .option("--tasks <file>", "tasks in place of the split's: a file with a JSON value a line")
      .option("--job-id <id>", "the job's id; the same id twice is one job (default: a new one)")
      .addOption(new Option("--priority <priority>", "which queue of the pool").choices(PRIORITIES))
      .option("--tag <name=value>", "a tag, may be repeated", (tag: string, tags: string[] = []) => [...tags, tag])
      .option("--wait", "show the job's progress on stderr; exit with 0 only if it succeeds")
      .option("--json", "print {jobId, eventId}, and with --wait the job's status"),
  ).action(async (application, options) => exit(await (await import("./submit.ts")).submit(application, options)));

  speaksToGrid(
    program
      .command("status <job>")
      .description("what a job is doing, or how it ended")
      .option("--json", "print it as JSON"),
  ).action(async (job, options) => (await import("./status.ts")).status(job, options));

  speaksToGrid(
    program.command("watch <job>").description("follow a job to its end: bar, tasks a second, time left, failures"),
  ).action(async (job, options) => (await import("./watch.ts")).watch(job, options));

  speaksToGrid(
    program
      .command("list")
      .description("the jobs of the grid, newest first")
      .option("--json", "print them as JSON, each as `status` does"),
  ).action(async (options) => (await import("./list.ts")).list(options));

  speaksToGrid(
    program
      .command("results <job>")
      .description("one JSON line a task, in task order")
      .option("--failed", "only the tasks that failed"),
  ).action(async (job, options) => (await import("./results.ts")).results(job, options));

  speaksToGrid(
    program.command("result <job>").description("the job's merged result; without a merge, its results"),
  ).action(async (job, options) => (await import("./result.ts")).result(job, options));

  program
    .command("doctor")
    .description("whether an AWS account is ready for the grid, and how the deployed one is; changes nothing")
    .option("--config <file>", "the grid's config", DEFAULT_CONFIG)
    .option("--json", "print the findings as JSON")
    .action(async (options) => exit(await (await import("./doctor.ts")).doctor(options)));

  return program;
}

/** With the options of every command that speaks to a grid. */
const speaksToGrid = (command: Command): Command =>
  command
    .option("--endpoint <url>", "where the grid is (default: the local grid of this folder, else AWS)")
    .option("--grid <name>", "the grid's name (default: that of its config)")
    .option("--config <file>", "the config to take the name from (default: grid.config.ts, if there is one)");

const wholeNumber = (from: number, to: number) => (text: string) => {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= from && number <= to) return number;
  throw new InvalidArgumentError(`Expected a whole number from ${from} to ${to}.`);
};

/** Runs one command. Returns its exit code: 0, 1 with the error on stderr, or 2 for arguments that do not fit. */
export async function main(args: readonly string[]): Promise<number> {
  let code: number = EXIT.ok;
  try {
    await commandLine((given) => {
      code = given;
    }).parseAsync([...args], { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const { message, exitCode } = explain(error);
    process.stderr.write(`burstgrid: ${message}\n`);
    return exitCode;
  }
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
