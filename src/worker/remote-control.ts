import { toError } from "../lib/thrown.ts";
import type { Signal, Signals } from "../broker/signals.ts";
import { Interval } from "../lib/async/interval.ts";
import type { Json } from "../lib/json/json.ts";
import type { Logger } from "../lib/log/log.ts";
import type { Loop, Service } from "../lib/async/service.ts";
import type { ControlStore, StoredControl } from "../store/workers/control-store.ts";
import type { RuntimeOverrides } from "../task/records/task-overrides.ts";
import type { ResizablePool, RuntimeSettings } from "./runtime-settings.ts";
import type { WorkerState } from "./worker-state.ts";

export interface RemoteControlParts {
  readonly state: WorkerState;
  readonly settings: RuntimeSettings;
  /** The runtime overrides of task definitions. */
  readonly overrides: RuntimeOverrides;
  readonly pool: ResizablePool | null;
  readonly store: Pick<ControlStore, "controlOf">;
  readonly signals: Pick<Signals, "subscribe" | "publish">;
  /**
   * Receives the definitions whose overrides changed. Resolves when nothing continues by the old
   * settings.
   */
  readonly onChanged: (definitions: readonly string[]) => Promise<void>;
  /**
   * Stops this worker: after its running tasks (`drain`), or at once. May be called again, to stop
   * at once.
   */
  readonly onShutdown: (drain: boolean) => void;
  readonly log: Logger;
}

type Command = Extract<Signal, { readonly type: "command" }>;

/**
 * The worker's side of remote control. Commands are stored in the database; a signal only makes the
 * worker read them now, and asks for a reply. The worker also reads them with every heartbeat, so a
 * command whose signal was lost is late, but not lost.
 */
export class RemoteControl implements Service {
  readonly #watch: Interval;
  #looking: Promise<void> = Promise.resolve();
  /** The settings and overrides that were applied last, as JSON. */
  #applied = "";
  #control: Pick<StoredControl, "shutdown" | "poolRestart"> = { shutdown: null, poolRestart: null };
  #appliedShutdown: StoredControl["shutdown"] = null;
  #unsubscribe: () => void = () => undefined;

  constructor(
    private readonly parts: RemoteControlParts,
    everyMs: number,
    onError: (error: unknown) => void,
  ) {
    this.#watch = new Interval(() => this.#lookAndShutDown(), { name: "remoteControl", everyMs, onError });
  }

  get loops(): readonly Loop[] {
    return [this.#watch];
  }

  /**
   * The first look, before the worker registers.
   *
   * @throws UnavailableError
   */
  prepare(): Promise<void> {
    return this.look();
  }

  start = (): Promise<void> => {
    this.#unsubscribe = this.parts.signals.subscribe((signal) => {
      if (signal.type === "command" && signal.workers.includes(this.parts.state.id)) void this.#reply(signal);
    });
    return this.#watch.start();
  };

  stop = (): Promise<void> => {
    this.#unsubscribe();
    return this.#watch.stop();
  };

  [Symbol.asyncDispose] = (): Promise<void> => this.stop();

  /**
   * Reads the worker's commands and applies them, except a shutdown. One look at a time, so that
   * no older answer replaces a newer one.
   */
  look(): Promise<void> {
    const look = this.#looking.then(() => this.#readAndApply());
    this.#looking = look.catch(() => undefined);
    return look;
  }

  async #readAndApply(): Promise<void> {
    const { state, settings, overrides, pool, store, log } = this.parts;
    const control = await store.controlOf({ id: state.id, name: state.identity.name });
    const restart = control.poolRestart !== null && control.poolRestart !== this.#control.poolRestart;
    this.#control = control;
    if (restart) {
      log.info("Pool restart requested by a command");
      pool?.restart();
    }
    const newest = JSON.stringify([control.settings, control.overrides]);
    if (newest === this.#applied) return;
    const definitions = overrides.replace(control.overrides);
    settings.apply(control.settings);
    await this.parts.onChanged(definitions);
    // The first look applies what was stored before the start, mostly nothing.
    if (this.#applied !== "") log.info("Runtime settings changed by a command", this.#status());
    this.#applied = newest;
  }

  async #lookAndShutDown(): Promise<void> {
    await this.look();
    this.#shutDown();
  }

  #shutDown(): void {
    const { shutdown } = this.#control;
    if (shutdown === null || shutdown === this.#appliedShutdown) return;
    this.#appliedShutdown = shutdown;
    this.parts.log.info("Shutdown requested by a command", { drain: shutdown === "drain" });
    this.parts.onShutdown(shutdown === "drain");
  }

  /** A repeated command gets a second reply: the first one may have been lost. */
  async #reply({ id, ask, task }: Command): Promise<void> {
    const { state, settings, signals, overrides } = this.parts;
    const send = (ok: boolean, value: Json, error: string | null): void =>
      signals.publish({ type: "reply", id, worker: state.id, ok, value, error });
    if (ask === "ping") return send(true, "pong", null);
    try {
      await this.look();
      const value = task === null ? this.#status() : { ...overrides.of(task) };
      send(settings.problem === null, value as Json, settings.problem);
    } catch (error) {
      send(false, null, `${toError(error).message} The stored settings apply from the next heartbeat.`);
    }
    this.#shutDown();
  }

  /** The worker's status and the settings in effect. */
  #status() {
    const { state, log } = this.parts;
    return {
      status: this.#control.shutdown === null ? state.status : "DRAINING",
      ...state.settings,
      busy: state.busy(),
      logLevel: log.threshold?.level ?? null,
    };
  }
}
