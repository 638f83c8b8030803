import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

const SETUP = "test/support/vitest/setup.ts";
/** Projects whose tests reach PostgreSQL, Redis, files and processes. */
const withServers = {
  globalSetup: ["test/support/servers/global-servers.ts"],
  setupFiles: [SETUP, "test/support/vitest/server-leak-check.ts"],
  // For what goes wrong: a busy machine may take long for what is right.
  testTimeout: 60_000,
  hookTimeout: 120_000,
  // What a file leaves behind is its failure, and with LEAKS=warn a warning.
  env: { LEAKS: process.env.LEAKS ?? "fail" },
};
/**
 * Fault tests whose bounds need the whole machine: latencies, rates, memory, and a process that may
 * block for only so long. All others mostly wait: for processes to start, for the end of a killed
 * worker's time, for a server that is back.
 */
const FAULT_ALONE = ["children", "hostile-readers", "limits", "stalls", "subscriptions"].map(
  (name) => `test/fault/${name}.test.ts`,
);
const FAULT_LONG = process.env.FAULT_LONG === "true" ? ["test/fault/*.long.ts"] : [];

// The tests start hundreds of processes that load the same modules: compiled once, read by all.
process.env.NODE_COMPILE_CACHE ??= path("../node_modules/.cache/lovage-tests");

const faultSetup = {
  ...withServers,
  globalSetup: [...withServers.globalSetup, "test/fault/support/migrated.ts"],
};
// Vitest leaves one core to itself, and of two that is half: most of these wait for servers and
// children anyway.
const maxWorkers = Math.max(2, availableParallelism() - 1);

export default defineConfig({
  oxc: { decorator: { legacy: true } },
  // Vite would pick graphql's ESM build while type-graphql and Apollo load the CommonJS one: two
  // realms.
  resolve: {
    alias: [
      { find: /^graphql$/, replacement: "graphql/index.js" },
      // The package by its own name is these sources: what the documentation's examples import is
      // what the tests do.
      { find: /^lovage$/, replacement: path("../src/index.ts") },
      { find: /^lovage\/client$/, replacement: path("../src/client.ts") },
      { find: /^lovage\/testing$/, replacement: path("../src/testing.ts") },
    ],
  },
  root: path(".."),
  test: {
    reporters: [
      "default",
      ["./test/support/vitest/reporter.ts", { times: path("../coverage/test-times.csv") }],
    ],
    coverage: {
      provider: "custom",
      customProviderModule: path("support/vitest/coverage.ts"),
      include: ["src/**/*.ts"],
      // GraphiQL runs in a browser; generated files are lists of types and queries.
      exclude: ["src/graphiql/**", "src/**/generated/**"],
      reporter: ["text-summary", "json-summary"],
      // Of the unit and integration tests together. They are about a point below what was measured:
      // raise them when that has risen.
      thresholds: { statements: 84, branches: 80, functions: 85, lines: 85 },
      reportOnFailure: true,
      reportsDirectory: "coverage",
    },
    projects: [
      {
        extends: true,
        resolve: {
          alias: [
            {
              find: /^@electric-sql\/pglite/,
              replacement: path("support/vitest/no-embedded-database.ts"),
            },
          ],
        },
        test: {
          name: "unit",
          isolate: false,
          include: ["test/unit/**/*.test.ts"],
          setupFiles: [SETUP, "test/support/vitest/leak-check.ts", "test/support/vitest/unit-guard.ts"],
          testTimeout: 30_000,
          maxWorkers,
        },
      },
      {
        extends: true,
        test: {
          ...withServers,
          name: "integration",
          // In a process of its own each file would load the sources again, which costs half of its
          // CPU time. server-leak-check.ts keeps files from disturbing each other.
          isolate: false,
          include: ["test/integration/**/*.test.ts", "test/contract/**/*.test.ts"],
          maxWorkers,
        },
      },
      {
        extends: true,
        test: { ...withServers, name: "e2e", include: ["test/e2e/**/*.test.ts"], maxWorkers },
      },
      {
        extends: true,
        // After the others: each file hurts several processes.
        test: {
          ...faultSetup,
          name: "fault",
          include: ["test/fault/**/*.test.ts"],
          exclude: FAULT_ALONE,
          maxWorkers,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        // After all others, and one file at a time.
        test: {
          ...faultSetup,
          name: "fault-alone",
          include: [...FAULT_ALONE, ...FAULT_LONG],
          maxWorkers: 1,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
