import { createHash } from "node:crypto";
import { glob, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import type { SynthInputs } from "#stacks/synth-inputs.ts";

/** An assembly in the cache, and what it was made from. */
export interface CacheEntry {
  /** Absolute. */
  readonly assembly: string;
  readonly made: Made;
}

/** What an assembly was made from: its inputs as they were. */
interface Made {
  readonly inputs: SynthInputs;
  /** Files that matched the globs. */
  readonly matches: readonly string[];
  readonly files: Readonly<Record<string, Fingerprint>>;
}

/** Size and time spare reading the file; where they differ, the hash of its content decides. */
interface Fingerprint {
  readonly size: number;
  readonly modifiedMs: number;
  readonly sha256: string;
}

const ENTRY_FILE = "burstgrid-cache.json";

/** The project's own folders and files that every assembly is made from. */
const PROJECT_FOLDERS = ["stacks", "grid", "handlers", "containers", "state-machines"];
const PROJECT_FILES = ["package.json", "package-lock.json", "cdk.json"];

/** Ending of a folder that the CDK app is still writing to. */
export const UNFINISHED = ".unfinished";

/** Assemblies kept for each config file, so that going back to what one was before costs nothing. */
const KEPT_ASSEMBLIES = 3;
/** No synthesis takes this long: an older unfinished folder is what a killed one left. */
const ABANDONED_AFTER_MS = 3_600_000;

/** The cached assemblies of a folder, newest first. */
export async function entriesOf(folder: string): Promise<CacheEntry[]> {
  const entries: CacheEntry[] = [];
  for (const name of await newestFirst(folder)) {
    const made = await readFile(join(folder, name, ENTRY_FILE), "utf8").catch(undefinedIfAbsent);
    if (made !== undefined) entries.push({ assembly: join(folder, name), made: JSON.parse(made) as Made });
  }
  return entries;
}

/** Removes assemblies beyond the newest few, and what killed runs left. */
export async function removeOldAssemblies(folder: string): Promise<void> {
  const names = await newestFirst(folder);
  const abandoned = names.filter(
    (name) => name.endsWith(UNFINISHED) && Number.parseInt(name, 10) < Date.now() - ABANDONED_AFTER_MS,
  );
  const old = names.filter((name) => !name.endsWith(UNFINISHED)).slice(KEPT_ASSEMBLIES);
  for (const name of [...abandoned, ...old]) await rm(join(folder, name), { recursive: true, force: true });
}

/** Names begin with the time: epoch milliseconds. */
async function newestFirst(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(undefinedIfAbsent);
  return (names ?? []).toSorted().toReversed();
}

/** Whether everything an assembly was made from is as it was. */
export async function isFresh({ made }: CacheEntry, project: string): Promise<boolean> {
  const [files, matches] = await Promise.all([inputFiles(made.inputs, project), matching(made.inputs)]);
  const asBefore = sameNames(files, Object.keys(made.files)) && sameNames(matches, made.matches);
  if (!asBefore) return false;
  const same = await Promise.all(files.map((file) => isSame(file, made.files[file]!)));
  return same.every(Boolean);
}

/**
 * Notes in an assembly what it was made from; not if a file was changed after `startedAt` (epoch milliseconds), since nobody
 * knows which of its contents went in: then the assembly serves this run only.
 */
export async function writeEntry(
  assembly: string,
  {
    inputs,
    project,
    startedAt,
  }: { readonly inputs: SynthInputs; readonly project: string; readonly startedAt: number },
): Promise<void> {
  const files = await inputFiles(inputs, project);
  const fingerprints = await Promise.all(files.map(async (file) => [file, await fingerprint(file)] as const));
  if (fingerprints.some(([, { modifiedMs }]) => modifiedMs >= startedAt)) return;
  const made: Made = { inputs, matches: await matching(inputs), files: Object.fromEntries(fingerprints) };
  await writeFile(join(assembly, ENTRY_FILE), JSON.stringify(made));
}

/** All files that count, sorted. Those of the project's packages are settled by its lock file. */
async function inputFiles({ files }: SynthInputs, project: string): Promise<string[]> {
  const packages = join(project, "node_modules") + sep;
  const own = await Promise.all(PROJECT_FOLDERS.map((folder) => filesBelow(join(project, folder))));
  return [
    ...new Set([
      ...own.flat(),
      ...PROJECT_FILES.map((file) => join(project, file)),
      ...files.filter((file) => !file.startsWith(packages)),
    ]),
  ].sort();
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

async function matching({ config, globs }: SynthInputs): Promise<string[]> {
  const matches: string[] = [];
  for await (const match of glob(globs, { cwd: dirname(config) })) matches.push(match);
  return matches.sort();
}

const sameNames = (one: readonly string[], other: readonly string[]) =>
  one.length === other.length && one.every((name, at) => name === other[at]);

async function isSame(file: string, before: Fingerprint): Promise<boolean> {
  const now = await stat(file).catch(undefinedIfAbsent);
  if (now === undefined || now.size !== before.size) return false;
  return now.mtimeMs === before.modifiedMs || (await fingerprint(file)).sha256 === before.sha256;
}

async function fingerprint(file: string): Promise<Fingerprint> {
  const [content, { size, mtimeMs }] = await Promise.all([readFile(file), stat(file)]);
  return { size, modifiedMs: mtimeMs, sha256: createHash("sha256").update(content).digest("hex") };
}

function undefinedIfAbsent(cause: NodeJS.ErrnoException): undefined {
  if (cause.code !== "ENOENT") throw cause;
}
