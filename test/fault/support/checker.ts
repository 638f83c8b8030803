import type { Redis } from "ioredis";
import { expect, vi } from "vitest";
import { FINAL_STATES, type TaskState } from "../../../src/task/records/state.ts";
import { GROUP } from "../../../src/broker/redis/keys.ts";
import type { History } from "./history.ts";

/** One change of a task's state, noted by the database itself in the same transaction. */
interface Transition {
  readonly id: string;
  readonly version: number;
  readonly from: TaskState;
  readonly to: TaskState;
  readonly worker: string | null;
}

/**
 * Notes every change of state. A trigger: what it says was committed together with what it tells
 * of.
 */
const RECORD = `
  create table if not exists public.transition
    (seq bigint generated always as identity, id uuid, version int, "from" text, "to" text, worker uuid);
  create or replace function public.note_transition() returns trigger language plpgsql as $$
    begin
      insert into public.transition (id, version, "from", "to", worker)
        values (new.id, new.version, old.state, new.state, coalesce(new.worker_id, old.worker_id));
      return null;
    end $$;
  create or replace trigger note_transition after update of state on lovage.task
    for each row when (old.state is distinct from new.state) execute function public.note_transition();`;

/**
 * Puts a statement, or several without values, to a database; resolves with the rows of the last.
 */
export type Ask = <Row>(text: string, values: readonly unknown[]) => Promise<Row[]>;

const FINAL = `('${FINAL_STATES.join("','")}')`;
const MAX_SHOWN = 5;

/**
 * Looks at what is true, past everything that is being hurt: at the rows, the hints, and the
 * history.
 */
export class Checker {
  readonly #ask: Ask;

  constructor(
    /** Its URL, or a way to ask it where it has none. */
    database: string | Ask,
    private readonly redis: readonly Redis[],
    private readonly prefix: string,
    readonly history: History,
  ) {
    this.#ask = typeof database === "string" ? askPostgres(database) : database;
  }

  /** Begins to note every change of state. */
  async watch(): Promise<void> {
    await this.query(RECORD);
  }

  query<Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    return this.#ask<Row>(text, values);
  }

  async unfinished(): Promise<number> {
    const [row] = await this.query<{ count: number }>(
      `select count(*)::int as count from lovage.task where state not in ${FINAL}`,
    );
    return row!.count;
  }

  async countByState(): Promise<Partial<Record<TaskState, number>>> {
    const rows = await this.query<{ state: TaskState; count: number }>(
      "select state, count(*)::int as count from lovage.task group by 1",
    );
    return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
  }

  /** **I1**: every accepted task reaches a final state, in time. */
  async allFinal(accepted: ReadonlySet<string>, timeout = 120_000): Promise<void> {
    await vi.waitFor(
      async () => {
        expect(await this.unfinished(), `unfinished; ${JSON.stringify(await this.countByState())}`).toBe(0);
      },
      { timeout, interval: 200 },
    );
    const missing = await this.lost(accepted);
    expect(missing, "accepted, and not in the database").toEqual([]);
  }

  /** Accepted tasks that are not there or not final. */
  async lost(accepted: ReadonlySet<string>): Promise<string[]> {
    const rows = await this.query<{ id: string }>(
      `select a.id from unnest($1::uuid[]) as a(id)
        where not exists (select 1 from lovage.task t where t.id = a.id and t.state in ${FINAL})`,
      [[...accepted]],
    );
    return rows.map((row) => row.id);
  }

  /** **I2**: whatever is SUCCESS did run to its end. */
  async successesRan(): Promise<void> {
    const rows = await this.query<{ id: string }>("select id from lovage.task where state = 'SUCCESS'");
    const ended = new Set((await this.history.ends()).map((line) => line.id));
    const unfounded = rows.filter((row) => !ended.has(row.id));
    expect(unfounded.slice(0, MAX_SHOWN), "SUCCESS without an end in the history").toEqual([]);
  }

  /**
   * **I3** one final state each, ever; **I5** no outcome of an attempt that was not the latest;
   * **I8** versions only rise.
   */
  async transitionsAreSound(): Promise<void> {
    const rows = await this.query<Transition & { seq: string }>(
      `select id, version, "from", "to", worker from public.transition order by seq`,
    );
    const faults: string[] = [];
    const last = new Map<string, { version: number; claimedBy: string | null; final: boolean }>();
    for (const row of rows) {
      const before = last.get(row.id) ?? { version: -1, claimedBy: null, final: false };
      const shown = `${row.id}: ${row.from} -> ${row.to}`;
      if (before.final) faults.push(`${shown} after it was final`);
      if (row.version <= before.version)
        faults.push(`${shown}: version ${row.version} after ${before.version}`);
      const isOutcome = row.from === "STARTED" && FINAL_STATES.includes(row.to as never);
      if (isOutcome && row.worker !== before.claimedBy)
        faults.push(`${shown} by a worker that did not hold it`);
      last.set(row.id, {
        version: row.version,
        claimedBy: row.to === "STARTED" ? row.worker : before.claimedBy,
        final: FINAL_STATES.includes(row.to as never),
      });
    }
    expect(faults.slice(0, MAX_SHOWN)).toEqual([]);
  }

  /** **I4**: no more attempts beyond one per task than were under way when something was hurt. */
  async doubledAtMost(bound: number): Promise<number> {
    const doubled = await this.history.doubled();
    expect(doubled, "attempts beyond one per task").toBeLessThanOrEqual(bound);
    return doubled;
  }

  /** **I6**: at rest nothing is left behind: no hint, no pending entry, no unfinished row. */
  async isAtRest(timeout = 60_000): Promise<void> {
    await vi.waitFor(
      async () => expect(await this.leftovers()).toEqual({ hints: 0, pending: 0, unfinished: 0 }),
      {
        timeout,
        interval: 200,
      },
    );
  }

  async leftovers(): Promise<{ hints: number; pending: number; unfinished: number }> {
    let [hints, pending] = [0, 0];
    for (const redis of this.redis) {
      for (const stream of await this.streams(redis)) {
        hints += await redis.xlen(stream);
        const groups = (await redis.xinfo("GROUPS", stream)) as unknown[][];
        for (const group of groups) pending += Number(group[group.indexOf("pending") + 1]);
      }
    }
    return { hints, pending, unfinished: await this.unfinished() };
  }

  /** **I7**, its part in Redis: consumers that the group knows, in the stream that has most. */
  async consumers(): Promise<number> {
    let most = 0;
    for (const redis of this.redis) {
      for (const stream of await this.streams(redis)) {
        const consumers = await redis.xinfo("CONSUMERS", stream, GROUP).catch(() => []);
        most = Math.max(most, (consumers as unknown[]).length);
      }
    }
    return most;
  }

  /** The streams of hints that this Redis has. */
  async streams(redis: Redis = this.redis[0]!): Promise<string[]> {
    return redis.keys(`{${this.prefix}:*}:p[0-3]`);
  }
}

/** On a connection of its own for each question: the last one may have been hurt. */
function askPostgres(url: string): Ask {
  return async <Row>(text: string, values: readonly unknown[]) => {
    const { default: pg } = await import("pg");
    const client = new pg.Client({ connectionString: url });
    client.on("error", () => undefined); // Its own death is told by the next query.
    await client.connect();
    try {
      const { rows } = await client.query(text, [...values]);
      return rows as Row[];
    } finally {
      await client.end();
    }
  };
}
