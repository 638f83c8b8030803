import type { Registry } from "../task/registry.ts";

/** Queues that task definitions name: they are shown even when nothing waits in them. */
export function knownQueues(registry: Registry): string[] {
  return [...new Set(registry.all().map((definition) => definition.queue))];
}
