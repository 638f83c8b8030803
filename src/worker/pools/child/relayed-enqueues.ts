import type { RunContext } from "../../attempt/run-context.ts";
import {
  enqueuedToWire,
  MAX_OPEN_ENQUEUES,
  requestFromWire,
  type WireEnqueued,
} from "../wire/enqueue-wire.ts";

/** What the attempt of a child enqueues, as its worker does it. */
export class RelayedEnqueues {
  #open = 0;

  constructor(
    private readonly context: Pick<RunContext, "relayEnqueue">,
    /** Not told any more when the attempt has ended. */
    private readonly onAnswer: (number: number, answer: WireEnqueued) => void,
  ) {}

  /** Never throws. What no child of ours would send has no answer: it was forged. */
  async take(number: number, text: string): Promise<void> {
    if (this.#open >= MAX_OPEN_ENQUEUES) return;
    const request = requestFromWire(text);
    if (!request) return;
    this.#open += 1;
    const answer = await enqueuedToWire(this.context.relayEnqueue(request));
    this.#open -= 1;
    this.onAnswer(number, answer);
  }
}
