import { setTimeout as pause } from "node:timers/promises";
import { nextTurn } from "../../lib/async/event-loop.ts";
import type { CancelRequest, TaskStore } from "../../store/tasks/task-store.ts";

export interface CancelLookupParts {
  readonly tasks: Pick<TaskStore, "cancelRequests">;
  /** Returns those of these tasks whose attempts run here and were not aborted yet. */
  readonly running: (taskIds: readonly string[]) => readonly string[];
  /** Receives each stored request. */
  readonly onRequest: (request: CancelRequest) => void;
  readonly onError: (error: unknown) => void;
}

/**
 * The pause after a look that found no request for one of its tasks, in milliseconds: forged signals
 * cost a few statements a second, however many they are.
 */
const REST_MS = 50;

/**
 * Looks up cancels that a signal announced. Any client of Redis can send such a signal, so nothing is
 * aborted before the rows of the named tasks were read. Signals of one turn of the event loop share a
 * statement, and so do those that arrive during a statement. Where the database does not answer, the
 * next heartbeat finds the requests.
 */
export class CancelLookup {
  readonly #wanted = new Set<string>();
  #looking = false;

  constructor(private readonly parts: CancelLookupParts) {}

  /** Reads the rows of those tasks that run here. Returns at once. */
  look(taskIds: readonly string[]): void {
    for (const id of this.parts.running(taskIds)) this.#wanted.add(id);
    if (this.#looking || this.#wanted.size === 0) return;
    this.#looking = true;
    void this.#lookUntilDone();
  }

  async #lookUntilDone(): Promise<void> {
    while (this.#wanted.size > 0) {
      await nextTurn();
      if (!(await this.#lookOnce())) await pause(REST_MS, undefined, { ref: false });
    }
    this.#looking = false;
  }

  /** Returns whether each of the tasks had a request. */
  async #lookOnce(): Promise<boolean> {
    const taskIds = [...this.#wanted];
    this.#wanted.clear();
    try {
      const requests = await this.parts.tasks.cancelRequests(taskIds);
      for (const request of requests) this.parts.onRequest(request);
      return requests.length === taskIds.length;
    } catch (error) {
      this.parts.onError(error);
      return false;
    }
  }
}
