import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const shared = {
  globalSetup: ["test/support/global-servers.ts"],
  setupFiles: ["test/support/setup.ts"],
  testTimeout: 30_000,
  hookTimeout: 120_000,
};

export default defineConfig({
  oxc: { decorator: { legacy: true } },
  // Vite would pick graphql's ESM build while type-graphql and Apollo load the CommonJS one: two realms.
  resolve: {
    alias: [
      { find: /^graphql$/, replacement: "graphql/index.js" },
      // The package by its own name is these sources: what the documentation's examples import is what the tests do.
      { find: /^lovage$/, replacement: fileURLToPath(new URL("../src/index.ts", import.meta.url)) },
      {
        find: /^lovage\/testing$/,
        replacement: fileURLToPath(new URL("../src/testing.ts", import.meta.url)),
      },
    ],
  },
  root: fileURLToPath(new URL("..", import.meta.url)),
  test: {
    reporters: ["default", "./test/support/reporter.ts"],
    projects: [
      {
        extends: true,
        test: {
          ...shared,
          name: "main",
          include: ["test/**/*.test.ts"],
          exclude: ["test/fault/**"],
          // Vitest leaves one core to itself, and of two that is half: most of these wait for servers and children anyway.
          maxWorkers: Math.max(2, availableParallelism() - 1),
        },
      },
      {
        extends: true,
        // After the others and one file at a time: each hurts several processes that should have the machine for themselves.
        test: {
          ...shared,
          name: "fault",
          include: [
            "test/fault/*.test.ts",
            ...(process.env.FAULT_LONG === "true" ? ["test/fault/*.long.ts"] : []),
          ],
          maxWorkers: 1,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
