import { createHash } from "node:crypto";
import { glob, readdir, readFile, stat, writeFile } from "node:fs/promises";
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

/** The cached assemblies of a folder, newest first. */
export async function entriesOf(folder: string): Promise<CacheEntry[]> {
  const names = await readdir(folder).catch(noneIfAbsent);
  const entries = await Promise.all(
    names
      .toSorted()
      .toReversed()
      .map(async (name) => {
        const text = await readFile(join(folder, name, ENTRY_FILE), "utf8").catch(() => undefined);
        return text === undefined ? [] : [{ assembly: join(folder, name), made: JSON.parse(text) as Made }];
      }),
  );
  return entries.flat();
}

/** Whether everything an assembly was made from is as it was. */
export async function isFresh({ made }: CacheEntry, project: string): Promise<boolean> {
  const [files, matches] = await Promise.all([inputFiles(made.inputs, project), matching(made.inputs)]);
  const asBefore = sameNames(files, Object.keys(made.files)) && sameNames(matches, made.matches);
  if (!asBefore) return false;
  const same = await Promise.all(files.map((file) => isSame(file, made.files[file]!)));
  return same.every(Boolean);
}

/** Notes in an assembly what it was made from. */
export async function writeEntry(assembly: string, inputs: SynthInputs, project: string): Promise<void> {
  const files = await inputFiles(inputs, project);
  const fingerprints = await Promise.all(files.map(async (file) => [file, await fingerprint(file)] as const));
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
  if (globs.length === 0) return [];
  return (await Array.fromAsync(glob(globs, { cwd: dirname(config) }))).sort();
}

const sameNames = (one: readonly string[], other: readonly string[]) =>
  one.length === other.length && one.every((name, at) => name === other[at]);

async function isSame(file: string, before: Fingerprint): Promise<boolean> {
  const now = await stat(file).catch(() => undefined);
  if (now === undefined || now.size !== before.size) return false;
  return now.mtimeMs === before.modifiedMs || (await fingerprint(file)).sha256 === before.sha256;
}

async function fingerprint(file: string): Promise<Fingerprint> {
  const [content, { size, mtimeMs }] = await Promise.all([readFile(file), stat(file)]);
  return { size, modifiedMs: mtimeMs, sha256: createHash("sha256").update(content).digest("hex") };
}

function noneIfAbsent(cause: NodeJS.ErrnoException): string[] {
  if (cause.code === "ENOENT") return [];
  throw cause;
}
