import { PerformanceObserver } from "node:perf_hooks";
import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

/** Bytes of the young generation while a process starts, and once it works. */
const STARTING = 8_000_000;
const WORKING = 32_000_000;

/**
 * Keeps the heap of this process near what it needs. V8 sizes it by the machine's memory: a worker
 * that needs 40 MB would let garbage pile up to 300 MB before it looks. Here the old generation
 * grows by 50 % between collections instead of up to fourfold, and the young one stops growing once
 * it is large enough. Neither limits what a task may use. For whole processes, such as those of the
 * command line: a library should not set this for its host.
 *
 * How large is enough? What a task allocates lives until its outcome is recorded, some ten
 * milliseconds. A young generation that is collected more often than that moves it all to the old
 * one, whose collections then took a quarter of a draining worker's time: with 8 MB, and growth by
 * 30 %, it needed some 20 % more of the processor and 30 MB less memory.
 *
 * Returns what to call once the process has started: only then can the young generation be stopped
 * at a certain size, since it is looked at between the turns of the event loop, and those of a
 * start are long.
 */
export function tameHeap(): () => void {
  setFlagsFromString("--heap-growing-percent=50");
  stopYoungAt(STARTING);
  return () => {
    setFlagsFromString("--semi-space-growth-factor=2");
    stopYoungAt(WORKING);
  };
}

function stopYoungAt(bytes: number): void {
  const observer = new PerformanceObserver(() => {
    const young = getHeapSpaceStatistics().find((space) => space.space_name === "new_space");
    if (!young || young.space_size < bytes) return;
    setFlagsFromString("--semi-space-growth-factor=1");
    observer.disconnect();
  });
  observer.observe({ entryTypes: ["gc"] });
}
