import { access, constants } from "node:fs/promises";
import { delimiter, join, resolve, sep } from "node:path";
import type { LoadedGrid } from "#grid/load-config.ts";
import { type Finding, fail, ok } from "./finding.ts";

/** Whether the pools' images can be built here, as `cdk deploy` does. */
export async function checkImages({ grid, folder }: LoadedGrid, env: NodeJS.ProcessEnv): Promise<Finding[]> {
  const dockerfiles = Object.entries(grid.pools).flatMap(([pool, { image }]) =>
    image !== undefined && "dockerfile" in image ? [{ pool, file: resolve(folder, image.dockerfile) }] : [],
  );
  const found = await Promise.all(
    dockerfiles.map(async ({ pool, file }) =>
      (await isThere(file, constants.R_OK))
        ? ok(`image ${pool}`, file)
        : fail(`image ${pool}`, `there is no ${file}`, `correct \`pools.${pool}.image.dockerfile\` or add the file`),
    ),
  );
  return [...found, await checkBuilder(env)];
}

/** CDK_DOCKER names a program that takes docker's arguments, such as `finch` or `podman`. */
async function checkBuilder(env: NodeJS.ProcessEnv): Promise<Finding> {
  const program = env["CDK_DOCKER"] || "docker";
  const places = program.includes(sep) ? [program] : (env["PATH"] ?? "").split(delimiter).map((p) => join(p, program));
  const found = await Promise.all(places.map((place) => isThere(place, constants.X_OK)));
  return found.includes(true)
    ? ok("image builder", program)
    : fail(
        "image builder",
        `there is no program ${program}`,
        "install Docker, or set CDK_DOCKER to one that takes its arguments: deployments build the pools' images with it",
      );
}

const isThere = (file: string, mode: number): Promise<boolean> =>
  access(file, mode).then(
    () => true,
    () => false,
  );
