import { MemoryRateLimiter } from "../../src/broker/memory/rate-limiter.ts";
import { LaneIntake, type LaneIntakeParts } from "../../src/worker/partitions/partition-fetcher.ts";
import type { Slots } from "../../src/worker/slots.ts";
import type { EngineParts } from "./engine-parts.ts";

/** Takes on the limited tasks of `test.task`, which has no limits where `change` does not say so. */
export function laneIntake(
  parts: Pick<EngineParts, "stores" | "hints">,
  slots: Slots,
  onClaimed: LaneIntakeParts["onClaimed"],
  change: Partial<LaneIntakeParts> = {},
): LaneIntake {
  return new LaneIntake({
    store: parts.stores.limited,
    limiter: new MemoryRateLimiter(),
    hints: parts.hints,
    slots,
    names: ["test.task"],
    mayBegin: () => true,
    limits: { ofTask: () => null, isPaused: () => false, ofQueue: () => null },
    onClaimed,
    ...change,
  });
}
