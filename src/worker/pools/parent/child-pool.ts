import { ChildStartFailed, toError } from "../../../errors.ts";
import { MINUTE, SECOND } from "../../../lib/clock.ts";
import type { Logger } from "../../../lib/log.ts";
import { LogLimit } from "../../../lib/log-limit.ts";
import type { Service } from "../../../lib/service.ts";
import { ChildMemory } from "./child-memory.ts";
import type { ChildKind } from "./process-handle.ts";
import { PoolChild } from "./pool-child.ts";
import { StartBackoff } from "./start-backoff.ts";

export interface ChildPoolOptions {
  readonly kind: ChildKind;
  /** Children to keep. */
  readonly size: number;
  /** A child that holds more memory while it is busy is killed, in bytes. */
  readonly maxMemoryPerChild: number;
  /** A child is replaced after so many attempts. @default null: it is kept */
  readonly maxTasksPerChild: number | null;
  /** Absolute paths of the task files that children load. */
  readonly files: readonly string[];
  /** The configuration file whose middleware holds. @default null: there is none */
  readonly configFile?: string | null;
  /** Messages name files as seen from here. */
  readonly cwd: string;
  readonly log: Logger;
  /** The module that children run. @default that of their kind, as built */
  readonly entry?: URL;
  /** A child that is not ready after so long is killed, in milliseconds. @default 60_000 */
  readonly startTimeoutMs?: number;
}

/** Someone who waits for a child. */
interface Waiter {
  readonly resolve: (child: PoolChild) => void;
  readonly reject: (error: Error) => void;
}

/** Starting takes a core each: more at once would only slow down what runs. */
const STARTING_AT_ONCE = 4;
/** A child that dies idle within so long of its start most likely would again. */
const PROVEN_AFTER_MS = 10 * SECOND;
/** After so many failed starts, and with no child left, those who wait are told. */
const PATIENCE = 3;

/**
 * Keeps children ready for attempts, started ahead of need. A child is `starting` → `idle` ⇄ taken, until it dies, is replaced after
 * an attempt, or the pool stops; whatever ends it, another takes its place. Children that die before they have proven themselves (by an
 * attempt, or by living for a while) make the pool back off.
 */
export class ChildPool implements Service {
  readonly #children = new Set<PoolChild>();
  readonly #starting = new Set<PoolChild>();
  readonly #proven = new WeakSet<PoolChild>();
  readonly #idle: PoolChild[] = [];
  readonly #leaving = new Set<Promise<void>>();
  readonly #waiting = new Set<Waiter>();
  readonly #backoff = new StartBackoff();
  readonly #complaints = new LogLimit(MINUTE);
  readonly #problemComplaints = new LogLimit(MINUTE);
  readonly #memory: ChildMemory;
  /** Children that a restart is to replace. */
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

  /** Pids of all children that live, or the numbers of their threads. */
  get ids(): number[] {
    return [...this.#children].map(({ id }) => id);
  }

  /** Children that wait for an attempt. */
  get idle(): number {
    return this.#idle.length;
  }

  /** Begins to start children; does not wait for them. */
  start = async (): Promise<void> => {
    this.#stopped = false;
    this.#memory.start();
    this.#fill();
  };

  /** Ends all children. Who still waits for one is refused. */
  stop = async (): Promise<void> => {
    this.#stopped = true;
    this.#memory.stop();
    if (this.#pause) clearTimeout(this.#pause);
    this.#pause = null;
    this.#refuseAll(new ChildStartFailed("the worker is stopping."));
    await Promise.all([...this.#leaving, ...[...this.#children].map((child) => child.dismiss())]);
  };

  [Symbol.asyncDispose] = (): Promise<void> => this.stop();

  /** Keeps so many children from now on: more are started at once, those too many leave as they become idle. */
  resize(size: number): void {
    this.#size = size;
    while (this.#children.size > size && this.#idle.length > 0) this.#replace(this.#idle.pop()!);
    this.#fill();
  }

  /** Replaces all children, one after another, each when it is idle: what runs is not disturbed, and most are there at any time. */
  restart(): void {
    for (const child of this.#children) this.#outdated.add(child);
    this.#renewOne();
  }

  /**
   * A child for one attempt, to be given back by `release`. In the order of the calls.
   *
   * @param onGone called with what withdraws the request: then the promise rejects with the reason given
   * @throws ChildStartFailed when children cannot be started
   */
  take(onGone: (withdraw: (reason: Error) => void) => void): Promise<PoolChild> {
    const child = this.#idle.shift();
    if (child) return Promise.resolve(child);
    if (this.#stopped) return Promise.reject(new ChildStartFailed("the worker is stopping."));
    const { promise, resolve, reject } = Promise.withResolvers<PoolChild>();
    const waiter = { resolve, reject };
    this.#waiting.add(waiter);
    onGone((reason) => {
      if (this.#waiting.delete(waiter)) reject(reason);
    });
    return promise;
  }

  /** Gives back a child after its attempt, in whatever state it is. */
  async release(child: PoolChild): Promise<void> {
    if (child.death) return;
    this.#prove(child);
    const { maxTasksPerChild } = this.options;
    const done = maxTasksPerChild !== null && child.runs >= maxTasksPerChild;
    // In this order: while its memory is asked for, a restart or a smaller size may be told.
    if (done || (await this.#isTooLarge(child)) || this.#isUnwanted(child)) this.#replace(child);
    else this.#offer(child);
  }

  /** One too many, or one that a restart is to replace. */
  #isUnwanted(child: PoolChild): boolean {
    return this.#children.size > this.#size || this.#outdated.has(child);
  }

  async #isTooLarge(child: PoolChild): Promise<boolean> {
    return this.#memory.isDue(child) && (await this.#memory.holdsTooMuch(child));
  }

  #replace(child: PoolChild): void {
    // Its place is free at once: the next one starts while it leaves.
    this.#children.delete(child);
    this.#outdated.delete(child);
    const left = child.dismiss().then(() => void this.#leaving.delete(left));
    this.#leaving.add(left);
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
      this.#problemComplaints.pass(() =>
        this.options.log.error("Task files cannot be loaded in children; their tasks fail", {
          problems,
        }),
      );
    }
    setTimeout(() => this.#prove(child), PROVEN_AFTER_MS).unref();
    if (this.#children.size > this.#size) return this.#replace(child);
    this.#offer(child);
    this.#fill();
    this.#renewOne();
  }

  #renewOne(): void {
    const place = this.#idle.findIndex((child) => this.#outdated.has(child));
    if (place !== -1) this.#replace(this.#idle.splice(place, 1)[0]!);
  }

  #prove(child: PoolChild): void {
    if (child.death || this.#proven.has(child)) return;
    this.#proven.add(child);
    this.#backoff.succeed();
  }

  #onExit(child: PoolChild): void {
    this.#children.delete(child);
    this.#outdated.delete(child);
    const place = this.#idle.indexOf(child);
    if (place !== -1) this.#idle.splice(place, 1);
    if (this.#stopped) return;
    const failed = !this.#proven.has(child) && child.runs === 0 && !child.dismissed;
    if (failed) this.#onFailedStart(child.death!);
    this.#fill();
  }

  #onFailedStart(death: Error): void {
    const delayMs = this.#backoff.fail();
    const { failures } = this.#backoff;
    this.#complaints.pass(() =>
      this.options.log.error("A child died at its start; others are tried, ever more rarely", {
        err: death,
        failures,
      }),
    );
    this.#pause ??= setTimeout(() => {
      this.#pause = null;
      this.#fill();
    }, delayMs);
    if (failures < PATIENCE || this.#children.size > 0) return;
    this.#refuseAll(
      new ChildStartFailed(`${failures} died at their start, the last: ${death.message}`, { cause: death }),
    );
  }

  #refuseAll(error: Error): void {
    for (const { reject } of this.#waiting) reject(error);
    this.#waiting.clear();
  }
}
