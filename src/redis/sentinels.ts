import { StartError } from "../errors.ts";
import { isRefusal, plainError, replyCode } from "./errors.ts";
import { askOnce } from "./ask-once.ts";
import { type RedisAddress, type RedisPlace, type RedisTarget, showAddress } from "./url.ts";

type SentinelPlace = RedisPlace & { readonly kind: "sentinel" };

/** Knows from the sentinels where the master is. Holds nothing for long: each connect asks anew. */
export class RedisSentinels {
  /** Who answered last comes first. */
  #order: readonly RedisAddress[];
  #asking: Promise<RedisAddress> | null = null;

  constructor(
    private readonly place: SentinelPlace,
    private readonly tls: RedisTarget["tls"],
  ) {
    this.#order = place.sentinels;
  }

  /**
   * Asks one sentinel after the other. Connections that ask at the same time share one answer.
   *
   * @throws StartError when a sentinel refuses us (77), or knows no such master or is none (78); else why the last one did not answer
   */
  master(): Promise<RedisAddress> {
    this.#asking ??= this.#askAll().finally(() => (this.#asking = null));
    return this.#asking;
  }

  /** What was answered last was wrong: another sentinel is asked first the next time. */
  distrust(): void {
    this.#order = [...this.#order.slice(1), ...this.#order.slice(0, 1)];
  }

  async #askAll(): Promise<RedisAddress> {
    const failures: unknown[] = [];
    for (const sentinel of this.#order) {
      try {
        const master = await this.#ask(sentinel);
        this.#order = [sentinel, ...this.#order.filter((other) => other !== sentinel)];
        return master;
      } catch (error) {
        failures.push(error);
      }
    }
    // What someone can put right says more than that others are away.
    throw failures.find((failure) => failure instanceof StartError) ?? failures.at(-1);
  }

  async #ask(address: RedisAddress): Promise<RedisAddress> {
    const { username, password, master } = this.place;
    const label = showAddress(address);
    const answer = await askOnce({ address, tls: this.tls, username, password }, (redis) =>
      redis.call("SENTINEL", "get-master-addr-by-name", master),
    ).catch((error: unknown) => {
      throw this.#judge(label, error);
    });
    if (!Array.isArray(answer)) {
      const advice = "Correct the name in REDIS_URL: it is the first word after sentinel monitor.";
      throw new StartError(
        `The sentinel at ${label} knows no master ${JSON.stringify(master)}. ${advice}`,
        78,
      );
    }
    return { host: String(answer[0]), port: Number(answer[1]) };
  }

  #judge(label: string, error: unknown): unknown {
    const cause = plainError(error);
    if (error instanceof Error && isRefusal(error)) {
      const advice =
        "Give its own password in REDIS_URL: ?sentinelpassword=…, and sentineluser=… if it wants one.";
      return new StartError(`The sentinel at ${label} refused us (${cause.message}). ${advice}`, 77, {
        cause,
      });
    }
    if (replyCode(error) !== "ERR") return error;
    const advice = "Name sentinels in REDIS_URL (their port is usually 26379), or begin it with redis://.";
    return new StartError(`${label} is no sentinel (${cause.message}). ${advice}`, 78, { cause });
  }
}
