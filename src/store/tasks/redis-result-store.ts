import type { Json } from "../../lib/json.ts";
import type { RedisConnections } from "../../redis/connections.ts";
import { redisFailure } from "../../redis/errors.ts";
import type { ResultKey, ResultStore, StoredResult } from "./result-store.ts";

/**
 * Stores outputs as JSON, each under its own key with its retention as time to live. On a cluster
 * the keys spread over all nodes.
 */
export class RedisResultStore implements ResultStore {
  constructor(
    private readonly options: {
      /** Shared with the other adapters. Whoever created it closes it. */
      readonly connections: RedisConnections;
      readonly prefix: string;
    },
  ) {}

  /** Commands of one turn of the event loop are sent together. */
  async put(results: readonly StoredResult[]): Promise<void> {
    const stored = results.map((result) => {
      const key = this.#keyOf(result);
      const text = JSON.stringify(result.output);
      return this.options.connections.run(key, (redis) => redis.set(key, text, "PX", result.keepMs));
    });
    await Promise.all(stored);
  }

  async get(keys: readonly ResultKey[]): Promise<(Json | undefined)[]> {
    try {
      return await Promise.all(keys.map((key) => this.#read(this.#keyOf(key))));
    } catch (error) {
      throw redisFailure(error);
    }
  }

  async #read(key: string): Promise<Json | undefined> {
    const text = await this.options.connections.run(key, (redis) => redis.get(key));
    if (text === null) return undefined;
    try {
      return JSON.parse(text) as Json;
    } catch {
      return undefined; // Another client changed the key: a value that is not JSON counts as absent.
    }
  }

  #keyOf({ taskId, version }: ResultKey): string {
    return `${this.options.prefix}:result:${taskId}:${version}`;
  }
}
