import { expect, test } from "vitest";

import { MemoryBroker } from "../../src/broker/memory/broker.ts";
import { laneContract } from "../contract/broker-lanes.ts";
import { BLOCK_MS, brokerContract, type BrokerUnderTest } from "../contract/broker.ts";

brokerContract("MemoryBroker", open);
laneContract("MemoryBroker", open);

async function open(): Promise<BrokerUnderTest> {
  const broker = new MemoryBroker({ blockMs: BLOCK_MS });
  return { broker, close: () => broker.close() };
}

test("says what it is", async () => {
  expect(await new MemoryBroker().health()).toEqual({
    kind: "memory",
    version: null,
    evictionPolicy: null,
    denied: null,
  });
});
