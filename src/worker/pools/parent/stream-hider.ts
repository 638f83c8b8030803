import { hiddenStrings, hiderOf, overlapOf, SHORTEST_HIDDEN } from "../../../task/sensitive/hide-values.ts";
import { REDACTED, type Secrets } from "../../../task/sensitive/sensitive.ts";

/** Takes values out of a stream, a chunk of which may end within one: what may be the beginning of a value waits for the next chunk. */
export class StreamHider {
  #held = "";

  constructor(private readonly secrets: () => readonly Secrets[]) {}

  /** What of the stream so far can be shown, and was not before. */
  push(chunk: string): string {
    const text = this.#held + chunk;
    const secrets = this.secrets();
    const until = safeUntil(text, hiddenStrings(secrets));
    this.#held = text.slice(until);
    return hiderOf(...secrets)(text.slice(0, until));
  }

  /** What still waits. The beginning of a value that never came to its end is hidden too. */
  end(): string {
    const rest = this.#held;
    this.#held = "";
    return this.#shown(rest);
  }

  /** The same, without an end: more may follow. */
  peek(): string {
    return this.#shown(this.#held);
  }

  /** All of it belongs to values; a few characters say too little of one to be hidden. */
  #shown(rest: string): string {
    return rest.length < SHORTEST_HIDDEN ? rest : REDACTED;
  }
}

/** Up to where a string can be shown whatever follows it: neither within a value nor within what may become one. */
function safeUntil(text: string, values: readonly string[]): number {
  let until = text.length - Math.max(0, ...values.map((value) => overlapOf(text, value)));
  for (let before = -1; before !== until;) {
    before = until;
    for (const value of values) {
      const at = text.indexOf(value, Math.max(0, until - value.length + 1));
      if (at !== -1 && at < until && at + value.length > until) until = at;
    }
  }
  return until;
}
