import { ChildStartFailed } from "../../../errors.ts";
import { toError } from "../../../lib/thrown.ts";
import { MINUTE, SECOND } from "../../../lib/clock.ts";
import type { Logger } from "../../../lib/log/log.ts";
import { LogLimit } from "../../../lib/log/log-limit.ts";
import type { Service } from "../../../lib/async/service.ts";
import { ChildMemory } from "./child-memory.ts";
import { PoolChild } from "./pool-child.ts";
import type { ChildKind } from "./process-handle.ts";

export interface ChildPoolOptions {
  readonly kind: ChildKind;
  /** The number of children to keep. */
  readonly size: number;
  /** A busy child that uses more memory is killed, in bytes. */
  readonly maxMemoryPerChild: number;
  /** A child is replaced after this number of attempts. @default null: it is kept */
  readonly maxTasksPerChild: number | null;
  /** Absolute paths of the task files that children load. */
  readonly files: readonly string[];
  /** The configuration file that contains the middleware. @default null: there is none */
  readonly configFile?: string | null;
  /** Messages show the paths of files relative to this folder. */
  readonly cwd: string;
  readonly log: Logger;
  /** The module that children run. @default the built one of their kind */
  readonly entry?: URL;
  /** A child that takes longer to become ready is killed, in milliseconds. @default 60_000 */
  readonly startTimeoutMs?: number;
}

/** A request that waits for a child. */
interface Waiter {
  readonly resolve: (child: PoolChild) => void;
  readonly reject: (error: Error) => void;
}

/** Each start uses a core: more at once would only slow down running tasks. */
const STARTING_AT_ONCE = 4;
/** A child that dies idle sooner after its start would most likely die again. */
const PROVEN_AFTER_MS = 10 * SECOND;
/** After this number of failed starts, and without any child, waiting requests are rejected. */
const MAX_FAILED_STARTS = 3;

/**
 * Keeps children ready for attempts. A child is starting → idle ⇄ taken, until it dies, is replaced
 * after an attempt, or the pool stops. Another child then takes its place. The pool backs off when
 * children die before they are proven, which they are after an attempt or after some time.
 */
export class ChildPool implements Service {
  readonly #children = new Set<PoolChild>();
  readonly #starting = new Set<PoolChild>();
  readonly #proven = new WeakSet<PoolChild>();
  readonly #idle: PoolChild[] = [];
  readonly #exiting = new Set<Promise<void>>();
  readonly #waiting = new Set<Waiter>();
  readonly #backoff = new StartBackoff();
  readonly #startLog = new LogLimit(MINUTE);
  readonly #problemLog = new LogLimit(MINUTE);
  readonly #memory: ChildMemory;
  /** Children that a restart will replace. */
  readonly #outdated = new Set<PoolChild>();
  #size: number;
  #pause: NodeJS.Timeout | null = null;
  #stopped = true;

  constructor(private readonly options: ChildPoolOptions) {
    this.#size = options.size;
    const busy = (): PoolChild[] => [...this.#children].filter((child) => child.busy);
    this.#memory = new ChildMemory(busy, {
      noun: options.kind.noun,
      limitBytes: options.maxMemoryPerChild,
    });
  }

  /** Pids of all children, or the numbers of their threads. */
  get ids(): number[] {
    return [...this.#children].map(({ id }) => id);
  }

  /** The number of children without an attempt. */
  get idle(): number {
    return this.#idle.length;
  }

  /** Starts children; does not wait until they are ready. */
  start = async (): Promise<void> => {
    this.#stopped = false;
    this.#memory.start();
    this.#fill();
  };

  /** Ends all children. Rejects waiting requests. */
  stop = async (): Promise<void> => {
    this.#stopped = true;
    this.#memory.stop();
    if (this.#pause) clearTimeout(this.#pause);
    this.#pause = null;
    this.#rejectAll(new ChildStartFailed("the worker is stopping."));
    await Promise.all([...this.#exiting, ...[...this.#children].map((child) => child.dismiss())]);
  };

  [Symbol.asyncDispose] = (): Promise<void> => this.stop();

  /**
   * Changes the number of children. New ones start at once; surplus ones exit when they are idle.
   */
  resize(size: number): void {
    this.#size = size;
    while (this.#children.size > size && this.#idle.length > 0) this.#replace(this.#idle.pop()!);
    this.#fill();
  }

  /**
   * Replaces all children, one after another, each when it is idle: attempts are not disturbed, and
   * most children stay available.
   */
  restart(): void {
    for (const child of this.#children) this.#outdated.add(child);
    this.#replaceOutdated();
  }

  /**
   * Returns a child for one attempt, in the order of the calls. `release` must follow.
   *
   * @param onWait receives a function that withdraws the request: the promise then rejects with its
   * reason
   * @throws ChildStartFailed when children cannot be started
   */
  take(onWait: (withdraw: (reason: Error) => void) => void): Promise<PoolChild> {
    const child = this.#idle.shift();
    if (child) return Promise.resolve(child);
    if (this.#stopped) return Promise.reject(new ChildStartFailed("the worker is stopping."));
    const { promise, resolve, reject } = Promise.withResolvers<PoolChild>();
    const waiter = { resolve, reject };
    this.#waiting.add(waiter);
    onWait((reason) => {
      if (this.#waiting.delete(waiter)) reject(reason);
    });
    return promise;
  }

  /** Returns a child to the pool after its attempt, in whatever state it is. */
  async release(child: PoolChild): Promise<void> {
    if (child.death) return;
    this.#prove(child);
    const { maxTasksPerChild } = this.options;
    const done = maxTasksPerChild !== null && child.runs >= maxTasksPerChild;
    // In this order: during the measurement, a restart or a smaller size may be requested.
    if (done || (await this.#isTooLarge(child)) || this.#isUnwanted(child)) this.#replace(child);
    else this.#offer(child);
  }

  /** Whether it is surplus, or a restart replaces it. */
  #isUnwanted(child: PoolChild): boolean {
    return this.#children.size > this.#size || this.#outdated.has(child);
  }

  async #isTooLarge(child: PoolChild): Promise<boolean> {
    return this.#memory.isDue(child) && (await this.#memory.usesTooMuch(child));
  }

  #replace(child: PoolChild): void {
    // The next child starts while this one exits.
    this.#children.delete(child);
    this.#outdated.delete(child);
    const exited = child.dismiss().then(() => void this.#exiting.delete(exited));
    this.#exiting.add(exited);
    this.#fill();
  }

  #offer(child: PoolChild): void {
    if (child.death || this.#stopped) return;
    const [waiter] = this.#waiting;
    if (!waiter) {
      this.#idle.push(child);
      return;
    }
    this.#waiting.delete(waiter);
    waiter.resolve(child);
  }

  #fill(): void {
    while (
      !this.#stopped &&
      !this.#pause &&
      this.#children.size < this.#size &&
      this.#starting.size < STARTING_AT_ONCE
    ) {
      try {
        this.#startOne();
      } catch (error) {
        this.#onFailedStart(toError(error)); // The system has no process or no descriptor left.
      }
    }
  }

  #startOne(): void {
    const { kind, entry, files, cwd, log, maxMemoryPerChild, startTimeoutMs = MINUTE } = this.options;
    const { configFile = null } = this.options;
    const child = new PoolChild({ kind, entry, files, configFile, cwd, limitBytes: maxMemoryPerChild, log });
    this.#children.add(child);
    this.#starting.add(child);
    const hangs = new ChildStartFailed(`it was not ready after ${startTimeoutMs / SECOND} s.`);
    const timer = setTimeout(() => child.kill(hangs), startTimeoutMs);
    const started = (): void => {
      clearTimeout(timer);
      this.#starting.delete(child);
    };
    child.ready.then(
      (problems) => {
        started();
        this.#onReady(child, problems);
      },
      () => started(),
    );
    void child.exited.then(() => this.#onExit(child));
  }

  #onReady(child: PoolChild, problems: readonly string[]): void {
    if (problems.length > 0) {
      this.#problemLog.pass(() =>
        this.options.log.error("Task files could not be loaded in children; their tasks fail", {
          problems,
        }),
      );
    }
    setTimeout(() => this.#prove(child), PROVEN_AFTER_MS).unref();
    if (this.#children.size > this.#size) return this.#replace(child);
    this.#offer(child);
    this.#fill();
    this.#replaceOutdated();
  }

  #replaceOutdated(): void {
    const index = this.#idle.findIndex((child) => this.#outdated.has(child));
    if (index !== -1) this.#replace(this.#idle.splice(index, 1)[0]!);
  }

  #prove(child: PoolChild): void {
    if (child.death || this.#proven.has(child)) return;
    this.#proven.add(child);
    this.#backoff.succeed();
  }

  #onExit(child: PoolChild): void {
    this.#children.delete(child);
    this.#outdated.delete(child);
    const index = this.#idle.indexOf(child);
    if (index !== -1) this.#idle.splice(index, 1);
    if (this.#stopped) return;
    const failed = !this.#proven.has(child) && child.runs === 0 && !child.dismissed;
    if (failed) this.#onFailedStart(child.death!);
    this.#fill();
  }

  #onFailedStart(death: Error): void {
    const delayMs = this.#backoff.fail();
    const { failures } = this.#backoff;
    this.#startLog.pass(() =>
      this.options.log.error("A child died at its start; the next start is delayed", {
        err: death,
        failures,
      }),
    );
    this.#pause ??= setTimeout(() => {
      this.#pause = null;
      this.#fill();
    }, delayMs);
    if (failures < MAX_FAILED_STARTS || this.#children.size > 0) return;
    this.#rejectAll(
      new ChildStartFailed(`${failures} died at their start, the last: ${death.message}`, { cause: death }),
    );
  }

  #rejectAll(error: Error): void {
    for (const { reject } of this.#waiting) reject(error);
    this.#waiting.clear();
  }
}

const FIRST_DELAY_MS = 200;
const LONGEST_DELAY_MS = 30 * SECOND;

/**
 * The delay before the next start when children die at their start: exponential, with jitter so
 * that workers differ.
 */
export class StartBackoff {
  #failures = 0;

  constructor(private readonly random: () => number = Math.random) {}

  /** The number of failed starts since the last successful one. */
  get failures(): number {
    return this.#failures;
  }

  /** Records a failed start; returns the delay in milliseconds. */
  fail(): number {
    const delay = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(this.#failures, 20));
    this.#failures += 1;
    return delay / 2 + (this.random() * delay) / 2;
  }

  succeed(): void {
    this.#failures = 0;
  }
}
