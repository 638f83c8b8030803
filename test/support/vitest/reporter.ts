import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, relative } from "node:path";
import type { Reporter, SerializedError, TestModule } from "vitest/node";

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

interface FileTime {
  readonly project: string;
  readonly file: string;
  readonly tests: number;
  /** All that the file took, with its worker's start and its imports. */
  readonly seconds: number;
  readonly importSeconds: number;
}

export interface PlainLineOptions {
  /**
   * Where the times of the files are written, slowest first, as CSV; those of other files in it
   * stay. Default: nowhere, and none are printed.
   */
  readonly times?: string;
}

const SLOWEST = 10;
const COLUMNS = ["project", "file", "tests", "seconds", "import seconds"];
const SECONDS = COLUMNS.indexOf("seconds");

/**
 * Ends the run with one plain line, e.g. `12 passed, 0 failed`. A file or suite that fails as a
 * whole and an error outside of the tests count as one failure each; a run that fails for any other
 * reason has at least one. Before that come the slowest files. The default export is how Vitest
 * finds a reporter.
 */
export default class PlainLineReporter implements Reporter {
  #counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  #slowest: readonly FileTime[] = [];
  readonly #options: PlainLineOptions;

  constructor(options: PlainLineOptions = {}) {
    this.#options = options;
  }

  onInit(): void {
    // At the very end, behind the coverage table and what the global teardown prints.
    process.once("exit", (code) => {
      for (const time of this.#slowest) process.stdout.write(`${timeLine(time)}\n`);
      process.stdout.write(`${plainLine(this.#counts, code)}\n`);
    });
  }

  async onTestRunEnd(
    modules: readonly TestModule[],
    unhandledErrors: readonly SerializedError[],
  ): Promise<void> {
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
    if (this.#options.times !== undefined) await this.#recordTimes(modules, this.#options.times);
  }

  async #recordTimes(modules: readonly TestModule[], path: string): Promise<void> {
    const times = modules.map(timeOf).sort((a, b) => b.seconds - a.seconds);
    this.#slowest = times.slice(0, SLOWEST);
    const own = new Set(times.map(({ project, file }) => `${project},${file}`));
    const earlier = (await readFile(path, "utf8").catch(() => "")).split("\n").slice(1);
    const rows = [
      ...times.map(rowOf),
      ...earlier
        .map((line) => line.split(","))
        .filter(([project, file]) => file && !own.has(`${project},${file}`)),
    ].sort((a, b) => Number(b[SECONDS]) - Number(a[SECONDS]));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, `${[COLUMNS, ...rows].join("\n")}\n`);
  }
}

function timeOf(module: TestModule): FileTime {
  const { environmentSetupDuration, prepareDuration, setupDuration, collectDuration, duration } =
    module.diagnostic();
  const ms = environmentSetupDuration + prepareDuration + setupDuration + collectDuration + duration;
  return {
    project: module.project.name,
    file: relative(module.project.config.root, module.moduleId),
    tests: [...module.children.allTests()].length,
    seconds: ms / 1_000,
    importSeconds: collectDuration / 1_000,
  };
}

function rowOf({ project, file, tests, seconds, importSeconds }: FileTime): string[] {
  return [project, file, String(tests), seconds.toFixed(2), importSeconds.toFixed(2)];
}

function timeLine({ project, file, seconds }: FileTime): string {
  return `${seconds.toFixed(1).padStart(6)} s  ${project}  ${file}`;
}

function plainLine({ passed, failed, skipped }: Counts, exitCode: number): string {
  const failures = exitCode === 0 ? failed : Math.max(failed, 1);
  return `${passed} passed, ${failures} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}
