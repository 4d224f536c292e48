import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Template } from "#local/deploy/template.ts";

/** Writes an assembly of hand-made templates as CDK would, without assets. A stack depends on those before it. */
export async function writeAssembly(
  folder: string,
  templates: Readonly<Record<string, Template | object>>,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const ids = Object.keys(templates);
  const artifacts = ids.map((id, at) => [
    id,
    {
      type: "aws:cloudformation:stack",
      dependencies: ids.slice(0, at),
      properties: { templateFile: `${id}.template.json`, stackName: `test-${id.toLowerCase()}` },
    },
  ]);
  // Listed backwards: the order of deployment must come from the dependencies.
  await writeFile(
    join(folder, "manifest.json"),
    JSON.stringify({ artifacts: Object.fromEntries(artifacts.toReversed()) }),
  );
  for (const [id, template] of Object.entries(templates)) {
    await writeFile(join(folder, `${id}.template.json`), JSON.stringify(template));
  }
}
