import type { Broker } from "../broker/broker.ts";
import type { Logger } from "../lib/log.ts";
import { newId } from "../lib/uuid.ts";
import type { UpkeepStore } from "../store/upkeep-store.ts";
import type { HintSender } from "./hint-sender.ts";

export interface RepairOptions {
  /** Rows younger than this may still have a hint on its way, so they are not counted as forgotten, in milliseconds. @default 5_000 */
  readonly waitedMs?: number;
  /** A queue with so many hints feeds its workers anyway; what else it misses is found once it is shallower. @default 10_000 */
  readonly deepEnough?: number;
}

const PAGE = 5_000;

/** Finds rows whose hints were lost, by comparing counts, and sends them again. A double is harmless: the claim decides. */
export class Repair {
  constructor(
    private readonly store: UpkeepStore,
    private readonly broker: Pick<Broker, "depth" | "epoch" | "setEpoch">,
    private readonly hints: HintSender,
    private readonly log: Logger,
    private readonly options: RepairOptions = {},
  ) {}

  /** A broker without our mark is new, flushed or swapped: it has lost everything. Of several processes one sends all hints again. */
  async checkEpoch(): Promise<void> {
    const [known, present] = [await this.store.brokerEpoch(), await this.broker.epoch()];
    if (known !== null && known === present) return;
    const epoch = newId();
    if (!(await this.store.replaceBrokerEpoch(known, epoch))) return;
    await this.broker.setEpoch(epoch);
    const sent = await this.resend(null, 0);
    if (sent > 0) this.log.info("The broker was empty; hints were sent again", { sent });
  }

  /** Compares, per queue, the hints that exist with the rows that have waited a while. */
  async checkCounts(): Promise<void> {
    const { waitedMs = 5_000, deepEnough = 10_000 } = this.options;
    for (const queue of await this.store.queuesWithWaiting()) {
      const depth = await this.broker.depth(queue);
      if (depth >= deepEnough) continue;
      const waiting = await this.store.countWaiting(queue, waitedMs, depth + 1);
      if (waiting <= depth) continue;
      const sent = await this.resend(queue, waitedMs);
      this.log.info("Lost hints were sent again", { queue, depth, sent });
    }
  }

  /** Sends the hints of all QUEUED rows that have waited so long; `queue` null means all queues. Returns how many. */
  async resend(queue: string | null, waitedMs: number): Promise<number> {
    let sent = 0;
    for (let after: string | null = null; ;) {
      const hints = await this.store.waitingHints(queue, waitedMs, after, PAGE);
      await this.hints.send(hints);
      sent += hints.length;
      const last = hints.at(-1);
      if (!last || hints.length < PAGE) return sent;
      after = last.taskId;
    }
  }
}
