import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type FunctionDefinition, openFunctions } from "#local/functions/index.ts";

/** A new folder that goes when the test ends. */
const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "burstgrid-functions-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

/** A folder of code with these files. */
export const codeFolder = (files: Record<string, string>): string => {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
};

/** The local Lambda with a log folder of its own, closed when the test ends; `warnings` holds what it warned of. */
export const functionsForTest = (origin = "http://127.0.0.1:1") => {
  const folder = temporaryFolder();
  const warnings: string[] = [];
  const functions = openFunctions({
    origin,
    folder,
    environment: { AWS_ENDPOINT_URL: origin, AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local" },
    warn: (message) => void warnings.push(message),
  });
  onTestFinished(() => functions.close());
  return { functions, warnings, folder };
};

/** A function whose `index.mjs` has this text, with plain settings. */
export const definitionOf = (source: string, over: Partial<FunctionDefinition> = {}): FunctionDefinition => ({
  name: "subject",
  code: codeFolder({ "index.mjs": source }),
  handler: "index.handler",
  environment: {},
  timeoutSeconds: 10,
  memoryMegabytes: 128,
  ...over,
});
