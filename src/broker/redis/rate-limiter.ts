import type { RedisConnections } from "../../redis/connections.ts";
import { redisFailure } from "../../redis/errors.ts";
import { redisScript, runScript } from "../../redis/script.ts";
import {
  type PermitRequest,
  type Permits,
  BINS,
  type RateLimiter,
  RETURN_MS,
  UNREPORTED_MS,
  type UsedPermits,
} from "../rate-limiter.ts";

export interface RedisRateLimiterOptions {
  readonly connections: Pick<RedisConnections, "run">;
  /** Prefix of all keys. */
  readonly prefix: string;
}

/**
 * A bucket is one JSON value: `s`, the starts by bin as { last, count, first }, and `t`, the
 * permits that are taken and not reported, by id as { at, count }. Times are milliseconds of Redis'
 * clock, rounded so that a start counts slightly too long and never too short.
 */
const BUCKET = `
local HOLD = ${UNREPORTED_MS}
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local stamp = time[1] * 1000 + math.ceil(time[2] / 1000)
local function load(key)
  local raw = redis.call('GET', key)
  return raw and cjson.decode(raw) or { s = {}, t = {} }
end
local function save(key, bucket, window)
  redis.call('SET', key, cjson.encode(bucket), 'PX', string.format('%.0f', window + HOLD))
end
local function counted(bucket, window)
  local kept, taken, sum = {}, {}, 0
  for _, bin in ipairs(bucket.s) do
    if bin[1] + window > now then
      kept[#kept + 1] = bin
      sum = sum + bin[2]
    end
  end
  for id, permits in pairs(bucket.t) do
    if permits[1] + math.max(window, HOLD) > now then
      taken[id] = permits
      sum = sum + permits[2]
    end
  end
  bucket.s, bucket.t = kept, taken
  return sum
end
`;

/**
 * KEYS: the mark of a closed scope, buckets. ARGV: id, then for each bucket limit, window, wanted.
 * Returns pairs of granted and wait.
 */
const TAKE = redisScript(`${BUCKET}
local closed = redis.call('PTTL', KEYS[1])
local answers = {}
for i = 2, #KEYS do
  local limit, window, wanted = tonumber(ARGV[3 * i - 4]), tonumber(ARGV[3 * i - 3]), tonumber(ARGV[3 * i - 2])
  local granted, wait = 0, closed
  if closed <= 0 then
    local bucket = load(KEYS[i])
    local sum = counted(bucket, window)
    granted = math.max(0, math.min(wanted, limit - sum))
    wait = 0
    if granted > 0 then
      bucket.t[ARGV[1]] = { stamp, granted }
      save(KEYS[i], bucket, window)
    end
    if granted < wanted then
      local over, freed = sum + granted - limit, 0
      wait = nil
      for _, bin in ipairs(bucket.s) do
        freed = freed + bin[2]
        if not wait and freed > over then wait = bin[1] + window - now end
      end
      if not wait then
        wait = window
        for _, permits in pairs(bucket.t) do wait = math.min(wait, permits[1] + window - now) end
      end
      for id, permits in pairs(bucket.t) do
        if id ~= ARGV[1] and permits[1] + HOLD > now then wait = math.min(wait, ${RETURN_MS}) end
      end
    end
  end
  answers[#answers + 1] = granted
  answers[#answers + 1] = wait
end
return answers`);

/** KEYS: buckets. ARGV: id, then for each bucket window, used. */
const REPORT = redisScript(`${BUCKET}
for i = 1, #KEYS do
  local window, used = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  local bucket = load(KEYS[i])
  counted(bucket, window)
  bucket.t[ARGV[1]] = nil
  if used > 0 then
    local last = bucket.s[#bucket.s]
    if last and stamp - last[3] <= window / ${BINS} then
      last[1], last[2] = stamp, last[2] + used
    else
      bucket.s[#bucket.s + 1] = { stamp, used, stamp }
    end
  end
  save(KEYS[i], bucket, window)
end
return 1`);

/** KEYS: the mark. ARGV: ms. */
const CLOSE = redisScript(`
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then redis.call('SET', KEYS[1], '1', 'PX', ARGV[1]) end
return 1`);

/** Counts starts in Redis, by Redis' clock. */
export class RedisRateLimiter implements RateLimiter {
  constructor(private readonly options: RedisRateLimiterOptions) {}

  async take(scope: string, id: string, requests: readonly PermitRequest[]): Promise<Permits[]> {
    const keys = [this.#closedKey(scope), ...requests.map(({ bucket }) => this.#key(scope, bucket))];
    const args = requests.flatMap(({ rate, wanted }) => [rate.limit, rate.windowMs, wanted]);
    const answers = (await this.#asked(TAKE, keys, [id, ...args])) as number[];
    return requests.map((_, index) => ({
      granted: answers[2 * index]!,
      waitMs: Math.max(0, answers[2 * index + 1]!),
    }));
  }

  report(scope: string, id: string, used: readonly UsedPermits[]): void {
    if (used.length === 0) return;
    const keys = used.map(({ bucket }) => this.#key(scope, bucket));
    const args = used.flatMap((one) => [one.rate.windowMs, one.used]);
    this.#asked(REPORT, keys, [id, ...args]).catch(() => undefined);
  }

  async close(scope: string, forMs: number): Promise<void> {
    await this.#asked(CLOSE, [this.#closedKey(scope)], [Math.max(1, Math.ceil(forMs))]);
  }

  async closedMs(scope: string): Promise<number> {
    const key = this.#closedKey(scope);
    try {
      return Math.max(0, await this.options.connections.run(key, (redis) => redis.pttl(key)));
    } catch (error) {
      throw redisFailure(error);
    }
  }

  async #asked(
    script: ReturnType<typeof redisScript>,
    keys: readonly string[],
    args: readonly (string | number)[],
  ): Promise<unknown> {
    try {
      return await runScript(this.options.connections, script, keys, args);
    } catch (error) {
      throw redisFailure(error);
    }
  }

  #key(scope: string, bucket: string): string {
    return `{${this.options.prefix}:rate:${scope}}:${bucket}`;
  }

  /** Not the name of any bucket: those are hashes, or empty. */
  #closedKey(scope: string): string {
    return this.#key(scope, "closed");
  }
}
