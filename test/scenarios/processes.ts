import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface Process {
  readonly pid: number;
  readonly command: string;
}

/** Processes whose command line names `text`: masters and workers name files in the state folder. Those that only wait to be reaped are left out. */
export async function processesNaming(text: string): Promise<Process[]> {
  const { stdout } = await run("ps", ["-A", "-ww", "-o", "pid=,stat=,args="], { maxBuffer: 16 * 1024 * 1024 });
  return stdout
    .split("\n")
    .map((line) => /^\s*(\d+)\s+(\S+)\s+(.*)$/.exec(line))
    .filter((found) => found !== null)
    .map(([, pid, stat, command]) => ({ pid: Number(pid), stat: stat!, command: command! }))
    .filter(({ pid, stat, command }) => pid !== process.pid && !stat.startsWith("Z") && command.includes(text));
}
