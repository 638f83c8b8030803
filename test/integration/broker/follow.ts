import { expect } from "vitest";

import type { Consumer, Delivery } from "../../../src/broker/broker.ts";
import { UnavailableError } from "../../../src/errors.ts";

export interface Follower {
  /** Ids of the tasks whose hints came, in their order. */
  readonly got: readonly string[];
  readonly stop: () => Promise<void>;
}

/**
 * Goes on fetching from some queues, as a worker does, and acks what comes. Any failure but
 * UnavailableError fails the test.
 */
export function follow(consumer: Consumer, queues: readonly string[]): Follower {
  const got: string[] = [];
  const abort = new AbortController();
  const loop = (async () => {
    while (!abort.signal.aborted) {
      const some = await consumer.fetch(queues, 10, abort.signal).catch((error: unknown): Delivery[] => {
        expect(error).toBeInstanceOf(UnavailableError);
        return [];
      });
      for (const delivery of some) {
        got.push(delivery.taskId);
        delivery.ack();
      }
      if (some.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  loop.catch(() => undefined); // Told by stop.
  return {
    got,
    stop: async () => {
      abort.abort();
      await loop;
    },
  };
}
