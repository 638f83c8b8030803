import type { Json } from "../../lib/json/json.ts";
import type { RedisConnections } from "../../redis/connections.ts";
import { redisFailure } from "../../redis/errors.ts";

/**
 * Names the output of one outcome. The version is that of the finished task: a late outcome of a
 * rescued attempt has another.
 */
export interface ResultKey {
  readonly taskId: string;
  readonly version: number;
}

export interface StoredResult extends ResultKey {
  readonly output: Json;
  /** Time to live in milliseconds. */
  readonly keepMs: number;
}

/** Stores outputs outside of the tasks' rows. */
export interface ResultStore {
  /** @throws Error when one of them could not be stored */
  put(results: readonly StoredResult[]): Promise<void>;
  /**
   * Returns one entry for each key, in order: undefined for a missing or expired output.
   * @throws UnavailableError
   */
  get(keys: readonly ResultKey[]): Promise<(Json | undefined)[]>;
}

/**
 * Stores outputs as JSON, each under its own key with its retention as time to live. On a cluster
 * the keys spread over all nodes.
 */
export class RedisResultStore implements ResultStore {
  constructor(
    private readonly options: {
      /** Shared with the other adapters. Its creator closes it. */
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
