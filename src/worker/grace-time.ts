import type { Logger } from "../lib/log.ts";
import type { Slots } from "./slots.ts";

/** The time in which running tasks may finish before a stop: until all have, so many milliseconds have passed, or somebody is in a hurry. */
export async function graceTime(
  slots: Slots,
  { graceMs, hurry, log }: { readonly graceMs: number; readonly hurry: Promise<void>; readonly log: Logger },
): Promise<void> {
  const idle = slots.whenIdle();
  if (slots.busy > 0) log.info("Waiting for running tasks", { tasks: slots.busy, graceMs });
  const timeUp = Promise.withResolvers<void>();
  const timer = setTimeout(timeUp.resolve, graceMs);
  await Promise.race([idle, timeUp.promise, hurry]);
  clearTimeout(timer);
}
