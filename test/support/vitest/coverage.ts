import v8 from "@vitest/coverage-v8";
import type { CoverageProviderModule } from "vitest/node";

/**
 * V8's coverage of the unit and integration tests: of the projects whose files share a process
 * (`isolate: false`). Those of e2e and faults reach `src` almost only in child processes, and the
 * counters would slow the clients whose times they measure. The default export is how Vitest finds a
 * provider.
 */
const coverage: CoverageProviderModule = {
  getProvider: () => v8.getProvider(),
  startCoverage: async (options) => {
    if (options && !options.isolate) await v8.startCoverage?.(options);
  },
  takeCoverage: (options) => (v8.session ? v8.takeCoverage?.(options) : undefined),
  stopCoverage: async (options) => {
    if (v8.session) await v8.stopCoverage?.(options);
  },
};
export default coverage;
