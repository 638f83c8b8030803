import type { EnqueueRequest } from "../../../engine/enqueue/prepare-task.ts";
import { toError } from "../../../errors.ts";
import { Fifo } from "../../../lib/fifo.ts";
import type { EnqueuedTask } from "../../../task/call/enqueue-options.ts";
import { AttemptOver } from "../../attempt/own-enqueues.ts";
import type { ChildChannel } from "./child-channel.ts";
import {
  enqueuedFromWire,
  MAX_OPEN_ENQUEUES,
  requestToWire,
  type WireEnqueued,
} from "../wire/enqueue-wire.ts";

interface Asked {
  readonly request: string;
  readonly resolve: (enqueued: EnqueuedTask) => void;
  readonly reject: (error: Error) => void;
}

/** What one attempt of a child enqueues: the worker is asked, a bounded number of times at once. */
export class ChildEnqueues {
  readonly #open = new Map<number, Asked>();
  readonly #waiting = new Fifo<Asked>();
  #asked = 0;
  #ended = false;

  constructor(
    private readonly channel: ChildChannel,
    private readonly run: number,
  ) {}

  /** @throws RefusedError, UnavailableError as `ctx.enqueue`; AttemptOver */
  async enqueue(asked: EnqueueRequest): Promise<EnqueuedTask> {
    if (this.#ended) throw new AttemptOver();
    const request = requestToWire(asked);
    const { promise, resolve, reject } = Promise.withResolvers<EnqueuedTask>();
    this.#waiting.push({ request, resolve, reject });
    this.#send();
    return promise;
  }

  answer(number: number, answer: WireEnqueued): void {
    const asked = this.#open.get(number);
    if (!asked) return;
    this.#open.delete(number);
    this.#send();
    try {
      asked.resolve(enqueuedFromWire(answer));
    } catch (error) {
      asked.reject(toError(error));
    }
  }

  /** The attempt has ended: no answer comes any more. */
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
      this.#asked += 1;
      this.#open.set(this.#asked, next);
      this.channel.send({ type: "enqueue", run: this.run, number: this.#asked, request: next.request });
    }
  }
}
