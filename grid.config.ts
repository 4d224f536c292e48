import { defineGrid } from "#grid/config.ts";

export default defineGrid({
  name: "grid",
  pools: {
    general: {},
    // Node's full Debian image has a python3.
    python: { image: { base: "node:24-bookworm" } },
  },
  applications: {
    "value-at-risk": {
      on: { source: ["desk.risk"], "detail-type": ["Valuation Requested"] },
      split: "./examples/value-at-risk/split.ts",
      task: { handler: "./examples/value-at-risk/task.ts", timeout: "1 minute" },
      merge: "./examples/value-at-risk/merge.ts",
      deadline: "2 hours",
      // Eight chunks, so that the job of `npm start` is one of a Distributed Map; by default its tasks would fit in one.
      chunkSize: 250,
      pack: { expectedTaskSeconds: 0.0002 },
      files: ["node_modules/vega-datasets/data/sp500-2000.csv"],
      input: {
        type: ["object", "null"],
        properties: {
          paths: { type: "integer", minimum: 100 },
          tasks: { type: "integer", minimum: 1 },
          seed: { type: "integer" },
        },
        additionalProperties: false,
      },
    },
    "prime-count": {
      split: { command: ["python3", "examples/prime-count/split.py"] },
      task: { command: ["python3", "examples/prime-count/count.py"], timeout: "1 minute" },
      merge: { command: ["python3", "examples/prime-count/merge.py"] },
      pool: "python",
      pack: { expectedTaskSeconds: 0.1 },
      files: ["examples/prime-count/*.py"],
    },
    "no-op": {
      split: "./examples/no-op/split.ts",
      task: { handler: "./examples/no-op/task.ts" },
      pack: { expectedTaskSeconds: 0.00001 },
    },
  },
});
