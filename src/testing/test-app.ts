import { AssertionError } from "node:assert";
import type { App } from "../app/app.ts";
import type { TaskHandle } from "../app/handle.ts";
import { DURATION_FORMS, type DurationInput, parseDuration } from "../lib/duration.ts";
import type { Sql } from "../store/connection/sql.ts";
import type { TaskReader } from "../store/reading/task-reader.ts";
import type { AnyTaskDefinition, TaskDefinition } from "../task/definition/definition.ts";
import type { EnqueueOptions } from "../task/call/enqueue-options.ts";
import type { TaskOutline, TaskRecord } from "../task/records/task.ts";
import { matches } from "./match.ts";
import type { TestClock } from "./test-clock.ts";
import type { TestRunner } from "./test-runner.ts";

/** How long tasks may take in a test, in real time. */
const TIMEOUT_MS = 10_000;
const PAGE = 1_000;
const SHOWN = 5;

/** Which tasks an expectation is about, besides their input: any columns of a task. */
export type TaskExpectation = Partial<
  Pick<TaskRecord, "queue" | "priority" | "state" | "runAt" | "tags" | "maxAttempts" | "uniqueKey" | "meta">
>;

// The compiler keeps it complete.
const EXPECTED: Readonly<Record<keyof TaskExpectation, true>> = {
  queue: true,
  priority: true,
  state: true,
  runAt: true,
  tags: true,
  maxAttempts: true,
  uniqueKey: true,
  meta: true,
};

/** Part of an input: objects may have more keys, everything else is equal. */
export type InputExpectation<I> = I extends readonly unknown[]
  ? I
  : I extends object
    ? { readonly [K in keyof I]?: InputExpectation<I[K]> }
    : I;

/**
 * An app for tests: everything real and in memory, nothing runs unasked, and time can be moved on.
 */
export class TestApp implements AsyncDisposable {
  constructor(
    /** The app itself, for code that takes one. */
    readonly app: App,
    private readonly parts: {
      readonly runner: TestRunner;
      readonly reader: TaskReader;
      readonly clock: TestClock;
      readonly sql: Sql;
      readonly inline: boolean;
      readonly restart: () => Promise<void>;
    },
  ) {}

  /** As `App.enqueue`. In the inline mode the task has ended when it resolves. */
  enqueue<I, O>(
    definition: TaskDefinition<I, O>,
    input: I,
    options?: EnqueueOptions,
  ): Promise<TaskHandle<O>> {
    return this.app.enqueue(definition, input, options);
  }

  /**
   * Runs all tasks that can run, and those that they make, until none is left. Tasks of paused
   * queues and of names that the app does not have are left.
   *
   * @param options.withDelays also runs what is delayed or waits for a retry, moving the clock on
   *   as far as that takes.
   * @default false
   * @param options.timeout in real time. @default "10s"
   * @throws Error naming the tasks that are not done in time
   */
  async runUntilIdle(
    options: { readonly withDelays?: boolean; readonly timeout?: DurationInput } = {},
  ): Promise<void> {
    const { withDelays = false, timeout = TIMEOUT_MS } = options;
    if (this.parts.runner.inside)
      throw new Error("A task cannot wait until all tasks have ended: it is one of them.");
    await this.parts.runner.run({ withDelays, timeoutMs: read("timeout", timeout) });
  }

  /**
   * Moves the app's and its database's clock on. What becomes due meanwhile is queued, in its
   * order: delays, retries, slots of schedules; what expires is EXPIRED. In the inline mode it runs
   * as well. The clock of your code (`Date`) stays.
   */
  async advanceTime(duration: DurationInput): Promise<void> {
    const { runner, inline } = this.parts;
    await runner.advance(read("duration", duration), async () => {
      if (inline) await runner.run({ withDelays: false, timeoutMs: TIMEOUT_MS });
    });
  }

  /** The time in the app. */
  now(): Date {
    return this.parts.clock.now();
  }

  /**
   * Enqueues a task, runs it and everything else, and returns its output.
   * @throws TaskFailedError when it did not succeed
   */
  async perform<I, O>(definition: TaskDefinition<I, O>, input: I, options?: EnqueueOptions): Promise<O> {
    const handle = await this.enqueue(definition, input, options);
    await this.runUntilIdle({ withDelays: true });
    return handle.result({ timeout: 1 });
  }

  /** The tasks, or those of one definition, oldest first. */
  async tasks(definition?: AnyTaskDefinition): Promise<TaskRecord[]> {
    const { reader } = this.parts;
    const filter = definition === undefined ? {} : { names: [definition.name] };
    const order = { field: "CREATED_AT", direction: "ASC" } as const;
    const tasks: TaskRecord[] = [];
    for (let last: TaskOutline | undefined; ;) {
      const after = last === undefined ? {} : { after: reader.cursorOf(last, order) };
      const [page] = await reader.pages([{ filter, order, limit: PAGE, ...after }]);
      const found = await reader.byIds(page!.rows.map(({ id }) => id));
      tasks.push(...found.filter((task) => task !== null));
      last = page!.rows.at(-1);
      if (!page!.hasMore) return tasks;
    }
  }

  /**
   * Expects that a task was enqueued, whatever its state is now; returns the newest that fits.
   *
   * @param input what its input holds: objects may have more keys
   * @param expected other columns of it, such as `{ queue: "mail" }`
   * @throws AssertionError that shows what was enqueued instead
   */
  async expectEnqueued<I, O>(
    definition: TaskDefinition<I, O>,
    input?: InputExpectation<I>,
    expected: TaskExpectation = {},
  ): Promise<TaskRecord> {
    const fitting = await this.#fitting(definition, input, expected);
    const found = fitting.at(-1);
    if (found) return found;
    return this.#fail(`No ${label(definition, input, expected)} was enqueued`);
  }

  /**
   * Expects that no such task was enqueued.
   *
   * @throws AssertionError that shows it
   */
  async expectNotEnqueued<I, O>(
    definition: TaskDefinition<I, O>,
    input?: InputExpectation<I>,
    expected: TaskExpectation = {},
  ): Promise<void> {
    if ((await this.#fitting(definition, input, expected)).length === 0) return;
    await this.#fail(`A ${label(definition, input, expected)} was enqueued`);
  }

  /**
   * Forgets all tasks, schedules and settings: as new, for the next test. The clock stays where it
   * is.
   */
  async reset(): Promise<void> {
    const { sql, restart } = this.parts;
    const tables = await sql.run<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = 'lovage' and tablename <> 'migration'`,
    );
    await sql.run(`truncate ${tables.map((table) => table.name).join(", ")}`);
    await restart();
  }

  stop = (): Promise<void> => this.app.stop();
  [Symbol.asyncDispose] = (): Promise<void> => this.stop();

  async #fitting(
    definition: AnyTaskDefinition,
    input: unknown,
    expected: TaskExpectation,
  ): Promise<TaskRecord[]> {
    // No task has a mistyped column: that none was enqueued would always be true.
    const unknown = Object.keys(expected).find((column) => !Object.hasOwn(EXPECTED, column));
    if (unknown !== undefined)
      throw new TypeError(
        `"${unknown}" cannot be expected of a task; ${Object.keys(EXPECTED).join(", ")} can.`,
      );
    const tasks = await this.tasks(definition);
    return tasks.filter(
      (task) => matches(task, expected) && (input === undefined || matches(task.input, input)),
    );
  }

  async #fail(message: string): Promise<never> {
    const tasks = await this.tasks();
    const shown = tasks
      .slice(-SHOWN)
      .map((task) => `  ${task.name} ${JSON.stringify(task.input)} (${task.state}, queue ${task.queue})`);
    const list = tasks.length === 0 ? "nothing" : `${tasks.length}, the newest of them:\n${shown.join("\n")}`;
    throw new AssertionError({ message: `${message}. Enqueued: ${list}` });
  }
}

function label(definition: AnyTaskDefinition, input: unknown, expected: TaskExpectation): string {
  const parts = [definition.name, ...(input === undefined ? [] : [`with ${JSON.stringify(input)}`])];
  if (Object.keys(expected).length > 0) parts.push(`as ${JSON.stringify(expected)}`);
  return parts.join(" ");
}

function read(name: string, duration: DurationInput): number {
  const ms = parseDuration(duration);
  if (ms === null)
    throw new TypeError(`${name}: expected ${DURATION_FORMS}, got ${JSON.stringify(duration)}.`);
  return ms;
}
