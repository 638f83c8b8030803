import type { Signals } from "../../broker/signals.ts";
import { DAY, SECOND } from "../../lib/clock.ts";
import { Interval } from "../../lib/async/interval.ts";
import type { Logger } from "../../lib/log/log.ts";
import type { Loop, Service } from "../../lib/async/service.ts";
import type { BeatRound, BeatStore } from "../../store/schedules/schedule-store.ts";
import { type ScheduleEventType, type ScheduleRecord, summaryOf } from "../../task/schedule/schedule.ts";
import type { Enqueuer } from "../enqueue/enqueuer.ts";
import { hintOf, type HintSender } from "../enqueue/hint-sender.ts";
import type { Publisher } from "../events/publisher.ts";
import type { SlotDecider } from "./slot-decider.ts";

export interface BeatOptions {
  /** How long ended tasks are kept, in milliseconds. */
  readonly keepMs: number;
  /** Schedules per transaction at most. @default 250 */
  readonly batchSize?: number;
  /** Longest sleep, in milliseconds: how late a change by plain SQL takes effect. @default 500 */
  readonly maxSleepMs?: number;
  /** Notes of skipped slots are kept for so long, in milliseconds. @default 30 days */
  readonly keepSkipsMs?: number;
}

/** For a slot that became due during the last decision. */
const LEAST_SLEEP_MS = 5;
/**
 * A due schedule that was left is locked by another beat, which may be suspended: looking again at
 * once would only load the database.
 */
const LONGEST_WAIT_MS = 100;
const MAX_BACKOFF_MS = 5_000;
const CLEAN_EVERY_MS = 60 * SECOND;
const CLEAN_BATCH = 1_000;
/** Schedules that one line of the log names. */
const MAX_NAMED = 5;

/**
 * Turns due slots into tasks. Any number of beats may run: each takes schedules that no other has,
 * and a slot and its task are one transaction, so that no slot gives two tasks and none is
 * forgotten. Sleeps until the next slot; a change of a schedule wakes it.
 */
export class Beat implements Service {
  readonly #interval: Interval;
  #unsubscribe: () => void = () => undefined;
  #cleanAt = 0;
  /** The last sleep with a due schedule left. */
  #waitMs = 0;

  constructor(
    private readonly parts: {
      readonly store: BeatStore;
      readonly decider: SlotDecider;
      readonly enqueuer: Pick<Enqueuer, "announce">;
      readonly hints: HintSender;
      readonly publisher: Publisher;
      readonly signals: Signals;
      readonly log: Logger;
    },
    private readonly options: BeatOptions,
    onError: (error: unknown) => void,
  ) {
    this.#interval = new Interval(() => this.beat(), {
      name: "beat",
      everyMs: options.maxSleepMs ?? 500,
      maxBackoffMs: MAX_BACKOFF_MS,
      onError,
    });
  }

  get loops(): readonly Loop[] {
    return [this.#interval];
  }

  start = async (): Promise<void> => {
    this.#unsubscribe = this.parts.signals.subscribe((signal) => {
      if (signal.type === "schedules") this.#interval.wake();
    });
    await this.#interval.start();
  };

  stop = (): Promise<void> => {
    this.#unsubscribe();
    return this.#interval.stop();
  };

  [Symbol.asyncDispose] = (): Promise<void> => this.stop();

  /**
   * Decides all due schedules; returns the milliseconds to sleep. In tests, `at` replaces the
   * database's time.
   */
  async beat(at?: Date): Promise<number> {
    const { store } = this.parts;
    let look = await store.look(at);
    if (look.dueInMs !== null && look.dueInMs <= 0) {
      await this.#takeAll(at);
      if (this.#interval.ending) return 0;
      look = await store.look(at);
    }
    const lookedAt = performance.now();
    if (look.held) await this.#release();
    await this.#clean();
    return this.#pause(look.dueInMs, performance.now() - lookedAt);
  }

  async #takeAll(at?: Date): Promise<void> {
    const { keepMs, batchSize = 250 } = this.options;
    const { store, decider } = this.parts;
    for (;;) {
      const round = await store.take(batchSize, decider.decide, { keepMs, at });
      // failpoint: beat.committed when round.created.length > 0
      await this.#publish(round);
      if (!round.more || this.#interval.ending) return;
      this.#interval.step();
    }
  }

  #pause(dueInMs: number | null, passedMs: number): number {
    const { maxSleepMs = 500 } = this.options;
    if (dueInMs !== null && dueInMs <= 0) {
      this.#waitMs = Math.min(Math.max(2 * this.#waitMs, LEAST_SLEEP_MS), LONGEST_WAIT_MS);
      return this.#waitMs;
    }
    this.#waitMs = 0;
    return Math.min(Math.max(Math.ceil((dueInMs ?? maxSleepMs) - passedMs), 0), maxSleepMs);
  }

  async #publish(round: BeatRound): Promise<void> {
    const { enqueuer, publisher, signals, log } = this.parts;
    const at = new Date();
    for (const schedule of round.planned) {
      if (schedule.problem === null) continue;
      const facts = { schedule: schedule.name, problem: schedule.problem };
      log.error("A schedule cannot be used and was disabled; change it and enable it again", facts);
    }
    if (round.created.length > 0) {
      const names = round.fired.slice(0, MAX_NAMED).map(({ name }) => name);
      log.info("Schedules enqueued tasks", { tasks: round.created.length, schedules: names.join(", ") });
    }
    publisher.publish(round.revoked.map((task) => ({ kind: "task", type: "REVOKED", at, task })));
    if (round.cancelRequested.length > 0) signals.publish({ type: "cancel", taskIds: round.cancelRequested });
    await enqueuer.announce(round.created);
    const publish = (type: ScheduleEventType, schedules: readonly ScheduleRecord[]): void =>
      publisher.publish(
        schedules.map((schedule) => ({ kind: "schedule", type, at, schedule: summaryOf(schedule) })),
      );
    publish("UPDATED", round.planned);
    publish("FIRED", round.fired);
    publish("SKIPPED", round.skipped);
  }

  async #release(): Promise<void> {
    const released = await this.parts.store.releaseHeld();
    const at = new Date();
    this.parts.publisher.publish(released.map((task) => ({ kind: "task", type: "QUEUED", at, task })));
    await this.parts.hints.send(released.map(hintOf));
  }

  async #clean(): Promise<void> {
    if (performance.now() < this.#cleanAt) return;
    this.#cleanAt = performance.now() + CLEAN_EVERY_MS;
    const { keepSkipsMs = 30 * DAY } = this.options;
    while ((await this.parts.store.deleteOldSkips(keepSkipsMs, CLEAN_BATCH)) === CLEAN_BATCH) {
      if (this.#interval.ending) return;
    }
  }
}
