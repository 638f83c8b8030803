import { toError } from "../../../lib/thrown.ts";
import type { EnqueueRequest } from "../../../engine/enqueue/prepare-task.ts";
import { Fifo } from "../../../lib/async/fifo.ts";
import type { EnqueuedTask } from "../../../task/call/enqueue-options.ts";
import { AttemptOver } from "../../attempt/own-calls.ts";
import {
  enqueuedFromWire,
  MAX_OPEN_ENQUEUES,
  requestToWire,
  type WireEnqueued,
} from "../wire/enqueue-wire.ts";
import type { ChildChannel } from "./channel.ts";

interface Waiting {
  readonly request: string;
  readonly resolve: (enqueued: EnqueuedTask) => void;
  readonly reject: (error: Error) => void;
}

/**
 * The `ctx.enqueue` calls of one attempt in a child: sent to the worker, a limited number at once.
 */
export class ChildEnqueues {
  readonly #open = new Map<number, Waiting>();
  readonly #waiting = new Fifo<Waiting>();
  #sent = 0;
  #ended = false;

  constructor(
    private readonly channel: ChildChannel,
    private readonly run: number,
  ) {}

  /** @throws RefusedError, UnavailableError as `ctx.enqueue`; AttemptOver */
  async enqueue(call: EnqueueRequest): Promise<EnqueuedTask> {
    if (this.#ended) throw new AttemptOver();
    const request = requestToWire(call);
    const { promise, resolve, reject } = Promise.withResolvers<EnqueuedTask>();
    this.#waiting.push({ request, resolve, reject });
    this.#send();
    return promise;
  }

  answer(number: number, answer: WireEnqueued): void {
    const waiting = this.#open.get(number);
    if (!waiting) return;
    this.#open.delete(number);
    this.#send();
    try {
      waiting.resolve(enqueuedFromWire(answer));
    } catch (error) {
      waiting.reject(toError(error));
    }
  }

  /** Rejects all calls: the attempt has ended, and no answer will come. */
  end(): void {
    this.#ended = true;
    for (const { reject } of this.#open.values()) reject(new AttemptOver());
    this.#open.clear();
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) next.reject(new AttemptOver());
  }

  #send(): void {
    while (this.#open.size < MAX_OPEN_ENQUEUES) {
      const next = this.#waiting.shift();
      if (!next) return;
      this.#sent += 1;
      this.#open.set(this.#sent, next);
      this.channel.send({ type: "enqueue", run: this.run, number: this.#sent, request: next.request });
    }
  }
}
