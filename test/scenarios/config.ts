import { resolve } from "node:path";

/** Config of the grid that the scenarios run. */
export const CONFIG = resolve(import.meta.dirname, "../fixtures/grid/grid.config.ts");
