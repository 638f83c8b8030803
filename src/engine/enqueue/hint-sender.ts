import type { Broker } from "../../broker/broker.ts";
import type { Logger } from "../../lib/log/log.ts";
import { OutageLog } from "../../lib/log/outage-log.ts";
import type { Hint } from "../../task/records/hint.ts";
import { NO_KEYS } from "../../task/limits/limits.ts";
import type { TaskSummary } from "../../task/records/task.ts";
import type { Publisher } from "../events/publisher.ts";

/**
 * Sends hints after their commit. A hint that cannot be sent is not an error: the row exists, and
 * the sweeper sends it again.
 */
export class HintSender {
  readonly #outage: OutageLog;

  constructor(
    private readonly broker: Pick<Broker, "send">,
    private readonly publisher: Pick<Publisher, "flushNow">,
    log: Logger,
  ) {
    this.#outage = new OutageLog(
      log,
      "Hints cannot be sent; the sweeper will send them when the broker is back",
    );
  }

  /**
   * Resolves when the broker has the hints, or did not accept them. Events published before are
   * sent first.
   */
  async send(hints: readonly Hint[]): Promise<void> {
    if (hints.length === 0) return;
    // Callers whose tasks were committed together publish one after another before any of them
    // continues here: one batch for all.
    await Promise.resolve();
    // Both use one connection: so no worker can publish a start before this process has published
    // its cause.
    this.publisher.flushNow();
    try {
      await this.broker.send(hints);
      this.#outage.over();
    } catch (error) {
      this.#outage.note(error);
    }
  }
}

export function hintOf(task: TaskSummary): Hint {
  const { id: taskId, queue, priority } = task;
  if (task.limitKey === undefined) return { taskId, queue, priority };
  return { taskId, queue, priority, partition: task.name, wakes: task.limitKey !== NO_KEYS };
}
