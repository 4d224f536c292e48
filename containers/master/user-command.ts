import { type Command, startCommand } from "../command.ts";
import { commandEnvironment } from "../command-environment.ts";
import type { Work } from "./work.ts";

/** Starts a split or merge command; its stderr goes to the pod's own, and it ends when the pod is told to. */
export function startUserCommand(command: readonly string[], { job, application, context }: Work): Command {
  const facts = { jobId: job.jobId, shared: context.shared };
  const started = startCommand(command, {
    env: commandEnvironment(process.env, application, facts),
    onStderr: (piece) => void process.stderr.write(piece),
  });
  if (context.signal.aborted) started.kill();
  context.signal.addEventListener("abort", started.kill, { once: true });
  return started;
}
