import { expect, test } from "vitest";
import { definitionOf } from "#grid/definition.ts";
import { loadGrid } from "#grid/load-config.ts";
import { split } from "../../examples/no-op/split.ts";
import { handler } from "../../examples/no-op/task.ts";

test("the project's own grid.config.ts is valid and has the three examples", async () => {
  const { grid } = await loadGrid("grid.config.ts");
  expect(Object.keys(definitionOf(grid).applications)).toEqual(["value-at-risk", "prime-count", "no-op"]);
});

test("a no-op job has one task, or as many as its input says, each null", async () => {
  expect([...split(null)]).toEqual([null]);
  expect([...split({ tasks: 3 })]).toEqual([null, null, null]);
  expect([...split({ tasks: 0 })]).toEqual([]);
  await expect(handler()).resolves.toBe(null);
});
