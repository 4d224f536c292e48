import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Schema } from "effect";
import { CliError } from "./errors.ts";

/** What `burstgrid up` leaves in its state folder while it runs, for the commands that come to the same folder. */
const EndpointFile = Schema.Struct({
  /** `http://127.0.0.1:PORT` */
  endpoint: Schema.String,
  pid: Schema.Int,
  names: Schema.Struct({ grid: Schema.String, bus: Schema.String, ledger: Schema.String, bucket: Schema.String }),
});
export type EndpointFile = typeof EndpointFile.Type;

const decode = Schema.decodeUnknownSync(Schema.fromJsonString(EndpointFile));

const pathIn = (state: string) => join(state, "endpoint.json");

/** Whole or not at all: a reader never meets half of it. */
export async function writeEndpointFile(state: string, content: EndpointFile): Promise<void> {
  const draft = `${pathIn(state)}.${content.pid}`;
  await writeFile(draft, `${JSON.stringify(content, undefined, 2)}\n`);
  await rename(draft, pathIn(state));
}

/** What the folder's grid left, or undefined where none runs that was not stopped in order. */
export async function readEndpointFile(state: string): Promise<EndpointFile | undefined> {
  const path = pathIn(state);
  const text = await readFile(path, "utf8").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return undefined;
    throw cause;
  });
  if (text === undefined) return undefined;
  try {
    return decode(text);
  } catch (cause) {
    throw new CliError(
      `${path} is not what \`burstgrid up\` writes (${(cause as Error).message}): remove it, or use --endpoint`,
    );
  }
}

/** Only its writer removes it: a later grid of the same folder has written its own. */
export async function removeEndpointFile(state: string, pid: number): Promise<void> {
  if ((await readEndpointFile(state))?.pid === pid) await rm(pathIn(state), { force: true });
}

/** Whether the grid that wrote a file is there and answers. */
export async function answers({ endpoint, pid }: EndpointFile): Promise<boolean> {
  if (!isAlive(pid)) return false;
  return fetch(endpoint, { signal: AbortSignal.timeout(2_000) }).then(
    (response) => response.headers.has("x-amzn-requestid"),
    () => false,
  );
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === "EPERM";
  }
}
