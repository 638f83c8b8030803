import { priorityRank } from "../../task/definition/priority.ts";
import { queryHolders } from "./pg-insert.ts";
import { toNumber } from "./rows.ts";
import type { Sql } from "../connection/sql.ts";
import type { NewTask } from "./task-store.ts";

/** A task that holds a key of the new task. */
export interface KeyHolder {
  readonly taskId: string;
  /** `"slot"`: the slot of a schedule. */
  readonly key: "idempotency" | "unique" | "slot";
  /**
   * Whether it has the name and the input of the new task. If not, an idempotency key is a
   * conflict.
   */
  readonly same: boolean;
}

/** The state that an enqueue would find. */
export interface DryRunRow {
  /** The holder of the idempotency key comes first: it takes precedence. */
  readonly holders: readonly KeyHolder[];
  readonly queuePaused: boolean;
  /**
   * Number of QUEUED tasks of its queue with its priority or a higher one, counted up to the limit.
   */
  readonly waitingBefore: number;
}

export interface DryRunStore {
  /** Returns the tasks that hold keys of this row; that of the idempotency key comes first. */
  holders(row: NewTask): Promise<readonly KeyHolder[]>;
  /** Reads what an enqueue of this row would find. Changes nothing. */
  look(row: NewTask, limit: number): Promise<DryRunRow>;
}

const QUEUE = `
  select exists (select 1 from lovage.queue q where q.name = $1 and q.paused) as paused,
         (select count(*) from (
            select 1 from lovage.task t where t.state = 'QUEUED' and t.queue = $1 and t.priority >= $2 limit $3) waiting) as waiting`;

export class PgDryRunStore implements DryRunStore {
  constructor(private readonly sql: Sql) {}

  async holders(row: NewTask): Promise<KeyHolder[]> {
    const keyed = row.idempotencyKey !== null || row.uniqueKey !== null;
    const holders = keyed ? await queryHolders(this.sql, [row]) : [];
    return holders.map(({ holder, key, same }) => ({ taskId: holder, key, same }));
  }

  async look(row: NewTask, limit: number): Promise<DryRunRow> {
    const holders = await this.holders(row);
    const parameters = [row.queue, priorityRank(row.priority), limit];
    const [queue] = await this.sql.run<{ paused: boolean; waiting: string | number }>(QUEUE, parameters);
    return {
      holders,
      queuePaused: queue?.paused ?? false,
      waitingBefore: toNumber(queue?.waiting ?? 0),
    };
  }
}
