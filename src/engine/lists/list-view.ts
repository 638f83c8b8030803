import type { Cursor } from "../../events/event-stream.ts";
import type { Clock } from "../../lib/clock.ts";
import type { TaskSummary } from "../../task/records/task.ts";
import type { Delivery } from "../events/event-subscription.ts";
import {
  type Heartbeat,
  type ListChange,
  type ListItem,
  type ListSnapshot,
  ListSubscription,
} from "./list-subscription.ts";

/** What a view shows. */
export interface Shown {
  /** The newest tasks: at least as many as the view shows, if there are so many. */
  readonly tasks: readonly TaskSummary[];
  /** Whether no other task matches. */
  readonly isComplete: boolean;
  readonly cursor: Cursor;
}

/** The first tasks of a list, for all subscribers that asked for the same number of them. */
export class ListView {
  readonly #members = new Set<ListSubscription>();
  #tasks: ReadonlyMap<string, TaskSummary> = new Map();
  #snapshot: ListSnapshot;

  constructor(
    private readonly first: number,
    shown: Shown,
    private readonly host: { readonly clock: Pick<Clock, "monotonic">; readonly onEmpty: () => void },
  ) {
    this.#snapshot = this.#snapshotOf(shown);
    this.#tasks = byId(this.#snapshot.tasks);
  }

  join(delivery: Delivery): ListSubscription {
    const member = new ListSubscription(
      {
        clock: this.host.clock,
        snapshot: () => this.#snapshot,
        onEnd: () => {
          this.#members.delete(member);
          if (this.#members.size === 0) this.host.onEmpty();
        },
      },
      delivery,
    );
    this.#members.add(member);
    return member;
  }

  /**
   * Sends what changed.
   * @param latest the task of the event that caused the change, if it was one
   */
  show(shown: Shown, latest: TaskSummary | null): void {
    const snapshot = this.#snapshotOf(shown);
    const changes = this.#changesTo(snapshot, latest);
    this.#snapshot = snapshot;
    this.#tasks = byId(snapshot.tasks);
    for (const change of changes) for (const member of this.#members) member.offer(change);
  }

  reset(shown: Shown, item: Extract<ListItem, { readonly type: "reset" }>): void {
    this.#snapshot = this.#snapshotOf(shown);
    this.#tasks = byId(this.#snapshot.tasks);
    for (const member of this.#members) member.reset(item);
  }

  beat(heartbeat: Heartbeat, silentForMs: number): void {
    for (const member of this.#members) member.beat(heartbeat, silentForMs);
  }

  end(failure: Error | null): void {
    for (const member of this.#members) member.end(failure);
  }

  #snapshotOf({ tasks, isComplete, cursor }: Shown): ListSnapshot {
    const hasMore = !isComplete || tasks.length > this.first;
    return { cursor, tasks: tasks.slice(0, this.first), hasMore };
  }

  #changesTo({ tasks, cursor }: ListSnapshot, latest: TaskSummary | null): ListChange[] {
    const changes: ListChange[] = [];
    const after = byId(tasks);
    for (const [id, known] of this.#tasks) {
      if (after.has(id)) continue;
      changes.push({ type: "REMOVED", cursor, task: latest?.id === id ? latest : known });
    }
    for (const task of tasks) {
      const known = this.#tasks.get(task.id);
      if (known === task) continue;
      changes.push({ type: known ? "UPDATED" : "INSERTED", cursor, task });
    }
    return changes;
  }
}

function byId(tasks: readonly TaskSummary[]): ReadonlyMap<string, TaskSummary> {
  return new Map(tasks.map((task) => [task.id, task]));
}
