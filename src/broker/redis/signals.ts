import type { Redis } from "ioredis";

import type { Logger } from "../../lib/log/log.ts";
import type { RedisConnections } from "../../redis/connections.ts";
import { newId } from "../../lib/uuid.ts";
import { SignalListeners } from "../signals.ts";
import { isSignal, type Signal, type Signals } from "../signals.ts";

export interface RedisSignalsOptions {
  readonly connections: RedisConnections;
  readonly prefix: string;
  readonly log: Logger;
}

/**
 * A subscription may receive nothing for hours. Without pings a dead socket would look the same.
 */
const PING_EVERY_MS = 5_000;

/**
 * Signals through Redis' publish and subscribe. Listeners of this process are notified directly,
 * also while Redis is unreachable. The first `subscribe` opens the subscription, and it is renewed
 * after each reconnect.
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
    this.#listeners.notify(signal);
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
    redis.on("message", (_channel, message) => this.#receive(message));
    redis.subscribe(this.#channel).catch(() => undefined);
    const ping = setInterval(() => {
      if (redis.status === "ready") redis.ping().catch(() => undefined);
    }, PING_EVERY_MS);
    return { redis, ping: ping.unref() };
  }

  #receive(message: string): void {
    const received = parse(message);
    if (received && received.from !== this.#self) this.#listeners.notify(received.signal);
  }
}

/** Parses a message; null when it is not a signal. Any client of Redis may publish. */
function parse(message: string): { readonly from: unknown; readonly signal: Signal } | null {
  try {
    const { from, signal } = JSON.parse(message) as { from?: unknown; signal?: unknown };
    return isSignal(signal) ? { from, signal } : null;
  } catch {
    return null;
  }
}
