import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { RUNS_FILE, type Run } from "../fixtures/grid/errand.ts";
import { eventually } from "./eventually.ts";

/** A job's folder on the shared file system of a local grid, by which a test follows and steers its errands. */
export const sharedFolder = (state: string, jobId: string): string => join(state, "shared", "jobs", jobId);

/** The calls of a job's errands so far. */
export async function runsIn(shared: string): Promise<Run[]> {
  const text = await readFile(join(shared, RUNS_FILE), "utf8").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return "";
    throw cause;
  });
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Run);
}

/** The same, as soon as there are so many; at least one. */
export const seeRuns = (shared: string, count: number): Promise<[Run, ...Run[]]> =>
  eventually(async () => {
    const [first, ...others] = await runsIn(shared);
    if (first === undefined || others.length + 1 < count) throw new Error(`fewer than ${count} runs in ${shared}`);
    return [first, ...others];
  });

/** Makes a file that errands look for. */
export async function allow(shared: string, file: string): Promise<void> {
  await mkdir(shared, { recursive: true });
  await writeFile(join(shared, file), "");
}
