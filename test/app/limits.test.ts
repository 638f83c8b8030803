import { afterEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { defineTask } from "../../src/task/definition.ts";
import { FORMS, type Installation } from "../support/forms.ts";

const SECOND = 1_000;

describe.each(FORMS)("limits ($form)", ({ install }) => {
  let place: Installation;
  afterEach(() => place[Symbol.asyncDispose]());

  test("no more start within a window than the rate allows, over all workers", async () => {
    const starts: number[] = [];
    const limited = defineTask({
      name: "test.limited",
      rateLimit: "20/s",
      run: () => void starts.push(performance.now()),
    });
    place = await install();
    const app = await place.app([limited]);
    const items = Array.from({ length: 70 }, () => ({ input: {} }));
    await app.enqueueMany(limited, items);
    await vi.waitFor(() => expect(starts).toHaveLength(70), { timeout: 10_000, interval: 20 });
    starts.sort((a, b) => a - b);
    console.log(starts.map((s) => Math.round(s - starts[0]!)).join(" "));
    expect(starts[69]! - starts[0]!).toBeGreaterThan(3 * SECOND - 50);
  });

  test("no more run at once than the concurrency allows, by fair turns of the keys", async () => {
    const running = new Map<string, number>();
    let most = 0;
    let mostOfOne = 0;
    const order: string[] = [];
    const limited = defineTask({
      name: "test.limited",
      input: z.object({ customer: z.string() }),
      concurrency: [{ max: 3 }, { max: 2, key: "customer" }],
      run: async ({ customer }) => {
        order.push(customer);
        running.set(customer, (running.get(customer) ?? 0) + 1);
        most = Math.max(
          most,
          [...running.values()].reduce((a, b) => a + b, 0),
        );
        mostOfOne = Math.max(mostOfOne, running.get(customer)!);
        await new Promise((resolve) => setTimeout(resolve, 20));
        running.set(customer, running.get(customer)! - 1);
      },
    });
    place = await install();
    const app = await place.app([limited], undefined, { concurrency: 10 });
    const input = (customer: string) => ({ input: { customer } });
    await app.enqueueMany(limited, [
      ...Array.from({ length: 20 }, () => input("a")),
      ...Array.from({ length: 5 }, () => input("b")),
      ...Array.from({ length: 5 }, () => input("c")),
    ]);
    await vi.waitFor(() => expect(order).toHaveLength(30), { timeout: 10_000, interval: 20 });
    console.log(order.join(""), most, mostOfOne);
    expect([most, mostOfOne]).toEqual([3, 2]);
  });
});
