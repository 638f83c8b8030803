import type { Redis } from "ioredis";

import type { Logger } from "../../lib/log.ts";
import type { RedisConnections } from "../../redis/connections.ts";
import { newId } from "../../lib/uuid.ts";
import { SignalListeners } from "../signal-listeners.ts";
import { isSignal, type Signal, type Signals } from "../signals.ts";

export interface RedisSignalsOptions {
  readonly connections: RedisConnections;
  readonly prefix: string;
  readonly log: Logger;
}

/** A subscription hears nothing for hours: without these, a dead socket would look like silence. */
const PING_EVERY_MS = 5_000;

/**
 * Signals by Redis' publish and subscribe. This process' own listeners are told directly, so that they also hear while Redis is
 * away. The subscription is made at the first `subscribe` and made again after each reconnect.
 */
export class RedisSignals implements Signals {
  readonly #listeners: SignalListeners;
  readonly #channel: string;
  readonly #self = newId();
  #subscriber: { readonly redis: Redis; readonly ping: NodeJS.Timeout } | null = null;

  constructor(private readonly options: RedisSignalsOptions) {
    this.#listeners = new SignalListeners(options.log);
    this.#channel = `{${options.prefix}}:signals`;
  }

  publish(signal: Signal): void {
    this.#listeners.tell(signal);
    const message = JSON.stringify({ from: this.#self, signal });
    this.options.connections
      .run(this.#channel, (redis) => redis.publish(this.#channel, message))
      .catch(() => undefined);
  }

  subscribe(listener: (signal: Signal) => void): () => void {
    this.#subscriber ??= this.#open();
    return this.#listeners.add(listener);
  }

  /** Ends the subscription. */
  async close(): Promise<void> {
    if (!this.#subscriber) return;
    clearInterval(this.#subscriber.ping);
    this.options.connections.release(this.#subscriber.redis);
    this.#subscriber = null;
  }

  #open(): { readonly redis: Redis; readonly ping: NodeJS.Timeout } {
    const redis = this.options.connections.subscriber(this.#channel);
    redis.on("message", (_channel, message) => this.#hear(message));
    redis.subscribe(this.#channel).catch(() => undefined);
    const ping = setInterval(() => {
      if (redis.status === "ready") redis.ping().catch(() => undefined);
    }, PING_EVERY_MS);
    return { redis, ping: ping.unref() };
  }

  #hear(message: string): void {
    const heard = parse(message);
    if (heard && heard.from !== this.#self) this.#listeners.tell(heard.signal);
  }
}

/** Anyone may publish: what is no signal is ignored. */
function parse(message: string): { readonly from: unknown; readonly signal: Signal } | null {
  try {
    const { from, signal } = JSON.parse(message) as { from?: unknown; signal?: unknown };
    return isSignal(signal) ? { from, signal } : null;
  } catch {
    return null;
  }
}
