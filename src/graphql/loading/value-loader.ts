import { toError } from "../../lib/thrown.ts";
import DataLoader from "dataloader";
import { nextTurn } from "../../lib/async/event-loop.ts";
import type { TaskReader } from "../../store/reading/task-reader.ts";
import {
  TASK_VALUES,
  type TaskRecord,
  type TaskValueName,
  type TaskValues,
} from "../../task/records/task.ts";
import type { ReplyBudget } from "../http/operations/reply-budget.ts";

/** A task with one of its large columns. */
export type WithValue<Name extends TaskValueName> = Omit<TaskValues, Name> & Pick<TaskRecord, Name>;

interface WantedValue {
  readonly id: string;
  readonly name: TaskValueName;
  /** The reply that the value is for. */
  readonly reply: ReplyBudget | undefined;
}

type PendingValues = PromiseWithResolvers<TaskValues | null>;

/**
 * Loads the large columns of tasks. The requests of one turn are read together, each row once, and
 * in parts. The fields of a part are counted before the next part is read, so that a reply that is
 * too large reads no further.
 */
export class ValueLoader {
  readonly #loader: DataLoader<WantedValue, PendingValues>;

  constructor(tasks: Pick<TaskReader, "values">) {
    this.#loader = new DataLoader(
      async (wanted) => {
        const pending = new Map(wanted.map(({ id }) => [id, Promise.withResolvers<TaskValues | null>()]));
        void fill(pending, wanted, tasks);
        return wanted.map(({ id }) => pending.get(id)!);
      },
      { cache: false },
    );
  }

  /** Returns null if the task is gone or the reply was refused. */
  async load<Name extends TaskValueName>(
    id: string,
    name: Name,
    reply: ReplyBudget | undefined,
  ): Promise<WithValue<Name> | null> {
    const { promise } = await this.#loader.load({ id, name, reply });
    return (await promise) as WithValue<Name> | null;
  }
}

/** Settles all pending values. Never throws. */
async function fill(
  pending: ReadonlyMap<string, PendingValues>,
  wanted: readonly WantedValue[],
  tasks: Pick<TaskReader, "values">,
): Promise<void> {
  const names = TASK_VALUES.filter((name) => wanted.some((one) => one.name === name));
  const replies = [...new Set(wanted.map(({ reply }) => reply))];
  try {
    for await (const part of tasks.values([...pending.keys()], names)) {
      for (const values of part) pending.get(values.id)!.resolve(values);
      await nextTurn();
      if (replies.every((reply) => reply?.refusal)) break;
    }
    for (const one of pending.values()) one.resolve(null);
  } catch (error) {
    for (const one of pending.values()) one.reject(toError(error));
  }
}
