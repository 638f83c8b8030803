import type { Broker } from "../../broker/broker.ts";
import { UnavailableError } from "../../errors.ts";
import { type Clock, systemClock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/log/log.ts";
import { newId } from "../../lib/uuid.ts";
import type { MaintenanceStore } from "../../store/maintenance/maintenance-store.ts";
import type { HintSender } from "../enqueue/hint-sender.ts";

export interface RepairOptions {
  /**
   * Rows younger than this may still have a hint on its way, so they are not counted as forgotten,
   * in milliseconds.
   * @default 5_000
   */
  readonly waitedMs?: number;
  /** @default systemClock */
  readonly clock?: Pick<Clock, "monotonic">;
}

const PAGE = 5_000;
/**
 * A queue of 10,000 hints is looked at every 5 s at most, one of a million every 8 minutes: what a
 * look costs grows with the queue.
 */
const PAUSE_PER_HINT_MS = 0.5;

/**
 * Finds rows whose hints were lost, by comparing counts, and sends them again.
 *
 * The counts show a loss as long as there is at most one hint per row. So a repair does not add
 * hints: it replaces all that were not delivered yet. A queue that is merely deep, or whose hints
 * nobody can use (it is paused, or no worker knows the names), has as many hints as rows and is
 * left alone, however deep it is and however long that lasts.
 *
 * The hint of a partition is one for all its tasks. It is simply sent again, for every partition of
 * which tasks wait: the broker keeps it at one.
 */
export class Repair {
  readonly #id = newId();
  /** When the counts of a queue were last compared. */
  readonly #lookedAt = new Map<string, number>();

  constructor(
    private readonly store: MaintenanceStore,
    private readonly broker: Pick<Broker, "depth" | "epoch" | "setEpoch" | "purge">,
    private readonly hints: HintSender,
    private readonly log: Logger,
    private readonly options: RepairOptions = {},
  ) {}

  /**
   * Marks the broker of a database that never had one. It must run before the first enqueue: otherwise all
   * hints would be sent twice. A broker without the mark later is left to `checkEpoch`, which may take long.
   */
  async markFirst(): Promise<void> {
    if ((await this.store.brokerEpoch()) === null) await this.checkEpoch();
  }

  /**
   * A broker without our mark is new, flushed or swapped: it has lost everything. Of several
   * processes one sends all hints again.
   *
   * @param onStep called at each step of a repair, which may take long
   */
  async checkEpoch(onStep?: () => void): Promise<void> {
    if (await this.#isMarked()) return;
    await this.#alone(onStep, async (step) => {
      if (await this.#isMarked()) return; // By the one who was alone before.
      const epoch = newId();
      if (!(await this.store.replaceBrokerEpoch(await this.store.brokerEpoch(), epoch))) return;
      // failpoint: repair.epoch-replaced
      await this.broker.setEpoch(epoch);
      const sent = await this.resend(null, 0, step);
      if (sent > 0) this.log.info("The broker was empty; hints were sent again", { sent });
    });
  }

  /**
   * Sends the hints of partitions, and compares, per queue, the others that exist with the rows
   * that have waited a while.
   *
   * @throws UnavailableError when the broker did not answer for a queue; the others were checked
   *   nevertheless
   */
  async checkCounts(onStep?: () => void): Promise<void> {
    await this.hints.send(await this.store.waitingPartitions(null));
    const queues = await this.store.queuesWithWaiting();
    this.#forgetAllBut(queues);
    const failures: unknown[] = [];
    for (const queue of queues) {
      onStep?.();
      await this.#checkCount(queue, onStep).catch((error: unknown) => {
        if (!(error instanceof UnavailableError) || error.service !== "broker") throw error;
        failures.push(error); // On a cluster the node of one queue may be away, and those of the others there.
      });
    }
    if (failures.length > 0) throw failures[0];
  }

  async #checkCount(queue: string, onStep?: () => void): Promise<void> {
    if (!(await this.#isShort(queue, true))) return;
    await this.#alone(onStep, async (step) => {
      // While another process was sending them, hints were fewer than rows, too.
      if (await this.#isShort(queue, false)) await this.#rebuild(queue, step);
    });
  }

  /**
   * Sends the hints of all QUEUED rows that have waited so long; `queue` null means all queues.
   * Returns how many.
   */
  async resend(queue: string | null, waitedMs: number, onStep?: () => void | Promise<void>): Promise<number> {
    const partitions = await this.store.waitingPartitions(queue);
    await this.hints.send(partitions);
    let sent = partitions.length;
    for (let after: string | null = null; ;) {
      const hints = await this.store.waitingHints(queue, waitedMs, after, PAGE);
      await this.hints.send(hints);
      await onStep?.();
      sent += hints.length;
      const last = hints.at(-1);
      if (!last || hints.length < PAGE) return sent;
      after = last.taskId;
    }
  }

  async #isMarked(): Promise<boolean> {
    const [known, present] = [await this.store.brokerEpoch(), await this.broker.epoch()];
    return known !== null && known === present;
  }

  /**
   * Whether a queue has fewer hints than rows; false, too, when it is so deep that the last look is
   * not long enough ago.
   */
  async #isShort(queue: string, spare: boolean): Promise<boolean> {
    const { waitedMs = 5_000, clock = systemClock } = this.options;
    const depth = await this.broker.depth(queue);
    const sinceLook = clock.monotonic() - (this.#lookedAt.get(queue) ?? -Infinity);
    if (spare && sinceLook < depth * PAUSE_PER_HINT_MS) return false;
    this.#lookedAt.set(queue, clock.monotonic());
    return (await this.store.countWaiting(queue, waitedMs, depth + 1)) > depth;
  }

  async #rebuild(queue: string, step: () => Promise<void>): Promise<void> {
    await this.broker.purge(queue);
    // All rows, also young ones: their hints may have been purged. Should this be cut short, the
    // queue is shallow and soon looked at again.
    const sent = await this.resend(queue, 0, step);
    this.log.info("Lost hints were sent again", { queue, sent });
  }

  /** Runs `work` unless another process repairs. */
  async #alone(
    onStep: (() => void) | undefined,
    work: (step: () => Promise<void>) => Promise<void>,
  ): Promise<void> {
    const begin = (): Promise<boolean> => this.store.beginRepair(this.#id);
    if (!(await begin())) return;
    try {
      await work(async () => {
        onStep?.();
        await begin();
      });
    } finally {
      await this.store.endRepair(this.#id).catch(() => undefined); // Then the others wait until it is old.
    }
  }

  #forgetAllBut(queues: readonly string[]): void {
    const waiting = new Set(queues);
    for (const queue of this.#lookedAt.keys()) if (!waiting.has(queue)) this.#lookedAt.delete(queue);
  }
}
