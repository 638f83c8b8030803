import { beforeEach, describe, expect, test } from "vitest";
import { type Permits, type RateLimiter, RETURN_MS } from "../../src/broker/rate-limiter.ts";
import { newId } from "../../src/lib/uuid.ts";
import type { Rate } from "../../src/task/limits/rate.ts";

const MINUTE: Rate = { limit: 10, windowMs: 60_000 };
const QUICK: Rate = { limit: 10, windowMs: 400 };

/** What every limiter does, whatever it is made of. */
export function limiterContract(name: string, make: () => RateLimiter): void {
  describe(`${name} as a rate limiter`, () => {
    let limiter: RateLimiter;
    let scope: string;
    beforeEach(() => {
      limiter = make();
      scope = `task:${newId()}`;
    });

    const take = async (wanted: number, rate = MINUTE, bucket = "", id = newId()): Promise<Permits> =>
      (await limiter.take(scope, id, [{ bucket, rate, wanted }]))[0]!;
    const start = async (wanted: number, rate = MINUTE): Promise<Permits> => {
      const id = newId();
      const permits = await take(wanted, rate, "", id);
      limiter.report(scope, id, [{ bucket: "", rate, used: permits.granted }]);
      return permits;
    };
    const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

    test("grants no more than the rate allows, and returns when more may be granted", async () => {
      expect(await start(7)).toEqual({ granted: 7, waitMs: 0 });
      const rest = await take(7);
      expect(rest.granted).toBe(3);
      expect(rest.waitMs).toBeGreaterThan(50_000);
      expect(rest.waitMs).toBeLessThanOrEqual(60_010);
      expect((await take(1)).granted).toBe(0);
    });

    test("many concurrent requests get no more together", async () => {
      const all = await Promise.all(Array.from({ length: 50 }, () => take(3)));
      expect(all.reduce((sum, { granted }) => sum + granted, 0)).toBe(10);
    });

    test("permits that were not used are free again at once", async () => {
      const id = newId();
      await take(10, MINUTE, "", id);
      limiter.report(scope, id, [{ bucket: "", rate: MINUTE, used: 4 }]);
      expect((await take(10)).granted).toBe(6);
    });

    test("a request that is refused while others may return permits asks again soon, not when a window has passed", async () => {
      const id = newId();
      await take(10, MINUTE, "", id);
      const refused = await take(1);
      expect(refused).toMatchObject({ granted: 0, waitMs: RETURN_MS });
      limiter.report(scope, id, [{ bucket: "", rate: MINUTE, used: 9 }]);
      expect(await start(1)).toMatchObject({ granted: 1 });
      expect((await take(1)).waitMs).toBeGreaterThan(50_000);
    });

    test("a start counts from when it is reported, for the whole window", async () => {
      const id = newId();
      await take(10, QUICK, "", id);
      await sleep(200);
      const reportedAt = performance.now();
      limiter.report(scope, id, [{ bucket: "", rate: QUICK, used: 10 }]);
      for (;;) {
        const { granted, waitMs } = await take(1, QUICK);
        if (granted > 0) break;
        await sleep(Math.max(1, waitMs));
      }
      expect(performance.now() - reportedAt).toBeGreaterThanOrEqual(399);
    });

    test("more permits are granted after the time that it returned", async () => {
      await start(10, QUICK);
      const { granted, waitMs } = await take(1, QUICK);
      expect(granted).toBe(0);
      await sleep(waitMs + 5);
      expect((await take(10, QUICK)).granted).toBe(10);
    });

    test("buckets and scopes are counted apart", async () => {
      const requests = ["a", "b", "a b"].map((bucket) => ({ bucket, rate: MINUTE, wanted: 20 }));
      const permits = await limiter.take(scope, newId(), requests);
      expect(permits.map(({ granted }) => granted)).toEqual([10, 10, 10]);
      expect((await limiter.take(`${scope}2`, newId(), requests))[0]!.granted).toBe(10);
    });

    test("a lowered rate applies to earlier starts too", async () => {
      await start(10);
      expect((await take(1, { limit: 20, windowMs: 60_000 })).granted).toBe(1);
      expect((await take(1, { limit: 5, windowMs: 60_000 })).granted).toBe(0);
    });

    test("permits whose use is never reported expire with their time", async () => {
      const rate = { limit: 10, windowMs: 60_000 };
      await take(10, rate);
      const { granted, waitMs } = await take(1, rate);
      expect(granted).toBe(0);
      expect(waitMs).toBeLessThanOrEqual(60_010);
    });

    test("a closed scope grants nothing until its time has passed; the longest time counts", async () => {
      await limiter.close(scope, 300);
      await limiter.close(scope, 100);
      const { granted, waitMs } = await take(1);
      expect(granted).toBe(0);
      expect(waitMs).toBeGreaterThan(150);
      expect(await limiter.closedMs(scope)).toBeGreaterThan(150);
      await sleep(waitMs + 5);
      expect((await take(1)).granted).toBe(1);
      expect(await limiter.closedMs(scope)).toBe(0);
    });
  });
}
