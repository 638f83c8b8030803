import type { Signal, Signals } from "../broker/signals.ts";
import { toError } from "../errors.ts";
import { Interval } from "../lib/interval.ts";
import type { Json } from "../lib/json.ts";
import type { Logger } from "../lib/log.ts";
import type { Loop } from "../lib/loop-watch.ts";
import type { Service } from "../lib/service.ts";
import type { ControlStore, WorkerOrders } from "../store/workers/control-store.ts";
import type { TaskSettings } from "../task/records/task-settings.ts";
import type { WorkerState } from "./worker-state.ts";
import type { ResizablePool, RuntimeSettings } from "./runtime-settings.ts";

export interface RemoteControlParts {
  readonly self: WorkerState;
  readonly shape: RuntimeSettings;
  readonly pool: ResizablePool | null;
  readonly store: Pick<ControlStore, "ordersFor">;
  readonly signals: Pick<Signals, "subscribe" | "publish">;
  readonly tasks: TaskSettings;
  /** Told that something is another now, and for which task definitions; resolves when nothing goes on as before. */
  readonly onChanged: (definitions: readonly string[]) => Promise<void>;
  /** Told to end this worker: when what runs has ended, or at once. May be told twice, the second time more urgently. */
  readonly onShutdown: (drain: boolean) => void;
  readonly log: Logger;
}

type Command = Extract<Signal, { readonly type: "command" }>;

/**
 * The worker's end of remote control. What it is told is in the database; a signal only says that it should look there now, and wants an answer.
 * It also looks by itself as often as its heart beats: a command whose signal was lost is late, and not lost.
 */
export class RemoteControl implements Service {
  readonly #watch: Interval;
  #looking: Promise<void> = Promise.resolve();
  #followed = "";
  #orders: Pick<WorkerOrders, "shutdown" | "poolRestart"> = { shutdown: null, poolRestart: null };
  #obeyed: WorkerOrders["shutdown"] = null;
  #unsubscribe: () => void = () => undefined;

  constructor(
    private readonly parts: RemoteControlParts,
    everyMs: number,
    onError: (error: unknown) => void,
  ) {
    this.#watch = new Interval(() => this.#lookAndObey(), { name: "remoteControl", everyMs, onError });
  }

  get loops(): readonly Loop[] {
    return [this.#watch];
  }

  /** The first look, before the worker says that it is there. @throws UnavailableError */
  prepare(): Promise<void> {
    return this.look();
  }

  start = (): Promise<void> => {
    this.#unsubscribe = this.parts.signals.subscribe((signal) => {
      if (signal.type === "command" && signal.workers.includes(this.parts.self.id)) void this.#answer(signal);
    });
    return this.#watch.start();
  };

  stop = (): Promise<void> => {
    this.#unsubscribe();
    return this.#watch.stop();
  };

  [Symbol.asyncDispose] = (): Promise<void> => this.stop();

  /** Reads what the worker is told and follows it, but for its end. One look at a time: none may overtake a newer one. */
  look(): Promise<void> {
    const look = this.#looking.then(() => this.#follow());
    this.#looking = look.catch(() => undefined);
    return look;
  }

  async #follow(): Promise<void> {
    const { self, shape, pool, store, tasks, log } = this.parts;
    const orders = await store.ordersFor({ id: self.id, name: self.identity.name });
    const restart = orders.poolRestart !== null && orders.poolRestart !== this.#orders.poolRestart;
    this.#orders = orders;
    if (restart) {
      log.info("The worker's pool is restarted, as it was told");
      pool?.restart();
    }
    const newest = JSON.stringify([orders.settings, orders.overrides]);
    if (newest === this.#followed) return;
    const definitions = tasks.replace(orders.overrides);
    shape.apply(orders.settings);
    await this.parts.onChanged(definitions);
    // A worker that was told nothing has nothing to tell, either.
    if (this.#followed !== "") log.info("The worker changes as it was told", this.#state());
    this.#followed = newest;
  }

  async #lookAndObey(): Promise<void> {
    await this.look();
    this.#obey();
  }

  #obey(): void {
    const { shutdown } = this.#orders;
    if (shutdown === null || shutdown === this.#obeyed) return;
    this.#obeyed = shutdown;
    this.parts.log.info("The worker ends, as it was told", { drain: shutdown === "drain" });
    this.parts.onShutdown(shutdown === "drain");
  }

  /** Asked twice, it answers twice: the first answer may have been lost. */
  async #answer({ id, ask, task }: Command): Promise<void> {
    const { self, shape, signals, tasks } = this.parts;
    const reply = (ok: boolean, value: Json, error: string | null): void =>
      signals.publish({ type: "reply", id, worker: self.id, ok, value, error });
    if (ask === "ping") return reply(true, "pong", null);
    try {
      await this.look();
      const value = task === null ? this.#state() : { ...tasks.of(task) };
      reply(shape.problem === null, value as Json, shape.problem);
    } catch (error) {
      reply(false, null, `${toError(error).message} What is stored holds by the next heartbeat.`);
    }
    this.#obey();
  }

  /** What holds now. */
  #state() {
    const { self, log } = this.parts;
    return {
      status: this.#orders.shutdown === null ? self.status : "DRAINING",
      ...self.form,
      busy: self.busy(),
      logLevel: log.threshold?.level ?? null,
    };
  }
}
