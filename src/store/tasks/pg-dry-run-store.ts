import { priorityRank } from "../../task/definition/priority.ts";
import { queryHolders } from "./pg-insert.ts";
import { toNumber } from "./rows.ts";
import type { Sql } from "../connection/sql.ts";
import type { DryRunRow, DryRunStore } from "./dry-run-store.ts";
import type { NewTask } from "./task-store.ts";

const QUEUE = `
  select exists (select 1 from lovage.queue q where q.name = $1 and q.paused) as paused,
         (select count(*) from (
            select 1 from lovage.task t where t.state = 'QUEUED' and t.queue = $1 and t.priority >= $2 limit $3) waiting) as waiting`;

export class PgDryRunStore implements DryRunStore {
  constructor(private readonly sql: Sql) {}

  async look(row: NewTask, limit: number): Promise<DryRunRow> {
    const keyed = row.idempotencyKey !== null || row.uniqueKey !== null;
    const holders = keyed ? await queryHolders(this.sql, [row]) : [];
    const parameters = [row.queue, priorityRank(row.priority), limit];
    const [queue] = await this.sql.run<{ paused: boolean; waiting: string | number }>(QUEUE, parameters);
    return {
      holders: holders.map(({ holder, key, same }) => ({ taskId: holder, key, same })),
      queuePaused: queue?.paused ?? false,
      waitingBefore: toNumber(queue?.waiting ?? 0),
    };
  }
}
