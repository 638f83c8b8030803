import type { TaskSummary } from "../../task/records/task.ts";
import { isNewer } from "../events/event-order.ts";

/**
 * The newest tasks that match a filter, newest first: up to a size all of them, without a hole. Ids
 * are ordered by creation.
 */
export class TaskWindow {
  #tasks: readonly TaskSummary[] = [];
  readonly #byId = new Map<string, TaskSummary>();
  #isComplete = true;

  /** @param size most tasks that it holds */
  constructor(private readonly size: number) {}

  get tasks(): readonly TaskSummary[] {
    return this.#tasks;
  }

  /** Whether no other task matches. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  has(id: string): boolean {
    return this.#byId.has(id);
  }

  /** Takes a task as it was after an event. Returns whether the window has changed. */
  apply(task: TaskSummary, matches: boolean): boolean {
    const known = this.#byId.get(task.id) ?? null;
    if (!isNewer(task, known)) return false;
    if (known !== null && matches) this.#set(this.#tasks.map((one) => (one === known ? task : one)));
    else if (known !== null) this.#set(this.#tasks.filter((one) => one !== known));
    else if (matches && this.#reaches(task.id)) this.#insert(task);
    else return false;
    return true;
  }

  /**
   * Takes the tasks that were read, which may be older than an event of the same task.
   * @param hasMore whether more tasks match
   */
  replace(read: readonly TaskSummary[], hasMore: boolean): void {
    this.#set(
      read.map((task) => {
        const known = this.#byId.get(task.id) ?? null;
        return isNewer(task, known) ? task : known!;
      }),
    );
    this.#isComplete = !hasMore;
  }

  /** Whether a task with this id would be within the window. Below its end, others may be missing. */
  #reaches(id: string): boolean {
    const last = this.#tasks.at(-1);
    return this.#isComplete || (last !== undefined && id > last.id);
  }

  #insert(task: TaskSummary): void {
    const older = this.#tasks.findIndex((one) => one.id < task.id);
    const tasks = this.#tasks.toSpliced(older === -1 ? this.#tasks.length : older, 0, task);
    if (tasks.length > this.size) this.#isComplete = false;
    this.#set(tasks.slice(0, this.size));
  }

  #set(tasks: readonly TaskSummary[]): void {
    this.#tasks = tasks;
    this.#byId.clear();
    for (const task of tasks) this.#byId.set(task.id, task);
  }
}
