import type { Reporter, SerializedError, TestModule } from "vitest/node";

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/**
 * Ends the run with one plain line, e.g. `12 passed, 0 failed`. A file or suite that fails as a whole and an error
 * outside of the tests count as one failure each; a run that fails for any other reason has at least one.
 * The default export is how Vitest finds a reporter.
 */
export default class PlainLineReporter implements Reporter {
  #counts: Counts = { passed: 0, failed: 0, skipped: 0 };

  onInit(): void {
    // At the very end, behind the coverage table and what the global teardown prints.
    process.once("exit", (code) => process.stdout.write(`${plainLine(this.#counts, code)}\n`));
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    const tests = modules
      .flatMap((module) => [...module.children.allTests()])
      .map((test) => test.result().state);
    const suites = modules.flatMap((module) => [module, ...module.children.allSuites()]);
    const passed = tests.filter((state) => state === "passed").length;
    const skipped = tests.filter((state) => state === "skipped").length;
    const failedSuites = suites.filter((suite) => suite.errors().length > 0).length;
    // A test that is still pending was cut off by the death of its process: it did not pass.
    const failed = tests.length - passed - skipped + failedSuites + unhandledErrors.length;
    this.#counts = { passed, failed, skipped };
  }
}

function plainLine({ passed, failed, skipped }: Counts, exitCode: number): string {
  const failures = exitCode === 0 ? failed : Math.max(failed, 1);
  return `${passed} passed, ${failures} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}
