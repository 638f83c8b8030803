import { MINUTE, SECOND } from "../../lib/clock.ts";
import { Fifo } from "../../lib/async/fifo.ts";
import { LogLimit } from "../../lib/log/log-limit.ts";
import type { Logger } from "../../lib/log/log.ts";
import type { Outcome } from "../../store/tasks/task-store.ts";
import type { LovageEvent, TaskEvent, TaskEventType, WorkerEventType } from "../../task/records/event.ts";
import type { Hooks, TaskHooks } from "../../task/definition/hooks.ts";
import type { Registry } from "../../task/definition/registry.ts";

/** Calls that wait or run; others are dropped. */
const MAX_WAITING = 10_000;
/** A call that takes longer is logged. */
const SLOW_MS = 30 * SECOND;

type HookName = keyof Hooks;
/** One call to make. */
interface Call {
  readonly hooks: Hooks;
  readonly name: HookName;
  readonly event: object;
}

const TASK_HOOK_OF: Readonly<Partial<Record<TaskEventType, keyof TaskHooks>>> = {
  ENQUEUED: "task:enqueued",
  STARTED: "task:started",
  SUCCEEDED: "task:succeeded",
  RETRYING: "task:retrying",
  FAILED: "task:failed",
  REVOKED: "task:revoked",
  EXPIRED: "task:expired",
  GIVEN_BACK: "task:givenBack",
};
const WORKER_HOOK_OF: Readonly<Partial<Record<WorkerEventType, HookName>>> = {
  ONLINE: "worker:ready",
  DRAINING: "worker:stopping",
  OFFLINE: "worker:stopped",
  LOST: "worker:lost",
};

/**
 * Calls the hooks of an app and of its definitions, in the order of the events, in separate turns
 * of the event loop: recording and publishing do not wait for them. A hook that fails or does not
 * end is logged. If too many run, further ones are dropped.
 */
export class HookCaller {
  readonly #waiting = new Fifo<Call>();
  readonly #dropLog = new LogLimit(MINUTE);
  #turning = false;
  #underWay = 0;
  #idle: PromiseWithResolvers<void> | null = null;

  constructor(
    private readonly parts: {
      readonly hooks: Hooks;
      readonly registry: Pick<Registry, "get">;
      readonly log: Logger;
    },
  ) {}

  /** Takes events; `outcomes` are those of task events at the same indexes. */
  observe = (events: readonly LovageEvent[], outcomes?: readonly Outcome[]): void => {
    for (const [index, event] of events.entries()) {
      if (event.kind === "task") this.#take(event, outcomes?.[index]);
      else if (event.kind === "worker") {
        const { type, at, worker } = event;
        this.#add(this.parts.hooks, WORKER_HOOK_OF[type], { at, worker });
      }
    }
  };

  /** Resolves when every call so far has ended, or after so long. */
  async flush(withinMs: number): Promise<void> {
    if (this.#left === 0) return;
    this.#idle ??= Promise.withResolvers();
    const timer = setTimeout(this.#idle.resolve, withinMs);
    await this.#idle.promise;
    clearTimeout(timer);
    if (this.#left > 0)
      this.parts.log.warn("Hooks have not ended; the process stops without them", { hooks: this.#left });
  }

  get #left(): number {
    return this.#waiting.size + this.#underWay;
  }

  #take({ type, at, task }: TaskEvent, outcome: Outcome | undefined): void {
    const name = outcome?.kind === "snoozed" && type === "RETRYING" ? "task:snoozed" : TASK_HOOK_OF[type];
    if (name === undefined) return;
    const own = this.parts.registry.get(task.name)?.hooks;
    const event = { at, task, ...detailsOf(type, outcome) };
    if (own) this.#add(own, name, event);
    this.#add(this.parts.hooks, name, event);
  }

  #add(hooks: Hooks, name: HookName | undefined, event: object): void {
    if (name === undefined || hooks[name] === undefined) return;
    if (this.#left >= MAX_WAITING) {
      this.#dropLog.pass(() =>
        this.parts.log.error("Hooks are dropped: too many have not ended", {
          hook: name,
          underWay: this.#underWay,
        }),
      );
      return;
    }
    this.#waiting.push({ hooks, name, event });
    if (this.#turning) return;
    this.#turning = true;
    setImmediate(this.#callAll);
  }

  #callAll = (): void => {
    this.#turning = false;
    for (let call = this.#waiting.shift(); call; call = this.#waiting.shift()) this.#call(call);
    this.#noteEnd();
  };

  #call({ hooks, name, event }: Call): void {
    try {
      const returned: unknown = hooks[name]!(event as never);
      if (returned instanceof Promise) void this.#follow(name, returned);
    } catch (error) {
      this.#failed(name, error);
    }
  }

  async #follow(hook: HookName, returned: Promise<unknown>): Promise<void> {
    this.#underWay += 1;
    const timer = setTimeout(
      () => this.parts.log.warn("Hook is still running", { hook, ms: SLOW_MS }),
      SLOW_MS,
    ).unref();
    try {
      await returned;
    } catch (error) {
      this.#failed(hook, error);
    } finally {
      clearTimeout(timer);
      this.#underWay -= 1;
      this.#noteEnd();
    }
  }

  #failed(hook: HookName, error: unknown): void {
    this.parts.log.error("Hook failed", { hook, err: error });
  }

  #noteEnd(): void {
    if (this.#left > 0) return;
    this.#idle?.resolve();
    this.#idle = null;
  }
}

/** Returns the further fields of the hooks of these events. */
function detailsOf(type: TaskEventType, outcome: Outcome | undefined): object {
  if (type === "SUCCEEDED") return { output: outcome?.kind === "succeeded" ? outcome.output : null };
  if (type !== "FAILED" && type !== "RETRYING") return {};
  if (outcome?.kind === "snoozed") return {};
  return { error: outcome && "error" in outcome ? outcome.error : null };
}
