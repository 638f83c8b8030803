import { MemoryRateLimiter } from "../../src/broker/memory/rate-limiter.ts";
import {
  PartitionFetcher,
  type PartitionFetcherParts,
} from "../../src/worker/partitions/partition-fetcher.ts";
import type { Slots } from "../../src/worker/slots.ts";
import type { EngineParts } from "./engine-parts.ts";

/**
 * Takes on the limited tasks of `test.task`, which has no limits where `change` does not say so.
 */
export function partitionFetcher(
  parts: Pick<EngineParts, "stores" | "hints">,
  slots: Slots,
  onClaimed: PartitionFetcherParts["onClaimed"],
  change: Partial<PartitionFetcherParts> = {},
): PartitionFetcher {
  return new PartitionFetcher({
    store: parts.stores.limited,
    limiter: new MemoryRateLimiter(),
    hints: parts.hints,
    slots,
    names: ["test.task"],
    mayClaim: () => true,
    limits: { ofTask: () => null, isPaused: () => false, ofQueue: () => null },
    onClaimed,
    ...change,
  });
}
