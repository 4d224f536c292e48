import { join } from "node:path";
import { esbuild } from "./esbuild.ts";

/** The Lambdas: `handlers/<name>.ts` exports `handler`. */
export const HANDLERS = ["accept", "dispatch", "collect", "settle", "conclude", "launch", "intake"] as const;
export type HandlerName = (typeof HANDLERS)[number];

/** Bundles every handler into `<outdir>/<name>/index.mjs`, the AWS SDK included. Returns the files that went in. */
export function bundleHandlers(sources: string, outdir: string): Promise<string[]> {
  return esbuild({
    entryPoints: HANDLERS.map((name) => ({ in: join(sources, `${name}.ts`), out: join(name, "index") })),
    outdir,
  });
}
