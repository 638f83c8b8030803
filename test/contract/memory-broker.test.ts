import { expect, test } from "vitest";

import { MemoryBroker } from "../../src/broker/memory/broker.ts";
import { partitionContract } from "./broker-partitions.ts";
import { BLOCK_MS, brokerContract, type BrokerUnderTest } from "./broker.ts";

brokerContract("MemoryBroker", open);
partitionContract("MemoryBroker", open);

async function open(): Promise<BrokerUnderTest> {
  const broker = new MemoryBroker({ blockMs: BLOCK_MS });
  return { broker, close: () => broker.close() };
}

test("reports its kind", async () => {
  expect(await new MemoryBroker().health()).toEqual({
    kind: "memory",
    version: null,
    evictionPolicy: null,
    denied: null,
  });
});
