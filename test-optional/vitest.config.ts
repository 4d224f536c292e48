import { defineConfig } from "vitest/config";

/** Tests that need more than Node and npm: `npm run test:python` needs python3. */
export default defineConfig({
  test: { root: import.meta.dirname, include: ["**/*.test.ts"], testTimeout: 120_000, hookTimeout: 120_000 },
});
