import { setTimeout as pause } from "node:timers/promises";

import type { Redis } from "ioredis";
import { afterEach, describe, expect, test } from "vitest";

import { redisScript } from "../../src/redis/script.ts";
import type { ConnectionsPort } from "./ioredis-connections.ts";

/** A command that fails for want of a connection fails at once. */
export const AT_ONCE_MS = 250;
export const BACK_MS = 10_000;
export const ADD = redisScript("return redis.call('INCRBY', KEYS[1], ARGV[1])");

export interface ConnectionsUnderTest {
  readonly make: (url: string) => ConnectionsPort;
  /**
   * Names of the cases that these connections are known to fail. They must fail: a case that passes
   * is a reason to decide anew.
   */
  readonly fails?: readonly string[];
}

interface Tools {
  readonly it: (name: string, timeoutMs: number, body: () => Promise<void>) => void;
  readonly connected: (url: string) => Promise<ConnectionsPort>;
  readonly closeLater: (close: () => Promise<void>) => void;
}

export function describeConnections(
  name: string,
  { make, fails = [] }: ConnectionsUnderTest,
  cases: (tools: Tools) => void,
): void {
  describe(name, () => {
    const open: (() => Promise<void>)[] = [];
    const known = new Set<string>();
    afterEach(async () => {
      for (const close of open.splice(0).toReversed()) await close();
    });
    const closeLater = (close: () => Promise<void>): void => void open.push(close);
    cases({
      closeLater,
      it: (title, timeout, body) => {
        known.add(title);
        (fails.includes(title) ? test.fails : test)(title, { timeout }, body);
      },
      connected: async (url) => {
        const connections = make(url);
        closeLater(() => connections.close());
        await connections.connect();
        return connections;
      },
    });
    test("the list of known failures names cases of the contract", () => {
      expect(fails.filter((title) => !known.has(title))).toEqual([]);
    });
  });
}

/** How a command ended, and after how many milliseconds. */
interface Tried {
  readonly number: number;
  readonly ok: boolean;
  readonly ms: number;
}

export async function tried(number: number, command: () => Promise<unknown>): Promise<Tried> {
  const startedAt = performance.now();
  const ok = await command().then(
    () => true,
    () => false,
  );
  return { number, ok, ms: performance.now() - startedAt };
}

/**
 * Sends a command every so often, without waiting for the one before; resolves when all have ended.
 */
export async function stream(
  forMs: number,
  everyMs: number,
  command: (number: number) => Promise<unknown>,
): Promise<Tried[]> {
  const all: Promise<Tried>[] = [];
  for (let number = 0; number * everyMs < forMs; number += 1) {
    all.push(tried(number, () => command(number)));
    await pause(everyMs);
  }
  return Promise.all(all);
}

export const slowest = (some: readonly Tried[]): number => Math.max(...some.map(({ ms }) => ms));
export const push = (connections: ConnectionsPort, key: string, value: number | string): Promise<number> =>
  connections.run(key, (redis) => redis.rpush(key, value));

export const readFrom = (redis: Redis, key: string, blockMs: number): Promise<unknown> =>
  redis.xread("BLOCK", blockMs, "STREAMS", key, "0");
