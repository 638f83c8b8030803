import { AsyncLocalStorage } from "node:async_hooks";
import { makeWorker, workerIdentity } from "../app/worker.ts";
import type { Services } from "../app/services.ts";
import { Dispatcher } from "../engine/maintenance/dispatcher.ts";
import type { Beat } from "../engine/schedules/beat.ts";
import type { Sql } from "../store/connection/sql.ts";
import { keepMsFor } from "../task/records/results.ts";
import type { Worker } from "../worker/worker.ts";
import type { TestClock } from "./test-clock.ts";

/**
 * Rows that a worker can run now, or runs. Rows of unknown names are left out: no worker would run
 * them.
 */
const BUSY = `
  select t.id, t.name, t.queue, t.state from lovage.task t left join lovage.queue q on q.name = t.queue
   where t.state = 'STARTED'
      or (t.state = 'QUEUED' and t.name = any($1::text[]) and not coalesce(q.paused, false)
          and (t.expires_at is null or t.expires_at > now()))
   order by t.id`;

const NEXT_DUE = `
  select least((select min(run_at) from lovage.task where state in ('SCHEDULED','RETRY')),
               (select min(next_run_at) from lovage.schedule where enabled and $1)) - clock_timestamp() as wait`;
const NEXT_DUE_MS = `select (extract(epoch from wait) * 1000)::float8 as ms from (${NEXT_DUE}) due`;

const EXPIRE_BATCH = 1_000;
/** Due times that one move of the clock may pass. */
const MAX_STEPS = 10_000;
/** Rounds of one run: some twenty in a second. */
const MAX_ROUNDS = 1_000;

interface BusyRow {
  readonly id: string;
  readonly name: string;
  readonly queue: string;
  readonly state: string;
}

export interface RunOptions {
  /**
   * Also runs what is delayed or waits for a retry, moving the clock on to it. Schedules do not
   * count: they never end.
   */
  readonly withDelays: boolean;
  /** Tasks that are not done after so long fail the call, in milliseconds of real time. */
  readonly timeoutMs: number;
}

/**
 * Runs tasks on request: it starts a worker while there are tasks to run, and does the work of the
 * loops in between.
 */
export class TestRunner {
  readonly #inside = new AsyncLocalStorage<true>();
  readonly #dispatcher: Dispatcher;
  readonly #beat: Beat;
  /** One run after the other. */
  #last: Promise<void> = Promise.resolve();
  #changed = Promise.withResolvers<void>();

  constructor(
    private readonly services: Services,
    private readonly sql: Sql,
    private readonly clock: TestClock,
  ) {
    const { stores, enqueuer, hints, publisher, messaging } = services;
    const onError = (): void => undefined; // Only its loop reports errors, and that never starts.
    this.#dispatcher = new Dispatcher(
      { store: stores.maintenance, enqueuer, hints, publisher, signals: messaging.signals },
      onError,
    );
    this.#beat = services.beat();
  }

  /** Follows the events: after each, there may be nothing left to wait for. */
  async listen(): Promise<void> {
    const look = (): void => this.#changed.resolve();
    await this.services.messaging.stream.tail(look, look);
  }

  /** Whether the caller is the code of a task that runs here: it would wait for itself. */
  get inside(): boolean {
    return this.#inside.getStore() === true;
  }

  /** Runs until nothing is left that can run. */
  run(options: RunOptions): Promise<void> {
    const mine = this.#last.then(() => this.#inside.run(true, () => this.#run(options)));
    this.#last = mine.catch(() => undefined);
    return mine;
  }

  /**
   * Moves the clock from one due time to the next, so that schedules and delays see each of theirs;
   * calls `then` after each.
   */
  async advance(ms: number, then: () => Promise<void>): Promise<void> {
    const target = this.clock.now().getTime() + ms;
    for (let step = 0; step < MAX_STEPS; step += 1) {
      const left = target - this.clock.now().getTime();
      const next = await this.#nextDueMs(true);
      if (next === null || next >= left) {
        await this.clock.advance(left);
        await this.#turnLoops();
        return then();
      }
      await this.clock.advance(Math.max(next, 1));
      await this.#turnLoops();
      await then();
    }
    throw new Error(`More than ${MAX_STEPS} times are due within ${ms} ms: move the clock in smaller steps.`);
  }

  async #run({ withDelays, timeoutMs }: RunOptions): Promise<void> {
    for (let step = 0; step < MAX_ROUNDS; step += 1) {
      await this.#turnLoops();
      const busy = await this.#busy();
      if (busy.length > 0) {
        await this.#withWorker(busy, timeoutMs);
        continue;
      }
      const next = await this.#nextDueMs(false);
      if (next === null || (next > 0 && !withDelays)) return;
      await this.clock.advance(next);
    }
    throw new Error(
      `Tasks go on being due after ${MAX_ROUNDS} rounds: one of them may enqueue itself forever.`,
    );
  }

  async #withWorker(busy: readonly BusyRow[], timeoutMs: number): Promise<void> {
    const { config, registry } = this.services;
    const identity = workerIdentity(config, registry);
    const queues = [...new Set([...identity.queues, ...busy.map((row) => row.queue)])];
    await using worker = makeWorker(this.services, { identity: { ...identity, queues } });
    await worker.start();
    await this.#untilIdle(queues, worker, timeoutMs);
  }

  async #untilIdle(queues: readonly string[], worker: Worker, timeoutMs: number): Promise<void> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.#changed.resolve();
    }, timeoutMs);
    try {
      for (;;) {
        this.#changed = Promise.withResolvers();
        const busy = (await this.#busy()).filter((row) => queues.includes(row.queue));
        if (busy.length === 0) return;
        if (late) {
          worker.requeue();
          throw new Error(`Not done after ${timeoutMs} ms: ${describe(busy)}.`);
        }
        await this.#changed.promise;
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** What the loops of an app would do now. */
  async #turnLoops(): Promise<void> {
    const { stores, publisher, config } = this.services;
    await this.#dispatcher.dispatch();
    await this.#beat.beat();
    const expired = await stores.maintenance.expire(EXPIRE_BATCH, keepMsFor(config.resultsExpire, "EXPIRED"));
    const at = new Date();
    publisher.publish(expired.map((task) => ({ kind: "task", type: "EXPIRED", at, task })));
  }

  #busy(): Promise<BusyRow[]> {
    return this.sql.run<BusyRow>(BUSY, [this.services.registry.names()]);
  }

  async #nextDueMs(schedulesToo: boolean): Promise<number | null> {
    const [row] = await this.sql.run<{ ms: number | null }>(NEXT_DUE_MS, [schedulesToo]);
    return row?.ms ?? null;
  }
}

function describe(rows: readonly BusyRow[]): string {
  const first = rows.slice(0, 3).map((row) => `${row.name} (${row.id}) is ${row.state}`);
  return [...first, ...(rows.length > 3 ? [`and ${rows.length - 3} more`] : [])].join(", ");
}
