import { defineConfig } from "vitest/config";

/** `npm run test:kubernetes`: what only a real cluster shows. docs/kubernetes.md says what it needs. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ["**/*.test.ts"],
    globalSetup: "global-setup.ts",
    // There is one cluster, and it holds one grid.
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
