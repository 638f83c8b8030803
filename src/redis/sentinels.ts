import { StartError } from "../errors.ts";
import { askAny, type Question } from "./ask.ts";
import type { RedisAddress, RedisEndpoint, RedisTarget } from "./url.ts";

type SentinelEndpoint = RedisEndpoint & { readonly kind: "sentinel" };

/** Asks the sentinels for the address of the master. Keeps no answer: each connect asks again. */
export class RedisSentinels {
  /** The sentinel that answered last comes first. */
  #order: readonly RedisAddress[];
  #asking: Promise<RedisAddress> | null = null;
  readonly #question: Question<RedisAddress>;

  constructor({ sentinels, master, username, password }: SentinelEndpoint, tls: RedisTarget["tls"]) {
    this.#order = sentinels;
    this.#question = {
      login: { username, password, tls },
      messages: MESSAGES,
      ask: async (redis, label) => {
        const answer = await redis.call("SENTINEL", "get-master-addr-by-name", master);
        if (Array.isArray(answer)) return { host: String(answer[0]), port: Number(answer[1]) };
        throw new StartError(
          `The sentinel at ${label} does not know the master ${JSON.stringify(master)}. ` +
            "Correct the name in REDIS_URL: it is the first word after sentinel monitor.",
          78,
        );
      },
    };
  }

  /**
   * Returns the address of the master. Connections that ask at the same time share one answer.
   *
   * @throws StartError when a sentinel denies access (77), is not a sentinel (78), or does not know
   * the master (78); otherwise the failure of the last sentinel
   */
  master(): Promise<RedisAddress> {
    this.#asking ??= this.#ask().finally(() => (this.#asking = null));
    return this.#asking;
  }

  /** The last answer was wrong: asks another sentinel first the next time. */
  distrust(): void {
    this.#order = [...this.#order.slice(1), ...this.#order.slice(0, 1)];
  }

  async #ask(): Promise<RedisAddress> {
    const { answer, address } = await askAny(this.#order, this.#question);
    this.#order = [address, ...this.#order.filter((other) => other !== address)];
    return answer;
  }
}

const MESSAGES: Question<RedisAddress>["messages"] = {
  accessDenied: (label, reason) =>
    `The sentinel at ${label} denied access (${reason}). ` +
    "Give its own password in REDIS_URL: ?sentinelpassword=…, and sentineluser=… if it needs a user.",
  otherKind: (label, reason) =>
    `${label} is not a sentinel (${reason}). ` +
    "Name sentinels in REDIS_URL (their port is usually 26379), or begin it with redis://.",
};
