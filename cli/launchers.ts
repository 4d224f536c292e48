import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/**
 * `npx burstgrid up` is four processes: npx, its shell, bin/burstgrid.mjs on the machine's Node, and this one on Node 24. A signal for
 * npx does not always get here, so a long-running command watches those who stand for it, and ends when one of them has. The user's own
 * shell is not among them: a grid started in the background outlives the script that started it.
 */
export function onLauncherGone(gone: () => void): void {
  const links = launcherLinks(process.env, process.ppid, processOf);
  if (links === 0) return;
  const ancestors = () => JSON.stringify(ancestorsOf(links, process.ppid, processOf));
  const before = ancestors();
  const timer = setInterval(() => {
    if (ancestors() === before) return;
    clearInterval(timer);
    gone();
  }, WATCH_INTERVAL_MS);
  timer.unref();
}

const WATCH_INTERVAL_MS = 500;

interface RunningProcess {
  readonly parent: number;
  /** Name of its program. */
  readonly name: string;
}

type Lookup = (pid: number) => RunningProcess | undefined;

/** How many of the ancestors launched this process for the user: the Node of bin/node24.mjs, the shell of npm, npm. */
export function launcherLinks(
  env: Readonly<Record<string, string | undefined>>,
  parent: number,
  lookup: Lookup,
): number {
  const viaNode = env["BURSTGRID_LAUNCHER"] === String(parent);
  const next = viaNode ? lookup(parent)?.parent : parent;
  const viaNpm = env["npm_command"] !== undefined && next !== undefined;
  if (!viaNpm) return viaNode ? 1 : 0;
  const viaShell = /sh$/.test(lookup(next)?.name ?? "");
  return (viaNode ? 1 : 0) + 1 + (viaShell ? 1 : 0);
}

function ancestorsOf(count: number, parent: number, lookup: Lookup): (number | undefined)[] {
  const pids: (number | undefined)[] = [parent];
  while (pids.length < count) {
    const last = pids.at(-1);
    pids.push(last === undefined ? undefined : lookup(last)?.parent);
  }
  return pids;
}

/** What the system knows of a process; undefined for one that is gone, and on Windows, where only the parent is watched. */
function processOf(pid: number): RunningProcess | undefined {
  try {
    return process.platform === "linux"
      ? fromProc(readFileSync(`/proc/${pid}/stat`, "utf8"))
      : fromPs(execFileSync("ps", ["-o", "ppid=,comm=", "-p", String(pid)], { encoding: "utf8" }));
  } catch {
    return undefined;
  }
}

/** `PID (NAME) STATE PPID …`; a name may hold spaces and brackets. */
export function fromProc(stat: string): RunningProcess | undefined {
  const match = /^\d+ \((.*)\) \S+ (\d+) /s.exec(stat);
  return match === null ? undefined : { name: match[1]!, parent: Number(match[2]) };
}

function fromPs(line: string): RunningProcess | undefined {
  const match = /^\s*(\d+)\s+(.*?)\s*$/.exec(line);
  return match === null ? undefined : { name: match[2]!, parent: Number(match[1]) };
}
