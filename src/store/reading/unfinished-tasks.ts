import type { TaskRecord } from "../../task/records/task.ts";
import type { Sql } from "../connection/sql.ts";
import type { TaskReader } from "./task-reader.ts";

export type UnfinishedTask = Pick<TaskRecord, "id" | "name" | "input" | "options">;

/** Ids of one statement. */
const PAGE = 10_000;

/**
 * The conditions are those of the partial indexes: finished tasks, which are far more, are not
 * read.
 */
export const UNFINISHED_PAGE = `
  select t.id, t.name from lovage.task t
   where (t.state = 'QUEUED' or t.state in ('SCHEDULED','RETRY') or t.state = 'STARTED' or t.state = 'PENDING')
         and ($1::uuid is null or t.id > $1)
   order by t.id limit ${PAGE}`;

/** Reads the inputs of all tasks that have not ended. */
export class PgUnfinishedTasks {
  constructor(
    private readonly sql: Sql,
    private readonly reader: Pick<TaskReader, "values">,
  ) {}

  /**
   * Yields each task once, oldest first. A page of ids and about VALUES_BYTES of inputs are in memory
   * at a time. Each page is a separate statement: a long transaction would keep dead rows from
   * being removed.
   */
  async *read(): AsyncGenerator<UnfinishedTask> {
    for (let after: string | null = null; ;) {
      const page: { id: string; name: string }[] = await this.sql.run(UNFINISHED_PAGE, [after]);
      const names = new Map(page.map(({ id, name }) => [id, name]));
      for await (const part of this.reader.values([...names.keys()], ["input"]))
        for (const { id, input = null, options } of part) yield { id, name: names.get(id)!, input, options };
      if (page.length < PAGE) return;
      after = page.at(-1)!.id;
    }
  }
}
