import { decodeGrid } from "#grid/config.ts";
import { definitionOf, type GridDefinition } from "#grid/definition.ts";

const task = { handler: "./task.ts" };

/** A grid with one application for each thing that a handler decides by. */
export const definition: GridDefinition = definitionOf(
  decodeGrid(
    {
      name: "grid",
      pools: { general: { max: 2, slots: 1 } },
      applications: {
        squares: { split: "./split.ts", task },
        merged: { split: "./split.ts", task, merge: "./merge.ts" },
        listener: { split: "./split.ts", task, on: { source: ["desk"], "detail-type": ["Wanted"] } },
        "listener-too": { split: "./split.ts", task, on: { source: [{ prefix: "de" }] } },
        typed: {
          split: "./split.ts",
          task,
          input: { type: "object", properties: { paths: { type: "integer" } }, required: ["paths"] },
        },
        "no-split": { task, chunkSize: 2 },
        packed: { split: "./split.ts", task, pack: { expectedTaskSeconds: 0.01 } },
        tolerant: { split: "./split.ts", task, tolerate: { count: 2 } },
        hasty: { split: "./split.ts", task, failFast: true },
      },
    },
    "test",
  ),
);
