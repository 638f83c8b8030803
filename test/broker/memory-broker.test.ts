import { expect, test } from "vitest";

import { MemoryBroker } from "../../src/broker/memory-broker.ts";
import { BLOCK_MS, brokerContract } from "../contract/broker.ts";

brokerContract("MemoryBroker", async () => {
  const broker = new MemoryBroker({ blockMs: BLOCK_MS });
  return { broker, close: () => broker.close() };
});

test("says what it is", async () => {
  expect(await new MemoryBroker().health()).toEqual({ kind: "memory", version: null, evictionPolicy: null });
});
