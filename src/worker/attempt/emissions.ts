import type { Publisher } from "../../engine/events/publisher.ts";
import { readEmission, type TaskEmission } from "../../task/call/emission.ts";
import { Allowance } from "../pools/parent/allowance.ts";
import type { RunContext } from "./run-context.ts";

/** Of one attempt. */
const PER_SECOND = 100;
/** What a child process lets through may come in a bunch. */
const RELAYED_PER_SECOND = 2 * PER_SECOND;
/** Of all attempts of a worker: events are kept for a while in memory, here and in Redis. */
const WORKER_PER_SECOND = 2_000;
const WORKER_KIB_PER_SECOND = 2_048;

/** What one attempt tells by `ctx.emit`: checked, and so much per second. What is above is dropped and counted. */
export class AttemptEmissions {
  readonly #own = new Allowance(PER_SECOND);
  readonly #relayed = new Allowance(RELAYED_PER_SECOND);
  #dropped = 0;

  /** @param tell returns false where it did not take it */
  constructor(private readonly tell: (emission: TaskEmission, bytes: number) => boolean) {}

  /** @throws TypeError for what cannot be told */
  emit(type: unknown, payload: unknown): void {
    this.#pass(this.#own, type, payload);
  }

  /** The same for what a child process has let through already. @throws TypeError */
  relay(type: unknown, payload: unknown): void {
    this.#pass(this.#relayed, type, payload);
  }

  /** How many were dropped since the last call. */
  takeDropped(): number {
    const dropped = this.#dropped;
    this.#dropped = 0;
    return dropped;
  }

  #pass(allowance: Allowance, type: unknown, payload: unknown): void {
    const { emission, bytes } = readEmission(type, payload);
    if (!allowance.take() || !this.tell(emission, bytes)) this.#dropped += 1;
  }
}

/** Hands what a worker's attempts emit to subscribers. */
export class Emitter {
  readonly #events = new Allowance(WORKER_PER_SECOND);
  readonly #kib = new Allowance(WORKER_KIB_PER_SECOND);

  constructor(private readonly publisher: Pick<Publisher, "publish">) {}

  /** False where the worker's attempts together have told too much in this second. */
  emit = (context: RunContext, emitted: TaskEmission, bytes: number): boolean => {
    if (!this.#events.take() || !this.#kib.take(Math.ceil(bytes / 1024))) return false;
    // Subscribers hear of nothing that is not stored: newer progress comes with its own event.
    const task = { ...context.task.summary, progress: context.toldProgress };
    this.publisher.publish([{ kind: "task", type: "EMITTED", at: new Date(), task, emitted }]);
    return true;
  };
}
