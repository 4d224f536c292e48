import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Context, Effect, Layer } from "effect";
import type { GridDefinition } from "./definition.ts";
import { BrokenRecord } from "./errors.ts";
import { DEFINITION_FILE } from "./names.ts";
import { settings } from "./settings.ts";

/** The grid's definition, as a service. */
export class Definition extends Context.Service<Definition, GridDefinition>()("grid/Definition") {
  static readonly layerIn = (folder: string) =>
    Layer.effect(
      Definition,
      Effect.try({
        try: () => readDefinition(folder),
        catch: (cause) => new BrokenRecord({ message: cause instanceof Error ? cause.message : String(cause) }),
      }),
    );
  /** Of a Lambda: beside its code. */
  static readonly layer = Layer.unwrap(Effect.map(settings.codeFolder, Definition.layerIn));
}

/** Reads `grid.json` in a folder. Throws an Error that names the file when it is not there or is not what the synth wrote. */
export function readDefinition(folder: string): GridDefinition {
  const file = join(folder, DEFINITION_FILE);
  const definition: unknown = JSON.parse(readFileSync(file, "utf8"));
  if (!isDefinition(definition)) {
    throw new Error(`${file}: expected an object with name, pools and applications, as the synth writes it`);
  }
  return definition;
}

const isDefinition = (value: unknown): value is GridDefinition =>
  typeof value === "object" && value !== null && "name" in value && "pools" in value && "applications" in value;
