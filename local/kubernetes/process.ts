import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import type { Socket } from "node:net";
import { constants } from "node:os";
import type { ContainerPlan } from "./container.ts";

/** How a process ended: its exit code, or 128 + the number of the signal that ended it, as Kubernetes counts. */
export interface ProcessEnd {
  readonly exitCode: number;
  readonly signal?: NodeJS.Signals;
  /** Why the process could not start. */
  readonly error?: string;
}

export interface ContainerProcess {
  readonly id: number | undefined;
  readonly ended: Promise<ProcessEnd>;
  /** Resolves when nothing is left of its process group: what it started, and the watcher. */
  readonly left: Promise<void>;
  /** SIGTERM to the process itself, as Kubernetes does, not to its children. */
  terminate(): void;
  /** SIGKILL to the process and all that it started. */
  kill(): void;
}

/**
 * Becomes the container's process, leaving a small watcher in the same process group. File descriptor 3 of the watcher is a
 * pipe that the grid holds open and never writes to. It ends when the grid closes it (the container ended or shall be killed)
 * and when the grid dies in whatever way, SIGKILL included; then the watcher kills the group, itself with it, which the grid sees
 * as the end of the pipe. If the container still runs, its descendants that left the group (a command in a process group of its own) are killed first. POSIX sh, so
 * that it works on Linux and macOS alike, and without help from the program that runs.
 */
const CONTAINER = `
{
  trap '' HUP INT TERM
  read -r ended <&3
  if kill -0 $$; then
    ps -A -o pid= -o ppid= -o pgid= | awk -v top=$$ '
      { parent[$1] = $2; group[$1] = $3 }
      END {
        for (id in parent) {
          if (group[id] == top) continue
          up = id
          for (steps = 0; steps < 100 && up > 1 && up != top; steps++) up = parent[up] + 0
          if (up == top) print id
        }
      }' | xargs kill -KILL
  fi
  kill -KILL 0
} >/dev/null 2>&1 &
exec "$@" 3<&-
`;

/** Exit code of a container that could not start, as containerd reports it. */
const START_ERROR = 128;

/** Starts a container's process in a session of its own; stdout and stderr are appended to the file `log`. */
export function startProcess(plan: ContainerPlan, log: string): ContainerProcess {
  const output = openSync(log, "a");
  const child = spawn("/bin/sh", ["-c", CONTAINER, "container", ...plan.command], {
    cwd: plan.folder,
    env: plan.environment,
    detached: true,
    stdio: ["ignore", output, output, "pipe"],
  });
  closeSync(output);
  const lifeline = child.stdio[3] as Socket;
  lifeline.resume();
  const left = new Promise<void>((resolve) => lifeline.once("close", () => resolve()));
  // Only when somebody has killed the watcher is the container still there: it must not run unwatched.
  void left.then(() => child.kill("SIGKILL"));
  const ended = new Promise<ProcessEnd>((resolve) => {
    child.once("error", (error) => resolve({ exitCode: START_ERROR, error: error.message }));
    child.once("exit", (code, signal) => {
      lifeline.end();
      if (signal === null) resolve({ exitCode: code ?? START_ERROR });
      else resolve({ exitCode: 128 + constants.signals[signal], signal });
    });
  });
  return {
    id: child.pid,
    ended,
    left,
    terminate: () => void child.kill("SIGTERM"),
    kill: () => void lifeline.end(),
  };
}
